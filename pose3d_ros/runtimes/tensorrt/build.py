"""From a model file to a plan: what TensorRT found to be fastest on this GPU.

Networks are strongly typed: the precision is that of the model file, in every release.
"""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pose3d_ros.errors import EngineError, ModelFileError

__all__ = ['BATCHES', 'Built', 'build_plan']

BATCHES = (1, 2, 16)
"""Crops at a time: the fewest, the number to be fastest for, and the most."""

_LOG = logging.getLogger(__name__)
_WORKSPACE = 1 << 30  # memory that a layer may use while the fastest is sought [bytes]
_PROGRESS_STEP = 0.1


@dataclass(frozen=True, slots=True)
class Built:
    """What a build gives.

    Attributes:
        plan: The serialised engine.
        timing_cache: What was measured, which makes the next build faster.
    """

    plan: bytes
    timing_cache: bytes


def build_plan(trt: Any, logger: Any, model: Path, timing_cache: bytes = b'') -> Built:  # noqa: ANN401
    """Return the plan of a model file for the GPU of this thread.

    Takes from seconds to minutes; the progress goes to Python's logging.

    Args:
        trt: The module `tensorrt`.
        logger: From `library.make_logger`.
        model: The file, which keeps the model-file contract.
        timing_cache: From an earlier build with the same TensorRT on the same GPU, or nothing.

    Raises:
        EngineError: TensorRT cannot build it; the message has its reason.
        ModelFileError: TensorRT cannot read the file.
    """
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(model.read_bytes()):
        reasons = '; '.join(parser.get_error(each).desc() for each in range(parser.num_errors))
        msg = f'model file {model} cannot be read by TensorRT: {reasons}'
        raise ModelFileError(msg)
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, _WORKSPACE)
    config.add_optimization_profile(_profile(builder, network))
    cache = config.create_timing_cache(timing_cache)
    config.set_timing_cache(cache, ignore_mismatch=False)
    config.progress_monitor = _make_monitor(trt, model.name)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        msg = f'TensorRT cannot build an engine of {model}: {logger.last_error or "no reason"}'
        raise EngineError(msg)
    return Built(bytes(plan), bytes(cache.serialize()))


def _profile(builder: Any, network: Any) -> Any:  # noqa: ANN401
    """Return the batches to build for."""
    picture = network.get_input(0)
    _, *crop = tuple(picture.shape)
    profile = builder.create_optimization_profile()
    profile.set_shape(picture.name, *((count, *crop) for count in BATCHES))
    return profile


def _make_monitor(trt: Any, name: str) -> Any:  # noqa: ANN401
    """Return a monitor that logs how far the build of a model is."""

    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]
        """Adds up nested phases; TensorRT calls it from several threads."""

        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)
            self._lock = threading.Lock()
            self._phases: dict[str, tuple[str | None, int, int]] = {}  # parent, done, steps
            self._told = 0.0

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            with self._lock:
                self._phases[phase_name] = (parent_phase, 0, max(num_steps, 1))

        def step_complete(self, phase_name: str, step: int) -> bool:
            with self._lock:
                if phase_name in self._phases:
                    parent, _, steps = self._phases[phase_name]
                    self._phases[phase_name] = (parent, min(step + 1, steps), steps)
                self._tell()
            return True

        def phase_finish(self, phase_name: str) -> None:
            with self._lock:
                self._phases.pop(phase_name, None)

        def _tell(self) -> None:
            share = self._share(None)
            if share >= self._told + _PROGRESS_STEP:
                self._told = share
                _LOG.info('building the engine of %s: %.0f %%', name, 100 * share)

        def _share(self, parent: str | None) -> float:
            """Return how much is done of the phases below a phase, 0..1."""
            return max(
                (
                    min((done + (self._share(phase) if done < steps else 0)) / steps, 1.0)
                    for phase, (above, done, steps) in self._phases.items()
                    if above == parent
                ),
                default=0.0,
            )

    return Monitor()
