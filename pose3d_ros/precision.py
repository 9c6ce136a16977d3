"""Precisions: twins of a model file that compute with smaller numbers.

The twin of `NAME.onnx` is `NAME_fp16.onnx` or `NAME_int8.onnx` beside it; `pose3d convert` makes
them. All keep the model-file contract, and a twin remembers what it was made from, so that one
that was left behind by a newer model is noticed.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import ModelFileError
from pose3d_ros.estimator import Runtime

__all__ = ['SOURCE_KEY', 'TWINS', 'check_twin', 'chosen_file', 'is_twin', 'twin']

TWINS = ('fp16', 'int8')
SOURCE_KEY = 'pose3d_source'
"""Metadata entry of a twin: SHA-256 of the file that it was made from, hexadecimal."""


def twin(path: Path, precision: str) -> Path:
    """Return where the twin of a model file is, or would be."""
    return path.with_name(f'{path.stem}_{precision}{path.suffix}')


def is_twin(path: Path) -> bool:
    """Return whether this is the twin of a file beside it."""
    name, _, precision = path.stem.rpartition('_')
    return precision in TWINS and path.with_name(name + path.suffix).is_file()


def chosen_file(path: Path, config: PipelineConfig, preferred: Sequence[str]) -> Path:
    """Return the file to run instead of a model file, or that itself.

    Args:
        path: The model file.
        config: Says which precision is wanted.
        preferred: For `auto`: which twins the runtime likes better than the file, best first.

    Raises:
        ModelFileError: The precision is wanted by name, and there is no such twin.
    """
    if config.precision == 'auto':
        twins = (twin(path, precision) for precision in preferred)
        return next((each for each in twins if each.is_file()), path)
    if config.precision == 'fp32':
        return path
    wanted = twin(path, config.precision)
    if not wanted.is_file():
        msg = (
            f'there is no model file {wanted}: '
            f'`pose3d convert {path} --precision {config.precision}` makes it'
        )
        raise ModelFileError(msg)
    return wanted


def check_twin(path: Path, runtime: Runtime) -> None:
    """Pass if what runs is the model file, or was made from it.

    Raises:
        ModelFileError: A twin was made from another file.
    """
    if runtime.path == path:
        return
    if runtime.metadata.get(SOURCE_KEY) != hashlib.sha256(path.read_bytes()).hexdigest():
        msg = (
            f'model file {runtime.path} was not made from {path} as it is now: remove it, make '
            'it anew with `pose3d convert`, or set precision to fp32'
        )
        raise ModelFileError(msg)
