"""TensorRT where it is, ONNX Runtime elsewhere."""

import logging
from pathlib import Path

from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import DeviceError
from pose3d_ros.estimator import Runtime
from pose3d_ros.runtimes.onnx import OnnxRuntime
from pose3d_ros.runtimes.tensorrt.runtime import TensorRTRuntime

__all__ = ['open_fastest']

_LOG = logging.getLogger(__name__)


def open_fastest(path: Path, config: PipelineConfig) -> Runtime:
    """Return a model file opened by TensorRT, or by ONNX Runtime where that is missing.

    What is missing is logged as a warning. An engine that cannot be built, or whose folder is open
    to others, is an error here too.

    Args:
        path: The .onnx file.
        config: As the runtimes want it.

    Raises:
        EngineError: TensorRT is there, and the engine cannot be had.
        ModelFileError: The file is not a whole ONNX model.
    """
    try:
        return TensorRTRuntime(path, config)
    except DeviceError as error:
        _LOG.warning('ONNX Runtime runs %s, because %s', path.name, error)
        return OnnxRuntime(path, config)
