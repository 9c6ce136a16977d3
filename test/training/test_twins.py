"""Twins of model files in smaller numbers: what stays exact, and what may differ."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from pose3d_ros.errors import DataError, ModelFileError
from pose3d_ros.training import twins
from pose3d_ros.training.half import to_half
from pose3d_ros.training.layers import trunk
from pose3d_ros.training.quantize import to_integers

SIZE, CELLS = 64, 64
RNG = np.random.default_rng(6)


def node(kind: str, inputs: str, output: str, **attributes: object) -> onnx.NodeProto:
    return helper.make_node(kind, inputs.split(), [output], output, **attributes)


@pytest.fixture
def model() -> onnx.ModelProto:
    """Two convolutions with a shortcut, and the soft-argmax of a volume of 64 x 64 x 64 cells."""
    weights = {
        'middle': np.full((1,), 118, np.float32),
        'first': RNG.normal(size=(8, 3, 3, 3)).astype(np.float32) / 300,
        'second': RNG.normal(size=(8, 8, 3, 3)).astype(np.float32) / 10,
        'last': RNG.normal(size=(CELLS, 8, 1, 1)).astype(np.float32),
        'cells': np.arange(CELLS, dtype=np.float32).reshape(1, CELLS, 1, 1),
        'everything': np.array([1, 2, 3], np.int64),
    }
    nodes = [
        node('Cast', 'image', 'floats', to=TensorProto.FLOAT),
        node('Sub', 'floats middle', 'centred'),
        node('Transpose', 'centred', 'planes', perm=[0, 3, 1, 2]),
        node('Conv', 'planes first', 'low', pads=[1, 1, 1, 1]),
        node('Relu', 'low', 'positive'),
        node('Conv', 'positive second', 'high', pads=[1, 1, 1, 1]),
        node('Add', 'high positive', 'both'),
        node('Conv', 'both last', 'volume'),
        node('Exp', 'volume', 'likely'),
        node('ReduceSum', 'likely everything', 'total', keepdims=0),
        node('Mul', 'likely cells', 'weighted'),
        node('ReduceSum', 'weighted everything', 'moment', keepdims=0),
        node('Div', 'moment total', 'depth'),
    ]
    graph = helper.make_graph(
        nodes,
        'volume',
        [helper.make_tensor_value_info('image', TensorProto.UINT8, ('N', SIZE, SIZE, 3))],
        [helper.make_tensor_value_info('depth', TensorProto.FLOAT, ('N',))],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)])
    made.ir_version = 8
    return made


def answers(model: onnx.ModelProto, crops: np.ndarray) -> np.ndarray:
    session = ort.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])
    return session.run(None, {'image': crops})[0]


def kinds(model: onnx.ModelProto) -> dict[str, int]:
    """The element types of all tensors, by name."""
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    return {each.name: each.type.tensor_type.elem_type for each in inferred.graph.value_info}


CROPS = RNG.integers(0, 256, (4, SIZE, SIZE, 3), np.uint8)


def test_the_trunk_is_what_lies_between_convolutions(model: onnx.ModelProto) -> None:
    assert trunk(model.graph) == {'low', 'positive', 'high', 'both', 'volume'}


def test_in_half_precision_the_trunk_alone_has_16_bits(model: onnx.ModelProto) -> None:
    found = kinds(to_half(model))
    for name in ('low', 'positive', 'high', 'both', 'volume'):
        assert found[name] == TensorProto.FLOAT16, name
    for name in ('floats', 'centred', 'planes', 'likely', 'weighted', 'total'):
        assert found[name] == TensorProto.FLOAT, name


def test_in_half_precision_the_picture_goes_through_a_cast_first(model: onnx.ModelProto) -> None:
    takers = [each for each in to_half(model).graph.node if 'image' in each.input]
    assert [each.op_type for each in takers] == ['Cast']


def test_half_precision_survives_a_flat_volume(model: onnx.ModelProto) -> None:
    for weights in model.graph.initializer:
        if weights.name == 'last':
            weights.CopyFrom(
                numpy_helper.from_array(np.zeros((CELLS, 8, 1, 1), np.float32), 'last')
            )
    np.testing.assert_allclose(answers(to_half(model), CROPS), (CELLS - 1) / 2, atol=1e-3)


def test_smaller_numbers_answer_nearly_the_same(model: onnx.ModelProto) -> None:
    exact = answers(model, CROPS)
    assert np.ptp(exact) > 0.1
    np.testing.assert_allclose(answers(to_half(model), CROPS), exact, atol=0.05)
    np.testing.assert_allclose(answers(to_integers(model, CROPS), CROPS), exact, atol=1.0)


def test_with_integers_the_trunk_alone_is_quantised(model: onnx.ModelProto) -> None:
    smaller = to_integers(model, CROPS)
    behind = {name for each in smaller.graph.node for name in each.input}
    fed = [each.output[0] for each in smaller.graph.node if each.op_type == 'QuantizeLinear']
    assert any(name.startswith('planes') for name in fed)
    assert not any(name.startswith(('likely', 'weighted')) for name in fed)
    assert 'image' in behind


def test_the_model_stays_as_it_is(model: onnx.ModelProto) -> None:
    before = model.SerializeToString()
    to_half(model)
    to_integers(model, CROPS)
    assert model.SerializeToString() == before


def test_integers_need_crops_to_measure_on(model: onnx.ModelProto, tmp_path: Path) -> None:
    onnx.save(model, tmp_path / 'model.onnx')
    with pytest.raises(DataError, match=r'int8 needs crops .* give --data'):
        twins.make(tmp_path / 'model.onnx', 'int8', data=None)


def test_a_file_that_is_no_model_has_no_twin(tmp_path: Path) -> None:
    (tmp_path / 'model.onnx').write_text('nonsense')
    with pytest.raises(ModelFileError, match=r'model\.onnx cannot be read as an ONNX model'):
        twins.make(tmp_path / 'model.onnx', 'fp16', data=None)
