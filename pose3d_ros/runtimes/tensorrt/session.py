"""A loaded engine, with memory for its inputs and outputs, replayed as CUDA graphs."""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.errors import DeviceError, EngineError
from pose3d_ros.estimator import Port
from pose3d_ros.runtimes.cuda import Buffer, Device, Graph, Stream

__all__ = ['Session']

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Recorded:
    """The work for one size of batch.

    Attributes:
        context: TensorRT's state, which the graph refers to.
        graph: All copies and kernels; None where they cannot be recorded.
    """

    context: Any
    graph: Graph | None


class Session:
    """Runs an engine for batches up to the largest that it was built for.

    A batch is filled up to a power of two. For each of these sizes the work is recorded once, as a
    graph with a context of its own: replaying it costs the CPU next to nothing.
    """

    def __init__(
        self,
        engine: Any,  # noqa: ANN401 - TensorRT has no types
        device: Device,
        ports: tuple[Port, ...],
        most: int,
    ) -> None:
        """Take memory for the largest batch.

        Args:
            engine: TensorRT's.
            device: The GPU that it was built for.
            ports: The input `image` and the outputs; their first axis is the batch.
            most: The largest batch.

        Raises:
            EngineError: The engine has other inputs and outputs.
        """
        names = {engine.get_tensor_name(index) for index in range(engine.num_io_tensors)}
        if names != {port.name for port in ports}:
            msg = f'the engine has the inputs and outputs {", ".join(sorted(names))}'
            raise EngineError(msg)
        self._engine, self._device, self._most = engine, device, most
        self._stream = Stream(device)
        self._recorded: dict[int, _Recorded] = {}
        self._buffers = {
            port.name: Buffer(
                self._stream, (most, *(side or 1 for side in port.shape[1:])), port.dtype
            )
            for port in ports
        }

    def run(self, image: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Return all outputs by name for one or more crops, shape (N, H, W, 3)."""
        self._device.activate()
        starts = range(0, len(image), self._most)
        parts = [self._run(image[start : start + self._most]) for start in starts]
        if len(parts) == 1:
            return parts[0]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def close(self) -> None:
        """Give all memory back."""
        self._device.activate()
        for recorded in self._recorded.values():
            if recorded.graph is not None:
                recorded.graph.close()
        self._recorded.clear()
        for buffer in self._buffers.values():
            buffer.close()
        self._stream.close()
        del self._engine

    def _run(self, image: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        count = len(image)
        size = min(1 << (count - 1).bit_length(), self._most)
        self._buffers['image'].host[:count] = image
        if size not in self._recorded:
            self._recorded[size] = self._record(size)
        recorded = self._recorded[size]
        if recorded.graph is None:
            self._enqueue(recorded.context, size)
        else:
            recorded.graph.launch()
        self._stream.synchronize()
        outputs = {name: each for name, each in self._buffers.items() if name != 'image'}
        return {name: buffer.host[:count].copy() for name, buffer in outputs.items()}

    def _record(self, size: int) -> _Recorded:
        """Return the work for a size of batch, done once before: the first run allocates."""
        context = self._engine.create_execution_context()
        if context is None:
            msg = f'TensorRT has not enough memory for a batch of {size}'
            raise EngineError(msg)
        image = self._buffers['image']
        context.set_input_shape('image', (size, *image.host.shape[1:]))
        for name, buffer in self._buffers.items():
            context.set_tensor_address(name, buffer.address)
        self._enqueue(context, size)
        self._stream.synchronize()
        try:
            with self._stream.capture() as graph:
                self._enqueue(context, size)
        except DeviceError as error:
            _LOG.warning('a batch of %d runs without a CUDA graph: %s', size, error)
            return _Recorded(context, None)
        return _Recorded(context, graph)

    def _enqueue(self, context: Any, size: int) -> None:  # noqa: ANN401
        self._buffers['image'].upload(size)
        if not context.execute_async_v3(self._stream.handle):
            msg = f'TensorRT refuses to run a batch of {size}'
            raise EngineError(msg)
        for name, buffer in self._buffers.items():
            if name != 'image':
                buffer.download(size)
