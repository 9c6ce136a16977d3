"""Report: what teleoperation did since the last diagnostics."""

import math

from diagnostic_msgs.msg import DiagnosticStatus

from pose3d_ros.ros.diagnostics import status
from pose3d_ros.teleoperation.supervisor import TeleopState
from pose3d_ros.teleoperation.teleoperator import Tick

__all__ = ['Report']


class Report:
    """Keeps accounts of ticks and of messages that were not used."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._tick: Tick | None = None
        self._begin = self._last = math.nan
        self._ticks, self._longest = 0, 0.0
        self._refused = 0
        self._problems: dict[str, bytes] = {}

    def refuse(self, reason: str) -> None:
        """Count a message that is not used."""
        self._refused += 1
        self._problems[f'skeletons not used: {reason}'] = DiagnosticStatus.WARN

    def warn(self, problem: str) -> None:
        """Remember what is wrong."""
        self._problems[problem] = DiagnosticStatus.WARN

    def note(self, tick: Tick, now: float) -> bool:
        """Note a tick; return whether the state has changed.

        Args:
            tick: What is done.
            now: The time [s].
        """
        changed = self._tick is None or tick.state is not self._tick.state
        if not math.isnan(self._last):
            self._longest = max(self._longest, now - self._last)
        if math.isnan(self._begin):
            self._begin = now
        self._tick, self._last = tick, now
        self._ticks += 1
        return changed

    def status(self, name: str, now: float) -> DiagnosticStatus:
        """Return the diagnostics, and begin the next report.

        Args:
            name: Of the status.
            now: The time [s].
        """
        period = now - self._begin
        rate = self._ticks / period if period > 0 else 0.0
        values = {'rate [Hz]': f'{rate:.1f}', 'longest gap [ms]': f'{1e3 * self._longest:.1f}'}
        problems, fine = dict(self._problems), 'no tick yet'
        if self._tick is not None:
            fine = f'{self._tick.state.name}: {self._tick.reason}'
            if self._tick.state in (TeleopState.STOPPED, TeleopState.HOLDING):
                problems = {fine: DiagnosticStatus.WARN, **problems}
            age = now - self._tick.image_time
            values |= {'person': self._tick.person, 'age of the image [s]': f'{age:.2f}'}
        values['skeletons not used'] = str(self._refused)
        self._begin, self._ticks, self._longest = now, 0, 0.0
        self._problems = {}
        return status(name, problems, values, fine=fine)
