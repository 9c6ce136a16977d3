"""Reference: where a controller that receives trajectories wants its joints to be."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ['Knot', 'Reference', 'knots_of']

Array = NDArray[np.float64]


class Knot(NamedTuple):
    """A point of a trajectory.

    Attributes:
        time: When [s].
        positions: Shape (N,) [rad].
        velocities: Shape (N,) [rad/s].
    """

    time: float
    positions: Array
    velocities: Array


class Reference:
    """Follows the newest trajectory, as the joint trajectory controller of ros2_control does.

    It goes from where it is when a trajectory comes to the first point of that which is still to
    come, then through all others, by cubic splines; and stays where the last one is.
    """

    def __init__(self, positions: Array) -> None:
        """Rest somewhere, shape (N,) [rad]."""
        self.knots = [Knot(0.0, positions, np.zeros_like(positions))]

    def take(self, now: float, knots: list[Knot]) -> None:
        """Follow a new trajectory from now on."""
        here = self.at(now)
        self.knots = [here, *(knot for knot in knots if knot.time > now)]

    def at(self, time: float) -> Knot:
        """Return where the joints should be at a time."""
        first, last = self.knots[0], self.knots[-1]
        if time <= first.time:
            return Knot(time, first.positions, first.velocities)
        if time >= last.time:
            return Knot(time, last.positions, np.zeros_like(last.positions))
        after = next(i for i, knot in enumerate(self.knots) if knot.time > time)
        return _between(self.knots[after - 1], self.knots[after], time)


def _between(begin: Knot, end: Knot, time: float) -> Knot:
    """Return the cubic Hermite spline between two knots."""
    whole = end.time - begin.time
    s = (time - begin.time) / whole
    way = end.positions - begin.positions
    first, last = whole * begin.velocities, whole * end.velocities
    square, cube = 3 * way - 2 * first - last, first + last - 2 * way
    positions = begin.positions + s * (first + s * (square + s * cube))
    velocities = (first + s * (2 * square + 3 * s * cube)) / whole
    return Knot(time, positions, velocities)


def knots_of(stamp: float, times: list[float], positions: Array, velocities: Array) -> list[Knot]:
    """Return the points of a trajectory; times from its stamp [s]."""
    return [
        Knot(stamp + time, position, velocity)
        for time, position, velocity in zip(times, positions, velocities, strict=True)
    ]
