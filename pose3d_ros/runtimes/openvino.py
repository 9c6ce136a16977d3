"""OpenVINO: an optional runtime for the processors of Intel and AMD."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import ModelFileError, PluginError
from pose3d_ros.precision import chosen_file
from pose3d_ros.runtimes.onnx import OnnxRuntime

__all__ = ['OpenVinoRuntime']


class OpenVinoRuntime:
    """A model file on a CPU, by OpenVINO."""

    def __init__(self, path: Path, config: PipelineConfig) -> None:
        """Open a model file.

        Args:
            path: The .onnx file.
            config: The threads and the precision.

        Raises:
            ModelFileError: The file is not a whole ONNX model, or none for OpenVINO.
            PluginError: OpenVINO is not installed.
        """
        openvino = _openvino()
        self.path = chosen_file(path, config, ('int8',))
        reader = OnnxRuntime(self.path, config)  # OpenVINO does not keep the metadata
        self.inputs, self.outputs = reader.inputs, reader.outputs
        self.metadata: Mapping[str, str] = dict(reader.metadata)
        reader.close()
        settings = {
            'INFERENCE_NUM_THREADS': config.threads,
            'INFERENCE_PRECISION_HINT': 'f32',  # the precision is the file's: no 16 bits unasked
            'PERFORMANCE_HINT': 'LATENCY',
        }
        try:
            compiled = openvino.Core().compile_model(self.path, 'CPU', settings)
        except RuntimeError as error:
            reason = str(error).strip().rpartition('\n')[2]
            msg = f'model file {self.path} cannot be opened by OpenVINO: {reason}'
            raise ModelFileError(msg) from error
        self._threads = config.threads
        self._version = str(openvino.__version__).partition('-')[0]
        self._request = compiled.create_infer_request()

    def describe(self) -> Mapping[str, str]:
        """Return the version and the threads."""
        return {
            'runtime': f'openvino {self._version}',
            'provider': 'CPU',
            'threads': str(self._threads or 'all'),
        }

    def run(self, image: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Return all outputs by name for a batch of one or more crops, shape (N, H, W, 3)."""
        self._request.infer({'image': np.ascontiguousarray(image)}, share_inputs=True)
        names = [port.name for port in self.outputs]
        return {name: np.array(self._request.get_tensor(name).data) for name in names}

    def close(self) -> None:
        """Free the request, and the model with it."""
        del self._request


def _openvino() -> Any:  # noqa: ANN401 - a module
    """Return OpenVINO, which is optional.

    Raises:
        PluginError: It is not installed.
    """
    try:
        import openvino  # noqa: PLC0415
    except ImportError as error:
        msg = "the runtime 'openvino' needs OpenVINO: pip install 'pose3d_ros[openvino]'"
        raise PluginError(msg) from error
    return openvino
