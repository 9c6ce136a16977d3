"""Plan: the motion that has been promised to the robot, which always ends at rest.

Behind the last promised point every joint brakes as hard as it may. So a robot that hears nothing
more stops within its limits, and whoever goes on later knows where it has come to.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.teleoperation.limiter import LONGEST_STEP, Limits, braking, step

__all__ = ['Plan', 'Point']

Array = NDArray[np.float64]

_DISTINCT = 1e-6  # points nearer in time than this are one [s]


class Point(NamedTuple):
    """Where all joints are at a time.

    Attributes:
        time: When [s].
        positions: Shape (N,) [rad].
        velocities: Shape (N,) [rad/s].
    """

    time: float
    positions: Array
    velocities: Array


@dataclass(slots=True, eq=False)
class Plan:
    """Promised points, the first one not after now; constant accelerations between them.

    Attributes:
        limits: What the joints can do.
        points: At least one.
    """

    limits: Limits
    points: list[Point]

    @classmethod
    def resting(cls, limits: Limits, positions: Array, time: float) -> 'Plan':
        """Return the plan of a robot that rests."""
        inside = np.clip(positions, limits.low, limits.high)
        return cls(limits, [Point(time, inside, np.zeros_like(inside))])

    def at(self, time: float) -> Point:
        """Return where the joints are at a time."""
        for before, after in zip(self.points, self.points[1:], strict=False):
            if before.time <= time < after.time:
                elapsed, whole = time - before.time, after.time - before.time
                slope = (after.velocities - before.velocities) / whole
                velocities = before.velocities + slope * elapsed
                moved = before.positions + (before.velocities + velocities) * elapsed / 2
                return Point(time, moved, velocities)
        last = self.points[-1]
        elapsed = max(time - last.time, 0.0)
        return Point(time, *braking(last.positions, last.velocities, elapsed, self.limits))

    def catch_up(self, now: float, due: float) -> Point:
        """Return the point from which the next step starts.

        It is the last one, unless the robot has begun to brake behind it, or it is too old.

        Args:
            now: The time [s].
            due: When the next point is due [s].
        """
        begin = max(now, due - LONGEST_STEP)
        if begin > self.points[-1].time:
            self.points.append(self.at(begin))
        return self.points[-1]

    def extend(self, time: float, wanted: Array) -> None:
        """Promise one more point, if the time is after the last one; see `catch_up`.

        Args:
            time: When it is due, up to `LONGEST_STEP` after the last point [s].
            wanted: The velocities to come as near to as possible, shape (N,) [rad/s].
        """
        last = self.points[-1]
        elapsed = time - last.time
        if elapsed > _DISTINCT:
            moved, after = step(last.positions, last.velocities, wanted, elapsed, self.limits)
            resting = np.abs(after) < self.limits.usable * _DISTINCT
            self.points.append(Point(time, moved, np.where(resting, 0.0, after)))

    def forget(self, now: float) -> None:
        """Drop the points before the one that the present motion began with."""
        while len(self.points) > 1 and self.points[1].time <= now:
            self.points.pop(0)

    def ahead(self, now: float) -> list[Point]:
        """Return the points after now, and those at which joints come to rest."""
        pending = [point for point in self.points if point.time > now]
        last = self.points[-1]
        stops = last.time + np.abs(last.velocities) / self.limits.usable
        reached = pending[-1].time if pending else now
        later = np.append(np.unique(stops)[1:], np.inf)
        for stop, following in zip(np.unique(stops).tolist(), later.tolist(), strict=True):
            together = following - stop <= _DISTINCT  # the last one to rest speaks for them
            if stop > reached and not together:
                reached = max(stop, reached + _DISTINCT) + _DISTINCT / 10
                pending.append(self.at(reached))
        return pending or [self.at(now + _DISTINCT)]

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing moves any more behind the last point."""
        return not self.points[-1].velocities.any()
