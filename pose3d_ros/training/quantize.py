"""Quantisation: the twin of a model file that computes its trunk with 8-bit integers."""

import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

from pose3d_ros.training.layers import trunk

__all__ = ['to_integers']

_BATCH = 32
_KINDS = ['Add', 'Conv', 'Relu', 'Resize']  # what ONNX Runtime computes with integers


def to_integers(model: onnx.ModelProto, crops: NDArray[np.uint8]) -> onnx.ModelProto:
    """Return a model whose trunk computes with 8-bit integers, for CPUs.

    Activations are unsigned with a zero point of their own, weights signed, one scale per output
    channel; biases stay floats. This is what the dot-product instructions of CPUs compute. Weights
    have 7 bits, so that sums of two products fit into 16 bits on CPUs without such instructions.

    Args:
        model: A model of 32-bit floats; it stays as it is.
        crops: What the ranges of the activations are measured on, RGB, shape (N, H, W, 3).
    """
    inside = trunk(model.graph)
    outside = [node.name for node in model.graph.node if node.name not in inside]
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / 'source.onnx', Path(folder) / 'target.onnx'
        onnx.save(model, source)
        logging.disable(
            logging.WARNING
        )  # it recommends a pre-processing that changes nothing here
        try:
            quantize_static(
                source,
                target,
                _Crops(crops),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=_KINDS,
                nodes_to_exclude=outside,
                per_channel=True,
                reduce_range=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=CalibrationMethod.MinMax,
                extra_options={'QuantizeBias': False},
            )
        finally:
            logging.disable(logging.NOTSET)
        return onnx.load(target)


class _Crops(CalibrationDataReader):
    """Gives the calibration one batch after another."""

    def __init__(self, crops: NDArray[np.uint8]) -> None:
        starts = range(0, len(crops), _BATCH)
        self._batches = iter([crops[start : start + _BATCH] for start in starts])

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        """Return the next batch, None behind the last."""
        batch = next(self._batches, None)
        return None if batch is None else {'image': batch}
