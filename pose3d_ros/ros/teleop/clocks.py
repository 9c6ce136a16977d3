"""Clocks: the one that motion is timed by, and the one that stamps are told by."""

from builtin_interfaces.msg import Time
from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from pose3d_ros.ros.conversions import seconds

__all__ = ['Clocks']

_TRIES = 5  # to read both clocks at once
_AT_ONCE_S = 1e-4
_SLEW_S = 1e-5  # by so much their difference is corrected at a time ...
_JUMP_S = 0.2  # ... unless one of them has jumped


class Clocks:
    """Times motion by the steady clock, which never jumps; by simulated time where it is used.

    The difference of the two clocks is corrected gently: the stamps of commands are as regular as
    the motion, however busy the machine is.

    Attributes:
        motion: What timers of the motion should run by.
        steady: What timers of other things should run by.
    """

    def __init__(self, node: Node) -> None:
        """Find out which clock to use.

        Args:
            node: Whose clock tells the stamps.
        """
        self._stamps = node.get_clock()
        self.steady = Clock(clock_type=ClockType.STEADY_TIME)
        simulated = node.get_parameter('use_sim_time').value
        self.motion = self._stamps if simulated else self.steady
        self._offset = self._measured()[0]

    @property
    def now(self) -> float:
        """The time of the motion [s]."""
        return float(self.motion.now().nanoseconds * 1e-9)

    def time_of(self, stamp: Time) -> float:
        """Return the time of the motion at a stamp [s]."""
        self._adjust()
        return seconds(stamp) - self._offset

    def stamp_of(self, time: float) -> Time:
        """Return the stamp at a time of the motion."""
        self._adjust()
        nanoseconds = round((time + self._offset) * 1e9)
        return Time(sec=nanoseconds // 10**9, nanosec=nanoseconds % 10**9)

    def _adjust(self) -> None:
        measured, error = self._measured()
        wrong = measured - self._offset
        if abs(wrong) > _JUMP_S:
            self._offset = measured
        elif error < _AT_ONCE_S:
            self._offset += min(max(wrong, -_SLEW_S), _SLEW_S)

    def _measured(self) -> tuple[float, float]:
        """Return by how much stamps are ahead of the motion's clock, and how sure that is [s]."""
        if self.motion is self._stamps:
            return 0.0, 0.0
        best, error = 0.0, float('inf')
        for _ in range(_TRIES):
            before, stamp, after = self.now, self._stamps.now().nanoseconds * 1e-9, self.now
            if after - before < error:
                best, error = stamp - (before + after) / 2, after - before
            if error < _AT_ONCE_S:
                break
        return best, error
