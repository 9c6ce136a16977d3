"""CUDA without a framework: the few calls of the driver that a runtime needs, by ctypes.

The driver's library comes with every GPU, and these calls have been the same since CUDA 11.4: no
toolkit and no package has to fit. Every call that fails raises, and the message names the call.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_uint64, c_void_p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.errors import DeviceError

__all__ = ['Buffer', 'Device', 'Graph', 'Stream']

_LIBRARY = 'libcuda.so.1'

_CALLS: dict[str, tuple[Any, ...]] = {
    'cuInit': (c_uint,),
    'cuDriverGetVersion': (POINTER(c_int),),
    'cuDeviceGetCount': (POINTER(c_int),),
    'cuDeviceGet': (POINTER(c_int), c_int),
    'cuDeviceGetName': (c_char_p, c_int, c_int),
    'cuDeviceGetAttribute': (POINTER(c_int), c_int, c_int),
    'cuDevicePrimaryCtxRetain': (POINTER(c_void_p), c_int),
    'cuDevicePrimaryCtxRelease_v2': (c_int,),
    'cuCtxSetCurrent': (c_void_p,),
    'cuMemAlloc_v2': (POINTER(c_uint64), c_size_t),
    'cuMemFree_v2': (c_uint64,),
    'cuMemHostAlloc': (POINTER(c_void_p), c_size_t, c_uint),
    'cuMemFreeHost': (c_void_p,),
    'cuMemHostGetDevicePointer_v2': (POINTER(c_uint64), c_void_p, c_uint),
    'cuMemcpyHtoDAsync_v2': (c_uint64, c_void_p, c_size_t, c_void_p),
    'cuMemcpyDtoHAsync_v2': (c_void_p, c_uint64, c_size_t, c_void_p),
    'cuStreamCreate': (POINTER(c_void_p), c_uint),
    'cuStreamSynchronize': (c_void_p,),
    'cuStreamDestroy_v2': (c_void_p,),
    'cuStreamBeginCapture_v2': (c_void_p, c_int),
    'cuStreamEndCapture': (c_void_p, POINTER(c_void_p)),
    'cuGraphInstantiateWithFlags': (POINTER(c_void_p), c_void_p, c_uint64),
    'cuGraphLaunch': (c_void_p, c_void_p),
    'cuGraphExecDestroy': (c_void_p,),
    'cuGraphDestroy': (c_void_p,),
    'cuGetErrorName': (c_int, POINTER(c_char_p)),
    'cuGetErrorString': (c_int, POINTER(c_char_p)),
}

# Numbers from cuda.h.
_MAJOR, _MINOR, _INTEGRATED = 75, 76, 18
_MAPPED = 0x02
_NON_BLOCKING = 1
_CAPTURE_THREAD_LOCAL = 1


class _Driver:
    """The driver's library; its calls raise instead of returning codes."""

    def __init__(self, library: str) -> None:
        try:
            self._library = ctypes.CDLL(library)
            for name, arguments in _CALLS.items():
                call = getattr(self._library, name)
                call.argtypes, call.restype = arguments, c_int
        except (OSError, AttributeError) as error:
            msg = f'there is no usable driver of an NVIDIA GPU here: {error}'
            raise DeviceError(msg) from error

    def __call__(self, name: str, *arguments: object) -> None:
        """Call a function of the driver.

        Raises:
            DeviceError: It failed; the message names it and the driver's reason.
        """
        code = getattr(self._library, name)(*arguments)
        if code:
            label, reason = (
                self._text('cuGetErrorName', code),
                self._text('cuGetErrorString', code),
            )
            msg = f'the call {name} of CUDA failed with {label} ({code}): {reason}'
            raise DeviceError(msg)

    def _text(self, name: str, code: int) -> str:
        text = c_char_p()
        getattr(self._library, name)(code, byref(text))
        return (text.value or b'unknown').decode()


class Device:
    """A GPU, used through its primary context, which it shares with whoever else uses it.

    Attributes:
        name: Such as 'Orin'.
        compute_capability: Such as '8.7'.
        driver: The newest version of CUDA that the driver knows, such as '12.6'.
        integrated: Whether it shares the memory of the CPU, as on a Jetson.
    """

    def __init__(self, library: str = _LIBRARY) -> None:
        """Open the first GPU, for this thread.

        Args:
            library: The driver's library.

        Raises:
            DeviceError: There is no driver or no GPU, or a call failed.
        """
        self.call = _Driver(library)
        self.call('cuInit', 0)
        if not self._number('cuDeviceGetCount'):
            msg = 'there is no NVIDIA GPU here that the driver can use'
            raise DeviceError(msg)
        self._index = self._number('cuDeviceGet', 0)
        name = ctypes.create_string_buffer(256)
        self.call('cuDeviceGetName', name, len(name), self._index)
        self.name = name.value.decode()
        major, minor = self._attribute(_MAJOR), self._attribute(_MINOR)
        self.compute_capability = f'{major}.{minor}'
        self.integrated = bool(self._attribute(_INTEGRATED))
        version = self._number('cuDriverGetVersion')
        self.driver = f'{version // 1000}.{version % 1000 // 10}'
        self._context = c_void_p()
        self.call('cuDevicePrimaryCtxRetain', byref(self._context), self._index)
        self.activate()

    def activate(self) -> None:
        """Let the calling thread use this GPU."""
        self.call('cuCtxSetCurrent', self._context)

    def close(self) -> None:
        """Give the context back; what was made on it is gone."""
        self.call('cuDevicePrimaryCtxRelease_v2', self._index)

    def _number(self, name: str, *arguments: object) -> int:
        number = c_int()
        self.call(name, byref(number), *arguments)
        return number.value

    def _attribute(self, attribute: int) -> int:
        return self._number('cuDeviceGetAttribute', attribute, self._index)


class Stream:
    """A queue of work for a GPU."""

    def __init__(self, device: Device) -> None:
        """Make a queue that waits for no other."""
        self.device = device
        self._handle = c_void_p()
        device.call('cuStreamCreate', byref(self._handle), _NON_BLOCKING)

    @property
    def handle(self) -> int:
        """Its address, as other libraries want it."""
        return self._handle.value or 0

    def synchronize(self) -> None:
        """Wait until all that was queued is done."""
        self.device.call('cuStreamSynchronize', self._handle)

    @contextmanager
    def capture(self) -> Iterator['Graph']:
        """Record what is queued inside the `with` block, instead of doing it.

        Yields:
            What can be launched behind the block.
        """
        call, graph, recorded = self.device.call, Graph(self), c_void_p()
        call('cuStreamBeginCapture_v2', self._handle, _CAPTURE_THREAD_LOCAL)
        try:
            try:
                yield graph
            finally:
                call('cuStreamEndCapture', self._handle, byref(recorded))
            call('cuGraphInstantiateWithFlags', byref(graph.handle), recorded, 0)
        finally:
            if recorded:
                call('cuGraphDestroy', recorded)

    def close(self) -> None:
        """Remove the queue."""
        self.device.call('cuStreamDestroy_v2', self._handle)


class Graph:
    """Work that was recorded once and is launched as a whole."""

    def __init__(self, stream: Stream) -> None:
        """Belong to a queue; `Stream.capture` fills it."""
        self._stream = stream
        self.handle = c_void_p()

    def launch(self) -> None:
        """Queue all that was recorded."""
        device = self._stream.device
        device.call('cuGraphLaunch', self.handle, c_void_p(self._stream.handle))

    def close(self) -> None:
        """Forget what was recorded."""
        self._stream.device.call('cuGraphExecDestroy', self.handle)


class Buffer:
    """Memory for one input or output, on both sides.

    The CPU's side is pinned, so that copies need no detour. Where the GPU shares the CPU's memory,
    both sides are the same, and there are no copies.

    Attributes:
        host: The CPU's side.
        address: Of the GPU's side.
    """

    host: NDArray[Any]
    address: int

    def __init__(self, stream: Stream, shape: tuple[int, ...], dtype: str) -> None:
        """Take the memory.

        Args:
            stream: Where copies are queued.
            shape: Of the array.
            dtype: Of its numbers, as numpy calls it.
        """
        self._stream, call = stream, stream.device.call
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        self._pinned, address = c_void_p(), c_uint64()
        self._shared = stream.device.integrated
        call('cuMemHostAlloc', byref(self._pinned), size, _MAPPED if self._shared else 0)
        if self._shared:
            call('cuMemHostGetDevicePointer_v2', byref(address), self._pinned, 0)
        else:
            call('cuMemAlloc_v2', byref(address), size)
        self.address = address.value
        memory = (ctypes.c_ubyte * size).from_address(self._pinned.value or 0)
        self.host = np.ndarray(shape, dtype, memoryview(memory))

    def upload(self, count: int) -> None:
        """Queue the copy of the first rows from the CPU to the GPU."""
        if not self._shared:
            self._copy('cuMemcpyHtoDAsync_v2', self.address, self._pinned, count)

    def download(self, count: int) -> None:
        """Queue the copy of the first rows from the GPU to the CPU."""
        if not self._shared:
            self._copy('cuMemcpyDtoHAsync_v2', self._pinned, self.address, count)

    def close(self) -> None:
        """Give the memory back; `host` is not touched again."""
        if not self._shared:
            self._stream.device.call('cuMemFree_v2', self.address)
        self._stream.device.call('cuMemFreeHost', self._pinned)

    def _copy(self, name: str, target: object, source: object, count: int) -> None:
        size = self.host[:count].nbytes
        self._stream.device.call(name, target, source, size, c_void_p(self._stream.handle))
