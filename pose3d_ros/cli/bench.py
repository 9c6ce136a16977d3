"""`pose3d bench`: how long each stage takes on this machine, and how well it serves cameras."""

import argparse
import dataclasses
import json
import os
import time

import numpy as np

from pose3d_ros.camera import Camera
from pose3d_ros.config import PipelineConfig, from_arguments
from pose3d_ros.config import add_arguments as add_settings
from pose3d_ros.human import Motions
from pose3d_ros.pipeline import Pipeline

__all__ = ['add_arguments', 'run']

_WIDTH, _HEIGHT = 1280, 720
_BOX = (440.0, 60.0, 400.0, 600.0)  # one person, about 3 m away
_WARM_UP = 10
_SETTINGS = ('estimator', 'model', 'runtime', 'device', 'threads')
_TOLERANCE = 0.1  # by which the rate of others may change when a camera dies


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add how much to measure, and what."""
    parser.add_argument(
        '--images', type=int, default=200, metavar='N', help='how many to measure (default 200)'
    )
    parser.add_argument(
        '--cameras',
        type=int,
        default=0,
        metavar='N',
        help='measure the node (ROS 2) with N cameras at 30 Hz instead, one of which is killed',
    )
    parser.add_argument(
        '--seconds',
        type=float,
        default=20.0,
        metavar='S',
        help='with --cameras: how long to measure with all, and without one (default 20)',
    )
    parser.add_argument('--json', action='store_true', help='print JSON')
    add_settings(parser, PipelineConfig, _SETTINGS)


def run(arguments: argparse.Namespace) -> int:
    """Print what was measured."""
    return _run_cameras(arguments) if arguments.cameras else _run_stages(arguments)


def _run_cameras(arguments: argparse.Namespace) -> int:
    """Print how several cameras are answered, and whether the others bear the end of one."""
    from pose3d_ros.ros.demo import bench  # noqa: PLC0415 needs ROS 2

    settings = {name: value for name, value in vars(arguments).items() if name in _SETTINGS}
    load, cores = os.getloadavg()[0], os.cpu_count()
    phases = bench.measure(arguments.cameras, arguments.seconds, settings)
    changed = bench.change(phases)
    if arguments.json:
        figures = {
            name: {camera: dataclasses.asdict(each) for camera, each in phase.items()}
            for name, phase in phases.items()
        }
        print(json.dumps({'load': load, 'cores': cores, 'change': changed, 'phases': figures}))
    else:
        print(bench.table(phases))
        print(f'bench: cameras={arguments.cameras} change_of_others={changed:+.1%} ', end='')
        print(f'cores={cores} load_before={load:.1f}')
    return 0 if abs(changed) <= _TOLERANCE else 1


def _run_stages(arguments: argparse.Namespace) -> int:
    """Print median and 95th percentile by stage for one person in a 1280 x 720 image."""
    pipeline = Pipeline.load(
        config=from_arguments(PipelineConfig, arguments), clock=time.perf_counter
    )
    image = np.random.default_rng(0).integers(0, 256, (_HEIGHT, _WIDTH, 3), np.uint8)
    camera = Camera.from_fov(_WIDTH, _HEIGHT, 60.0)
    motions = Motions(pipeline.skeleton)
    seconds: list[dict[str, float]] = []
    for index in range(_WARM_UP + max(arguments.images, 1)):
        people = pipeline(image, camera, stamp=index / 30, boxes=[_BOX])
        begin = time.perf_counter()
        motions.update(people)
        stages = {**pipeline.timings, 'angles': time.perf_counter() - begin}
        seconds.append({**stages, 'total': sum(stages.values())})
    measured = seconds[_WARM_UP:]
    report = {
        stage: {
            'median_ms': round(1e3 * float(np.median(times)), 3),
            'p95_ms': round(1e3 * float(np.percentile(times, 95)), 3),
        }
        for stage in measured[0]
        for times in [[each[stage] for each in measured]]
    }
    facts = pipeline.describe()
    pipeline.close()
    if arguments.json:
        print(json.dumps({**facts, 'image': f'{_WIDTH}x{_HEIGHT}', 'stages': report}))
        return 0
    print(', '.join(f'{key} {value}' for key, value in facts.items()))
    print(f'{"stage":<8} {"median ms":>10} {"p95 ms":>8}   one person, {_WIDTH} x {_HEIGHT}')
    for stage, figures in report.items():
        print(f'{stage:<8} {figures["median_ms"]:>10.2f} {figures["p95_ms"]:>8.2f}')
    return 0
