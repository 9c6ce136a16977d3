"""`pose3d selftest`: whether this machine computes what the model says, and how fast."""

import argparse
import json
import os
import platform
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros import plugins
from pose3d_ros.camera import Camera
from pose3d_ros.cli.bench import clip
from pose3d_ros.cli.settings import add_settings, from_arguments
from pose3d_ros.config import PipelineConfig
from pose3d_ros.crop import Crop
from pose3d_ros.errors import DataError
from pose3d_ros.model_estimator import ModelEstimator
from pose3d_ros.model_file import find_model
from pose3d_ros.person import Estimates

__all__ = ['add_arguments', 'run']

_SETTINGS = ('estimator', 'model', 'device', 'precision', 'threads', 'engine_folder')
_BATCHES = (1, 2, 4, 8)
_STRIDE = 10  # every tenth frame of the clip
_WARM_UP = 10
# By precision: what may differ from 32-bit floats. Integers are coarser, and judged by the mean.
_LARGEST_PX, _LARGEST_MM, _MEAN_MM = 1.0, 5.0, 20.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to test, and where the report goes."""
    parser.add_argument('--runtime', default='auto', help='which runtime to test (default auto)')
    parser.add_argument('--crops', type=int, default=30, help='how many to compare (default 30)')
    parser.add_argument('--runs', type=int, default=100, help='how many to time (default 100)')
    parser.add_argument('--out', type=Path, help='write the report to this file, for others')
    add_settings(parser, PipelineConfig, _SETTINGS)


def run(arguments: argparse.Namespace) -> int:
    """Print a report as JSON; return 1 if the runtime computes something else than the model."""
    config = from_arguments(PipelineConfig, arguments)
    path = find_model(config.model or config.estimator)
    begin = time.perf_counter()
    ours = ModelEstimator(path, config)
    opened = time.perf_counter() - begin
    exact = ModelEstimator(path, replace(config, runtime='onnx', precision='fp32', device='cpu'))
    crops = _crops(max(arguments.crops, 1), ours.input_size, ours.crop_margin)
    parity = _compare(ours(crops), exact(crops))
    is_same = (
        parity['mean_mm'] <= _MEAN_MM
        if ours.file.path.stem.endswith('_int8')
        else parity['largest_px'] <= _LARGEST_PX and parity['largest_mm'] <= _LARGEST_MM
    )
    report = {
        'passed': is_same,
        'machine': _machine(),
        'plugins': {name: _package(name) for name in plugins.names(plugins.RUNTIMES)},
        'pipeline': {**ours.describe(), 'model': ours.file.path.name},
        'opened_s': round(opened, 2),
        'crops': len(crops),
        'parity': parity,
        'latency_ms': {
            f'{count} crops': _latency(
                ours, np.resize(crops, (count, *crops.shape[1:])), max(arguments.runs, 1)
            )
            for count in _BATCHES
        },
    }
    exact.close()
    ours.close()
    text = json.dumps(report, indent=1)
    print(text)
    if arguments.out:
        try:
            arguments.out.write_text(text + '\n')
        except OSError as error:
            message = f'{arguments.out} cannot be written: {error}'
            raise DataError(message) from error
    return 0 if is_same else 1


def _crops(count: int, size: tuple[int, int], margin: float) -> NDArray[np.uint8]:
    """Return crops of the person in the demo's clip, RGB, shape (N, height, width, 3)."""
    crops = []
    for index, frame in enumerate(islice(clip.clip_of(), 0, count * _STRIDE, _STRIDE)):
        height, width = frame.shape[:2]
        camera = Camera.from_fov(width, height, 60.0)
        crop = Crop.around(camera, clip.box_of(index * _STRIDE), size, margin)
        crops.append(cv2.cvtColor(crop.warp(frame), cv2.COLOR_BGR2RGB))
    return np.asarray(crops, np.uint8)


def _compare(ours: Estimates, exact: Estimates) -> dict[str, float]:
    """Return by how much two estimates of the same crops differ."""
    pixels = np.abs(ours.pixels - exact.pixels)
    depth = 1e3 * np.abs(ours.depth - exact.depth)
    return {
        'largest_px': round(float(pixels.max()), 3),
        'largest_mm': round(float(depth.max()), 3),
        'mean_px': round(float(pixels.mean()), 3),
        'mean_mm': round(float(depth.mean()), 3),
        'largest_confidence': round(float(np.abs(ours.confidence - exact.confidence).max()), 4),
    }


def _latency(estimator: ModelEstimator, crops: NDArray[np.uint8], runs: int) -> dict[str, float]:
    """Return median and 95th percentile of the time for a batch [ms]."""
    milliseconds = []
    for _ in range(_WARM_UP + runs):
        begin = time.perf_counter()
        estimator(crops)
        milliseconds.append(1e3 * (time.perf_counter() - begin))
    median, p95 = np.percentile(milliseconds[_WARM_UP:], (50, 95))
    return {'median': round(float(median), 3), 'p95': round(float(p95), 3)}


def _machine() -> dict[str, Any]:
    """Return what this machine is; on a Jetson also which one, and its release."""
    facts: dict[str, Any] = {
        'processor': platform.machine(),
        'cores': os.cpu_count(),
        'load_before': round(os.getloadavg()[0], 1),
        'system': platform.platform(),
        'python': platform.python_version(),
    }
    for name, path in (
        ('board', Path('/proc/device-tree/model')),
        ('jetson_linux', Path('/etc/nv_tegra_release')),
    ):
        if path.is_file():
            facts[name] = path.read_text(errors='replace').strip('\0\n').partition('\n')[0]
    return facts


def _package(name: str) -> str:
    return plugins.package(plugins.RUNTIMES, name)
