"""Diagnostics: what comes in, what goes out, how long it takes, and what is wrong."""

import dataclasses
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

__all__ = ['Tally', 'images_status', 'status']


@dataclass
class Tally:
    """What happened to the images, counted by several threads.

    Attributes:
        received: Images that came in since the last report.
        answered: Images that were answered since the last report.
        dropped: Images that were not, by reason, since the beginning.
        problems: What was wrong with images since the last report, the last by reason.
        people: How many were there in the last image.
        jumps: How often time jumped backwards, since the beginning.
        latencies: Of the answers since the last report, by stage [s].
        depths: For each image since the last report that could have depth, whether it had.
    """

    received: int = 0
    answered: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    problems: dict[str, str] = field(default_factory=dict)
    people: int = 0
    jumps: int = 0
    latencies: dict[str, list[float]] = field(default_factory=dict)
    depths: list[bool] = field(default_factory=list)
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

    def warn(self, what: str, problem: str) -> None:
        """Remember what is wrong with images that are answered all the same."""
        with self._lock:
            self.problems[what] = problem

    def use_depth(self, *, used: bool) -> None:
        """Count whether an image had a depth image beside it."""
        with self._lock:
            self.depths.append(used)

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
            self.problems, self.latencies, self.depths = {}, {}, []
            return report


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


def images_status(
    name: str, report: Tally, problems: Mapping[str, bytes], period_s: float
) -> DiagnosticStatus:
    """Return the status of the images and their answers.

    Args:
        name: Of the status.
        report: What happened since the last one.
        problems: What is wrong with the topics, and how bad it is.
        period_s: Time since the last report [s].
    """
    problems = dict(problems)
    if not report.received and not problems:
        problems['no images'] = DiagnosticStatus.WARN
    for reason, problem in report.problems.items():
        problems[f'{reason}: {problem}'] = DiagnosticStatus.WARN
    values = {
        'rate in [Hz]': f'{report.received / period_s:.1f}',
        'rate out [Hz]': f'{report.answered / period_s:.1f}',
        'people': report.people,
        'time jumps': report.jumps,
        **_depth_value(report.depths),
        **{f'dropped, {reason}': count for reason, count in sorted(report.dropped.items())},
    }
    for stage, values_s in report.latencies.items():
        median, p95 = 1e3 * np.percentile(values_s, (50, 95))
        values[f'latency, {stage} [ms]'] = f'{median:.1f} median, {p95:.1f} p95'
    return status(name, problems, values, fine=f'{report.answered} images answered')


def _depth_value(depths: list[bool]) -> dict[str, str]:
    """Return whether depth is in use; nothing where there is no topic, or no image yet."""
    if not depths:
        return {}
    share = sum(depths) / len(depths)
    return {'depth': f'in use for {share:.0%} of the images' if share else 'not in use'}
