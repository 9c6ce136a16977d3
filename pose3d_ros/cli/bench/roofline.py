"""The network against what the processor can do.

The peak is measured: a product of two large matrices by the same library and with as many threads,
in 32-bit floats, and in 8-bit integers where the network computes with those. Of many runs the
fastest counts, of the network and of the product: what is asked is what the processor can do.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from pose3d_ros.cli.settings import from_arguments
from pose3d_ros.config import PipelineConfig
from pose3d_ros.model_estimator import ModelEstimator
from pose3d_ros.model_file import find_model
from pose3d_ros.options import updated
from pose3d_ros.precision import TWINS

__all__ = ['run']

_SIDE = 1024  # of the matrices
_PRODUCTS = 30


def run(arguments: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Return a report and a text: operations, what is reached, and where the time goes."""
    config = from_arguments(PipelineConfig, arguments)
    path = find_model(config.model or config.estimator)
    estimator = ModelEstimator(path, updated(config, {'runtime': 'onnx'}))
    file = estimator.file.path
    estimator.close()
    precision = next((each for each in TWINS if file.stem.endswith(f'_{each}')), 'fp32')
    gflop, depthwise = _operations(path)
    seconds, kinds = _profile(file, config.threads, estimator.input_size, max(arguments.images, 1))
    peaks = {'fp32': _peak(config.threads, integers=False)}
    if precision == 'int8':
        peaks['int8'] = _peak(config.threads, integers=True)
    peak = peaks.get(precision, peaks['fp32'])
    report = {
        'model': str(file),
        'precision': precision,
        'threads': config.threads,
        'gflop': round(gflop, 3),
        'depthwise_share': round(depthwise, 3),
        'crop_ms': round(1e3 * seconds, 3),
        'gflop_per_s': round(gflop / seconds, 1),
        'peak_gflop_per_s': {name: round(value, 1) for name, value in peaks.items()},
        'share_of_peak': round(gflop / seconds / peak, 3),
        'share_of_time': {kind: round(share, 3) for kind, share in kinds.items()},
    }
    return report, '\n'.join(f'{name}: {value}' for name, value in report.items())


def _operations(path: Path) -> tuple[float, float]:
    """Return the operations of all convolutions and products for one crop [GFLOP].

    A multiplication and an addition are two. The second number is the share of depthwise ones.
    """
    import onnx  # noqa: PLC0415 - heavy, and not needed to run

    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = {
        each.name: [side.dim_value for side in each.type.tensor_type.shape.dim]
        for each in (*graph.value_info, *graph.output)
    }
    weights = {each.name: list(each.dims) for each in graph.initializer}
    total = depthwise = 0.0
    for node in graph.node:
        if node.op_type not in {'Conv', 'Gemm', 'MatMul'} or node.input[1] not in weights:
            continue
        if node.op_type == 'Conv':
            outputs, *kernel = weights[node.input[1]]
            operations = 2.0 * np.prod(shapes[node.output[0]]) * np.prod(kernel)
            depthwise += operations if outputs > 1 and kernel[0] == 1 else 0.0
        else:
            operations = 2.0 * np.prod(weights[node.input[1]])
        total += float(operations)
    return total / 1e9, depthwise / total


def _settings(threads: int) -> ort.SessionOptions:
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.log_severity_level = 3
    return settings


def _profile(
    file: Path, threads: int, input_size: tuple[int, int], runs: int
) -> tuple[float, dict[str, float]]:
    """Return the least time for one crop [s], and the share of each kind of node in it."""
    width, height = input_size
    crop = np.random.default_rng(0).integers(0, 256, (1, height, width, 3), np.uint8)
    provider = ['CPUExecutionProvider']
    session = ort.InferenceSession(file, _settings(threads), providers=provider)
    seconds = _least(lambda: session.run(None, {'image': crop}), runs)
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(threads)
        settings.enable_profiling = True
        settings.profile_file_prefix = str(Path(folder) / 'profile')
        watched = ort.InferenceSession(file, settings, providers=provider)
        for _ in range(runs):
            watched.run(None, {'image': crop})
        events = json.loads(Path(watched.end_profiling()).read_text())
    durations: dict[str, float] = {}
    for event in events:
        if event.get('cat') == 'Node' and event['name'].endswith('_kernel_time'):
            kind = event['args']['op_name']
            durations[kind] = durations.get(kind, 0.0) + event['dur']
    whole = sum(durations.values())
    ordered = sorted(durations.items(), key=lambda item: -item[1])
    return seconds, {kind: duration / whole for kind, duration in ordered[:8]}


def _peak(threads: int, *, integers: bool) -> float:
    """Return the operations per second of a product of two large matrices [GFLOP/s]."""
    import onnx  # noqa: PLC0415 - heavy, and not needed to run
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    rng = np.random.default_rng(0)
    if integers:
        kind, result, node = TensorProto.UINT8, TensorProto.INT32, 'MatMulInteger'
        left = rng.integers(0, 255, (_SIDE, _SIDE), np.uint8)
        right = rng.integers(-64, 64, (_SIDE, _SIDE), np.int8)
    else:
        kind, result, node = TensorProto.FLOAT, TensorProto.FLOAT, 'MatMul'
        left = rng.normal(size=(_SIDE, _SIDE)).astype(np.float32)
        right = rng.normal(size=(_SIDE, _SIDE)).astype(np.float32)
    shape = (_SIDE, _SIDE)
    graph = helper.make_graph(
        [helper.make_node(node, ['a', 'b'], ['c'])],
        'product',
        [helper.make_tensor_value_info('a', kind, shape)],
        [helper.make_tensor_value_info('c', result, shape)],
        [numpy_helper.from_array(right, 'b')],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    onnx.checker.check_model(model)
    session = ort.InferenceSession(model.SerializeToString(), _settings(threads))
    return 2e-9 * _SIDE**3 / _least(lambda: session.run(None, {'a': left}), _PRODUCTS)


def _least(work: Callable[[], object], runs: int) -> float:
    """Return how long some work takes undisturbed: the least of many times [s]."""
    seconds = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)
