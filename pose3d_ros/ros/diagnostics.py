"""Diagnostics: what comes in, what goes out, how long it takes, and what is wrong."""

import dataclasses
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

__all__ = ['Tally', 'status']


@dataclass
class Tally:
    """What happened to the images, counted by several threads.

    Attributes:
        received: Images that came in since the last report.
        answered: Images that were answered since the last report.
        dropped: Images that were not, by reason, since the beginning.
        problems: What was wrong with the last image of each reason since the last report.
        people: How many were there in the last image.
        latencies: Of the answers since the last report, by stage [s].
    """

    received: int = 0
    answered: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    problems: dict[str, str] = field(default_factory=dict)
    people: int = 0
    latencies: dict[str, list[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def receive(self) -> None:
        """Count an image that came in."""
        with self._lock:
            self.received += 1

    def drop(self, reason: str, problem: str = '') -> None:
        """Count an image that is not answered, and remember what was wrong with it."""
        with self._lock:
            self.dropped[reason] += 1
            if problem:
                self.problems[reason] = problem

    def answer(self, people: int, latencies: Mapping[str, float]) -> None:
        """Count an answer.

        Args:
            people: How many people are in it.
            latencies: How long the stages took [s].
        """
        with self._lock:
            self.answered += 1
            self.people = people
            for stage, latency_s in latencies.items():
                self.latencies.setdefault(stage, []).append(latency_s)

    def report(self) -> 'Tally':
        """Return what was counted, and begin the next report."""
        with self._lock:
            report = dataclasses.replace(self, dropped=self.dropped.copy())
            self.received = self.answered = 0
            self.problems, self.latencies = {}, {}
            return report

    def latency_values(self) -> dict[str, str]:
        """Return median and 95th percentile of each stage in words."""
        return {
            f'latency {stage} [ms]': '{:.1f} median, {:.1f} p95'.format(
                *1e3 * np.percentile(values, (50, 95))
            )
            for stage, values in self.latencies.items()
        }


def status(
    name: str, problems: Mapping[str, bytes], values: Mapping[str, object], fine: str
) -> DiagnosticStatus:
    """Return one status: the worst of its problems, or that all is fine.

    Args:
        name: Of the status.
        problems: Texts and their levels.
        values: Figures by name.
        fine: What to say if there is no problem.
    """
    return DiagnosticStatus(
        name=name,
        level=max(problems.values(), default=DiagnosticStatus.OK),
        message='; '.join(problems) or fine,
        values=[KeyValue(key=key, value=str(value)) for key, value in values.items()],
    )
