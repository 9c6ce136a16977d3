"""Twins of model files: the same model in smaller numbers, made and compared."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from pose3d_ros import metrics
from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import DataError, ModelFileError
from pose3d_ros.model_estimator import ModelEstimator
from pose3d_ros.person import Estimates
from pose3d_ros.precision import SOURCE_KEY, twin
from pose3d_ros.synthesis.compose import Composer, Sample
from pose3d_ros.training import evaluate
from pose3d_ros.training.half import to_half

__all__ = ['Loss', 'compare', 'input_size', 'make']

CALIBRATION_SEED = 77
CALIBRATION_CROPS = 256


@dataclass(frozen=True, slots=True)
class Loss:
    """What a twin loses, on the same crops.

    Attributes:
        crops: How many were compared.
        pixels_px: Largest difference of a joint's pixel, along u or v [px].
        depth_mm: Largest difference of a joint's depth [mm].
        mpjpe_mm: Error of the model file on the people among the crops [mm].
        loss_mm: By how much the twin's error is larger [mm].
    """

    crops: int
    pixels_px: float
    depth_mm: float
    mpjpe_mm: float
    loss_mm: float


def make(path: Path, precision: str, *, data: Path | None) -> Path:
    """Write the twin of a model file, and return where it is.

    Args:
        path: The model file, of 32-bit floats.
        precision: fp16 or int8.
        data: Training shards, whose crops give the ranges of the integers; only int8 needs them.

    Raises:
        DataError: There are no shards, and they are needed.
        ModelFileError: The file cannot be read.
    """
    model = _read(path)
    if precision == 'fp16':
        smaller = to_half(model)
    else:
        from pose3d_ros.training.quantize import to_integers  # noqa: PLC0415 - slow to import

        if data is None:
            msg = 'int8 needs crops to measure the ranges of the activations on: give --data'
            raise DataError(msg)
        crops = Composer.load(data).batch(
            (CALIBRATION_SEED,), CALIBRATION_CROPS, _input_size(model)
        )
        smaller = to_integers(model, crops.image)
    facts = {each.key: each.value for each in model.metadata_props}
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    onnx.helper.set_model_props(smaller, {**facts, SOURCE_KEY: digest})
    onnx.save(smaller, twin(path, precision))
    return twin(path, precision)


def compare(path: Path, precision: str, crops: Sample) -> Loss:
    """Return how far a twin is from the model file that it was made from.

    Args:
        path: The model file.
        precision: Of the twin.
        crops: What both look at.
    """
    ours, theirs = (_estimates(path, each, crops) for each in ('fp32', precision))
    errors = []
    for found in (ours, theirs):
        person = np.asarray(crops.presence == 1)
        joints = evaluate.at_true_depth(found, crops)[person]
        errors.append(metrics.mpjpe(joints, 1e3 * crops.points[person].astype(float)))
    return Loss(
        crops=len(crops.image),
        pixels_px=float(np.abs(ours.pixels - theirs.pixels).max()),
        depth_mm=1e3 * float(np.abs(ours.depth - theirs.depth).max()),
        mpjpe_mm=errors[0],
        loss_mm=errors[1] - errors[0],
    )


def input_size(path: Path) -> int:
    """Return width and height of a model's crops [px].

    Raises:
        ModelFileError: The file cannot be read.
    """
    return _input_size(_read(path))


def _input_size(model: onnx.ModelProto) -> int:
    return int(model.graph.input[0].type.tensor_type.shape.dim[1].dim_value)


def _estimates(path: Path, precision: str, crops: Sample) -> Estimates:
    estimator = ModelEstimator(path, PipelineConfig(precision=precision, threads=0))
    found = evaluate.estimates(estimator, crops)
    estimator.close()
    return found


def _read(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load(path)
    except Exception as error:  # its errors have no common root
        msg = f'model file {path} cannot be read as an ONNX model: {error}'
        raise ModelFileError(msg) from error
