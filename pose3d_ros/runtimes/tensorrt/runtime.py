"""The runtime: a model file run by TensorRT, through an engine that is built once per GPU."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import EngineError
from pose3d_ros.precision import chosen_file
from pose3d_ros.runtimes.cuda import Device
from pose3d_ros.runtimes.engine_cache import EngineCache, EngineKey
from pose3d_ros.runtimes.onnx import OnnxRuntime
from pose3d_ros.runtimes.tensorrt.build import BATCHES, build_plan
from pose3d_ros.runtimes.tensorrt.library import find_tensorrt, make_logger
from pose3d_ros.runtimes.tensorrt.session import Session

__all__ = ['TensorRTRuntime']

_LOG = logging.getLogger(__name__)


class TensorRTRuntime:
    """A model file on an NVIDIA GPU.

    Where nothing else is asked for, the twin in half precision runs. The engine is built when the
    runtime is made, if it was not built before.
    """

    def __init__(self, path: Path, config: PipelineConfig) -> None:
        """Open a model file.

        Args:
            path: The .onnx file.
            config: The precision and the folder of the engines.

        Raises:
            DeviceError: There is no TensorRT, no driver or no GPU.
            EngineError: The engine cannot be built or loaded, or its folder is open to others.
            ModelFileError: The file is not a whole ONNX model, or none for TensorRT.
        """
        self._trt = find_tensorrt()
        self.path = chosen_file(path, config, ('fp16',))
        self._read_file(config)
        self._device = Device()
        try:
            self._logger = make_logger(self._trt)
            self._cache = EngineCache(Path(config.engine_folder).expanduser())
            self._runtime = self._trt.Runtime(self._logger)  # lives as long as its engine
            load = self._runtime.deserialize_cuda_engine
            engine = self._cache.engine(EngineKey(self.path, self._facts()), self._build, load)
            ports = (*self.inputs, *self.outputs)
            self._session = Session(engine, self._device, ports, most=BATCHES[-1])
        except BaseException:
            self._device.close()
            raise

    def describe(self) -> Mapping[str, str]:
        """Return the version, the GPU and what became of the engine."""
        return {
            'runtime': f'tensorrt {self._trt.__version__}',
            'provider': f'{self._device.name} (compute capability '
            f'{self._device.compute_capability}, driver for CUDA {self._device.driver})',
            'engine': self._cache.note,
        }

    def run(self, image: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Return all outputs by name for a batch of one or more crops, shape (N, H, W, 3)."""
        return self._session.run(image)

    def close(self) -> None:
        """Free the engine and the GPU's memory."""
        self._session.close()
        self._device.close()

    def _read_file(self, config: PipelineConfig) -> None:
        """Take from ONNX Runtime what the file says, which a plan does not keep."""
        reader = OnnxRuntime(self.path, replace(config, precision='fp32', device='cpu'))
        self.inputs, self.outputs = reader.inputs, reader.outputs
        self.metadata: Mapping[str, str] = dict(reader.metadata)
        reader.close()
        if [port.name for port in self.inputs] != ['image']:
            msg = f'model file {self.path} has other inputs than image'
            raise EngineError(msg)

    def _facts(self) -> dict[str, str]:
        """Return what a plan depends on, beside the model."""
        return {
            'library': f'{self._trt.__name__} {self._trt.__version__}',
            'gpu': self._device.name,
            'compute capability': self._device.compute_capability,
            'driver': self._device.driver,
            'precision': 'strongly typed',
            'batches': str(BATCHES),
        }

    def _build(self) -> bytes:
        """Return a new plan, and keep what was measured on the way."""
        _LOG.info('building the engine of %s: this takes minutes, once', self.path.name)
        facts = {key: self._facts()[key] for key in ('library', 'gpu', 'compute capability')}
        name = 'timing-' + ''.join(
            letter if letter.isalnum() else '-' for letter in '-'.join(facts.values())
        )
        measured = self._cache.read(name, facts) or b''
        built: Any = build_plan(self._trt, self._logger, self.path, measured)
        self._cache.write(name, facts, built.timing_cache)
        return bytes(built.plan)
