"""Stand-ins for a GPU's driver and for TensorRT, for machines without them.

The driver is a small C library that our ctypes calls for real. TensorRT has the classes, members
and parameters that we use, which `test_tensorrt_surface.py` holds against the recorded surfaces of
its releases; its engines are computed by ONNX Runtime in the memory that they are given, its plans
are the model file behind a header.
"""

import ctypes
import enum
import hashlib
import json
import subprocess
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

HERE = Path(__file__).parent
SURFACES = {
    path.stem: json.loads(path.read_text())['names']
    for path in sorted((HERE / 'tensorrt_surfaces').glob('*.json'))
}


def build_driver(folder: Path) -> Path:
    """Compile the driver and return its path."""
    library = folder / 'libcuda_standin.so'
    source = HERE / 'cuda_standin.c'
    subprocess.run(['cc', '-shared', '-fPIC', '-o', library, source], check=True)  # noqa: S607
    return library


class StandIn:
    """The driver as tests see it: what was called, and what is to fail."""

    def __init__(self, library: Path) -> None:
        self.path = str(library)
        self.library = ctypes.CDLL(self.path)
        self.library.standin_calls.restype = ctypes.c_char_p
        self.reset()

    def reset(self, *, gpus: int = 1, integrated: bool = False) -> None:
        self.library.standin_reset(gpus, int(integrated))

    def fail(self, call: str, code: int = 2) -> None:
        self.library.standin_fail(call.encode(), code)

    @property
    def calls(self) -> list[str]:
        return self.library.standin_calls().decode().split()

    @property
    def live(self) -> int:
        """How many things were made and not given back."""
        return int(self.library.standin_live())

    def is_capturing(self, stream: int) -> bool:
        return bool(self.library.standin_is_capturing(ctypes.c_void_p(stream)))

    def enqueue(self, stream: int, work: Callable[[], None]) -> object:
        """Queue some Python; what is returned must live as long as it may run."""
        kept = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: work())
        self.library.standin_enqueue(ctypes.c_void_p(stream), kept, None)
        return kept


def make_tensorrt(version: str, driver: StandIn) -> types.ModuleType:  # noqa: C901 - flat
    """Return a module that stands for a release of TensorRT."""
    surface = SURFACES[version]
    trt = types.ModuleType('tensorrt')
    trt.__version__ = version
    trt.refused, trt.builds = '', 0

    def flags(name: str) -> type[enum.IntEnum]:
        members = [each for each in surface[name] if each.isupper()]
        return enum.IntEnum(name, {member: place for place, member in enumerate(members)})

    for name in ('NetworkDefinitionCreationFlag', 'MemoryPoolType'):
        setattr(trt, name, flags(name))

    class ILogger:
        Severity = enum.IntEnum('Severity', 'INTERNAL_ERROR ERROR WARNING INFO VERBOSE')

        def log(self, severity: Any, msg: str) -> None:
            raise NotImplementedError

    class IProgressMonitor:
        def phase_start(self, phase_name: str, parent_phase: str, num_steps: int) -> None: ...
        def step_complete(self, phase_name: str, step: int) -> bool: ...
        def phase_finish(self, phase_name: str) -> None: ...

    class ParserError:
        def __init__(self, text: str) -> None:
            self._text = text

        def desc(self) -> str:
            return self._text

    class OnnxParser:
        def __init__(self, network: Any, logger: ILogger) -> None:
            assert isinstance(logger, ILogger)
            self._network, self._errors = network, []

        def parse(self, model: bytes, path: str | None = None) -> bool:
            assert path is None
            if trt.refused:
                self._errors.append(ParserError(trt.refused))
            self._network.take(model)
            return not self._errors

        @property
        def num_errors(self) -> int:
            return len(self._errors)

        def get_error(self, index: int) -> ParserError:
            return self._errors[index]

    class Network:  # an INetworkDefinition, which has nothing else that we use
        def __init__(self, flags: int) -> None:
            assert flags == 1 << trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED

        def take(self, model: bytes) -> None:
            self.model = model

        def get_input(self, index: int) -> Any:
            port = ort.InferenceSession(self.model).get_inputs()[index]
            sides = [side if isinstance(side, int) else -1 for side in port.shape]
            return types.SimpleNamespace(name=port.name, shape=sides)

    class IOptimizationProfile:
        def set_shape(self, input: str, min: Any, opt: Any, max: Any) -> None:  # noqa: A002
            assert input == 'image'
            assert all(
                len(each) == 4 and all(side > 0 for side in each) for each in (min, opt, max)
            )
            self.most = max[0]

    class ITimingCache:
        def __init__(self, content: bytes) -> None:
            self._content = content

        def serialize(self) -> bytes:
            return self._content + b'measured '

    class IBuilderConfig:
        progress_monitor: IProgressMonitor | None = None

        def set_memory_pool_limit(self, pool: Any, pool_size: int) -> None:
            assert pool in trt.MemoryPoolType
            assert pool_size > 0

        def add_optimization_profile(self, profile: IOptimizationProfile) -> int:
            self.profile = profile
            return 0

        def create_timing_cache(self, serialized_timing_cache: bytes) -> ITimingCache:
            return ITimingCache(serialized_timing_cache)

        def set_timing_cache(self, cache: ITimingCache, ignore_mismatch: bool) -> bool:  # noqa: FBT001
            assert isinstance(cache, ITimingCache)
            return not ignore_mismatch

    class Builder:
        def __init__(self, logger: ILogger) -> None:
            self._logger = logger

        def create_network(self, flags: int = 0) -> Network:
            return Network(flags)

        def create_builder_config(self) -> IBuilderConfig:
            return IBuilderConfig()

        def create_optimization_profile(self) -> IOptimizationProfile:
            return IOptimizationProfile()

        def build_serialized_network(self, network: Network, config: IBuilderConfig) -> Any:
            trt.builds += 1
            if trt.unbuildable:
                self._logger.log(ILogger.Severity.ERROR, trt.unbuildable)
                return None
            monitor = config.progress_monitor
            monitor.phase_start('building', None, 2)
            monitor.phase_start('tactics', 'building', 4)
            for step in range(4):
                assert monitor.step_complete('tactics', step)
            monitor.phase_finish('tactics')
            for step in range(2):
                assert monitor.step_complete('building', step)
            monitor.phase_finish('building')
            head = f'{version} {config.profile.most} {hashlib.sha256(network.model).hexdigest()}\n'
            return memoryview(head.encode() + network.model)

    trt.unbuildable = ''

    class Runtime:
        def __init__(self, logger: ILogger) -> None: ...

        def deserialize_cuda_engine(self, serialized_engine: bytes) -> 'ICudaEngine | None':
            head, _, model = bytes(serialized_engine).partition(b'\n')
            words = head.decode(errors='replace').split(' ')
            whole = len(words) == 3 and words[2] == hashlib.sha256(model).hexdigest()
            return ICudaEngine(model, int(words[1])) if whole and words[0] == version else None

    class ICudaEngine:
        def __init__(self, model: bytes, most: int) -> None:
            settings = ort.SessionOptions()
            settings.intra_op_num_threads = 1
            self.session, self.most = ort.InferenceSession(model, settings), most
            self._names = [
                each.name for each in (*self.session.get_inputs(), *self.session.get_outputs())
            ]

        @property
        def num_io_tensors(self) -> int:
            return len(self._names)

        def get_tensor_name(self, index: int) -> str:
            return self._names[index]

        def create_execution_context(self) -> 'IExecutionContext':
            return IExecutionContext(self)

    class IExecutionContext:
        def __init__(self, engine: ICudaEngine) -> None:
            self._engine, self._addresses, self._kept = engine, {}, []
            self._shape: tuple[int, ...] = ()
            self._warm = False

        def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
            self._shape = tuple(shape)
            return name == 'image' and 1 <= shape[0] <= self._engine.most

        def set_tensor_address(self, name: str, memory: int) -> bool:
            self._addresses[name] = memory
            return True

        def execute_async_v3(self, stream_handle: int) -> bool:
            # The first run of a context takes memory, which cannot be captured.
            ready = self._warm or not driver.is_capturing(stream_handle)
            if not ready or len(self._addresses) != self._engine.num_io_tensors:
                return False
            self._warm = True
            self._kept.append(driver.enqueue(stream_handle, self._compute))
            return True

        def _compute(self) -> None:
            image = _array(self._addresses['image'], self._shape, np.uint8)
            names = [each.name for each in self._engine.session.get_outputs()]
            for name, values in zip(
                names, self._engine.session.run(names, {'image': image}), strict=True
            ):
                _array(self._addresses[name], values.shape, np.float32)[:] = values

    for each in (
        Builder,
        IBuilderConfig,
        ICudaEngine,
        IExecutionContext,
        ILogger,
        IOptimizationProfile,
        IProgressMonitor,
        ITimingCache,
        OnnxParser,
        ParserError,
        Runtime,
    ):
        setattr(trt, each.__name__, each)
    return trt


def _array(address: int, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.ndarray(shape, dtype, memoryview((ctypes.c_ubyte * size).from_address(address)))
