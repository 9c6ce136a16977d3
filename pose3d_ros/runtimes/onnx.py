"""ONNX Runtime: the default runtime, on any processor."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import ConfigError, ModelFileError
from pose3d_ros.estimator import Port
from pose3d_ros.precision import chosen_file

__all__ = ['OnnxRuntime']

# 8-bit integers are the fastest on a CPU, half-precision floats on a GPU.
_PREFERRED = {'cpu': ('int8',), 'cuda': ('fp16',)}
_DTYPES = {'float': 'float32', 'double': 'float64'}


class OnnxRuntime:
    """A model file opened by ONNX Runtime."""

    def __init__(self, path: Path, config: PipelineConfig) -> None:
        """Open a model file.

        Args:
            path: The .onnx file.
            config: The threads, the device and the precision.

        Raises:
            ConfigError: The device is not there.
            ModelFileError: The file is not a whole ONNX model.
        """
        path = self.path = chosen_file(path, config, _PREFERRED[config.device])
        settings = ort.SessionOptions()
        settings.intra_op_num_threads = config.threads
        settings.inter_op_num_threads = 1
        settings.log_severity_level = 3  # errors only, and those are raised anyway
        # Threads that spin between two images would take the processor from the robot.
        settings.add_session_config_entry('session.force_spinning_stop', '1')
        providers = _providers(config.device)
        try:
            self._session = ort.InferenceSession(path, settings, providers=providers)
        except Exception as error:  # its errors have no common root
            reason = str(error).rpartition(' : ')[2]
            msg = f'model file {path} cannot be opened as an ONNX model: {reason}'
            raise ModelFileError(msg) from error
        self._threads = config.threads
        self.inputs = tuple(_port(each) for each in self._session.get_inputs())
        self.outputs = tuple(_port(each) for each in self._session.get_outputs())
        self._names = [port.name for port in self.outputs]

    @property
    def metadata(self) -> Mapping[str, str]:
        """The texts stored in the file, by key."""
        stored: Mapping[str, str] = self._session.get_modelmeta().custom_metadata_map
        return stored

    def describe(self) -> Mapping[str, str]:
        """Return the version, the provider and the threads."""
        return {
            'runtime': f'onnxruntime {ort.__version__}',
            'provider': self._session.get_providers()[0],
            'threads': str(self._threads or 'all'),
        }

    def run(self, image: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Return all outputs by name for a batch of one or more crops, shape (N, H, W, 3)."""
        values = self._session.run(self._names, {'image': image})
        return dict(zip(self._names, values, strict=True))

    def close(self) -> None:
        """Free the session."""
        del self._session


def _providers(device: str) -> list[str]:
    if device == 'cpu':
        return ['CPUExecutionProvider']
    available = ort.get_available_providers()
    if 'CUDAExecutionProvider' not in available:
        msg = f'device is cuda, but this onnxruntime has only {", ".join(available)}'
        raise ConfigError(msg)
    return ['CUDAExecutionProvider', 'CPUExecutionProvider']


def _port(node: ort.NodeArg) -> Port:
    """Return an input or output as the contract puts it: `tensor(float)` is float32."""
    found = re.fullmatch(r'tensor\((\w+)\)', node.type)
    dtype = found[1] if found else node.type
    shape = tuple(side if isinstance(side, int) else None for side in node.shape)
    return Port(node.name, _DTYPES.get(dtype, dtype), shape)
