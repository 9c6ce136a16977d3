"""Logarithms of sums of exponentials, taken apart."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from pose3d_ros.training.logsumexp import unfold


def made(axes: list[int], keepdims: int) -> onnx.ModelProto:
    rank = 4 if keepdims else 4 - len(axes)
    graph = helper.make_graph(
        [helper.make_node('ReduceLogSumExp', ['x'], ['y'], 'sum', axes=axes, keepdims=keepdims)],
        'g',
        [helper.make_tensor_value_info('x', TensorProto.FLOAT, (2, 3, 4, 5))],
        [
            helper.make_tensor_value_info(
                'y', TensorProto.FLOAT, [f'side {axis}' for axis in range(rank)]
            )
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)


def answer(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    return ort.InferenceSession(model.SerializeToString()).run(None, {'x': x})[0]


@pytest.mark.parametrize('axes', [[1], [3], [2, 3]])
@pytest.mark.parametrize('keepdims', [0, 1])
@pytest.mark.parametrize('offset', [0.0, 300.0, -300.0])
def test_the_parts_add_up_to_the_whole(axes: list[int], keepdims: int, offset: float) -> None:
    x = offset + np.random.default_rng(2).normal(size=(2, 3, 4, 5)).astype(np.float32)
    exact = np.logaddexp.reduce(x.astype(np.float64).reshape(2, 3, 4, 5), axis=axes[0])
    if len(axes) == 2:
        exact = np.logaddexp.reduce(exact, axis=axes[0])
    model = made(axes, keepdims)
    unfold(model)
    assert 'ReduceLogSumExp' not in {node.op_type for node in model.graph.node}
    found = answer(model, x.astype(np.float32))
    assert found.ndim == (4 if keepdims else 4 - len(axes))
    np.testing.assert_allclose(found.ravel(), exact.ravel(), rtol=1e-5, atol=1e-4)
