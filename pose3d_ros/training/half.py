"""Half precision: the twin of a model file that computes its trunk with 16-bit floats.

Precision is part of the graph, so that every runtime and every release of TensorRT computes the
same: a cast to 16 bits in front of the trunk, 16-bit weights in it, and a cast back behind it.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

from pose3d_ros.training.layers import trunk

__all__ = ['to_half']

_LARGEST = float(np.finfo(np.float16).max)
# Inputs that ONNX wants as 32-bit floats even where the data has 16 bits, by kind of node.
_ALWAYS_FLOAT = {'Resize': (1, 2)}


def to_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a model whose trunk computes with 16-bit floats.

    Args:
        model: A model of 32-bit floats; it stays as it is.
    """
    model = shape_inference.infer_shapes(model)
    graph = model.graph
    inside = trunk(graph)
    floats = _floats(graph)
    stored = {each.name: each for each in graph.initializer if each.data_type == TensorProto.FLOAT}
    made = {name for node in graph.node if node.name in inside for name in node.output} & floats
    halved: dict[str, str] = {}  # from tensors outside to their 16-bit twins
    widened: dict[str, str] = {}  # from tensors inside to their 32-bit twins
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        within = node.name in inside
        for place, name in enumerate(node.input):
            keeps = not within or place in _ALWAYS_FLOAT.get(node.op_type, ())
            if keeps and name in made:
                node.input[place] = _cast(name, widened, TensorProto.FLOAT, nodes)
            elif not keeps and name in stored:
                node.input[place] = _halve(stored[name], halved, graph)
            elif not keeps and name in floats - made:
                node.input[place] = _cast(name, halved, TensorProto.FLOAT16, nodes)
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    _drop_unused(graph)
    del graph.value_info[:]
    onnx.checker.check_model(model)
    return model


def _floats(graph: onnx.GraphProto) -> set[str]:
    """Return the names of all tensors of 32-bit floats."""
    typed = (*graph.input, *graph.value_info, *graph.output)
    dynamic = (each.name for each in typed if each.type.tensor_type.elem_type == TensorProto.FLOAT)
    stored = (each.name for each in graph.initializer if each.data_type == TensorProto.FLOAT)
    return {*dynamic, *stored}


def _cast(name: str, twins: dict[str, str], kind: int, nodes: list[onnx.NodeProto]) -> str:
    """Return the twin of a tensor in another precision; the first time, make it."""
    if name not in twins:
        twins[name] = f'{name}_{TensorProto.DataType.Name(kind).lower()}'
        cast = helper.make_node('Cast', [name], [twins[name]], f'{twins[name]}_cast', to=kind)
        nodes.append(cast)
    return twins[name]


def _halve(stored: TensorProto, twins: dict[str, str], graph: onnx.GraphProto) -> str:
    """Return the 16-bit twin of stored weights; the first time, make it."""
    if stored.name not in twins:
        twins[stored.name] = f'{stored.name}_float16'
        values = np.clip(numpy_helper.to_array(stored), -_LARGEST, _LARGEST)
        half = numpy_helper.from_array(values.astype(np.float16), twins[stored.name])
        graph.initializer.append(half)
    return twins[stored.name]


def _drop_unused(graph: onnx.GraphProto) -> None:
    used = {name for node in graph.node for name in node.input}
    kept = [each for each in graph.initializer if each.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
