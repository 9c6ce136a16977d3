"""Layers of an ONNX graph: those that may compute with smaller numbers."""

from collections.abc import Iterable

import onnx

__all__ = ['trunk']

_CONVOLUTIONS = ('Conv', 'ConvTranspose')


def trunk(graph: onnx.GraphProto) -> set[str]:
    """Return the names of the convolutions and of all nodes on a way from one to another.

    What comes before is the normalisation, and what comes after is the soft-argmax: both stay in
    32-bit floats. The exponentials of a flat volume of 64 x 64 x 64 add up to 262,144, and the
    largest 16-bit float is 65,504.

    Args:
        graph: The graph of a model file, in topological order.
    """
    convolutions = {node.name for node in graph.node if node.op_type in _CONVOLUTIONS}
    behind = _reached(graph.node, convolutions, 'input', 'output')
    before = _reached(reversed(graph.node), convolutions, 'output', 'input')
    return convolutions | (behind & before)


def _reached(
    nodes: Iterable[onnx.NodeProto], starts: set[str], entry: str, exit_: str
) -> set[str]:
    """Return the names of the starts and of all nodes that a way leads to from one of them."""
    tensors: set[str] = set()
    reached = set()
    for node in nodes:
        if node.name in starts or tensors.intersection(getattr(node, entry)):
            reached.add(node.name)
            tensors.update(name for name in getattr(node, exit_) if name)
    return reached
