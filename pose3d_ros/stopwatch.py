"""Timing by stage, by a clock that somebody else reads."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ['Stopwatch']


class Stopwatch:
    """Adds up how long each stage of some work takes; one inside another counts for itself alone.

    Attributes:
        timings: Seconds by stage since the last restart; empty without a clock.
    """

    def __init__(self, clock: Callable[[], float] | None) -> None:
        """Take a clock that returns seconds, or None to measure nothing."""
        self._clock = clock
        self.timings: dict[str, float] = {}

    def restart(self) -> None:
        """Forget all stages."""
        self.timings = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time inside the `with` block to a stage."""
        if self._clock is None:
            yield
            return
        begin, before = self._clock(), sum(self.timings.values())
        yield
        inside = sum(self.timings.values()) - before
        taken = self._clock() - begin - inside
        self.timings[name] = self.timings.get(name, 0.0) + taken
