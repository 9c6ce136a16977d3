"""Limiter: motion of joints that keeps their limits now, and can keep them for ever.

Joints move in steps with a constant acceleration each, so what holds at the ends of a step is easy
to say for all of it, and a spline through positions and velocities is exactly this motion.

A joint at q with velocity v must be able to stop before its limit: q + v^2 / (2 a) <= high. A step
of dt to the velocity w ends at q + (v + w) dt / 2, from where the same must hold:

    w^2 / (2 a) + w dt / 2 + (q + v dt / 2 - high) <= 0.

The largest such w is never below v - a dt, if this held at the beginning: so every step can keep
all limits, whatever is wanted.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ['LONGEST_STEP', 'Limits', 'braking', 'step', 'towards']

Array = NDArray[np.float64]

LONGEST_STEP = 0.05
"""The longest step [s]. What lies between two commands that are farther apart was a stop."""

_EAGERNESS = 0.3  # share of a small distance that is covered in a step; above 0.34 it overshoots
_TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """What N joints can do.

    Attributes:
        low: Lowest positions, shape (N,) [rad].
        high: Highest positions, shape (N,) [rad].
        velocity: Highest velocities, shape (N,) [rad/s].
        acceleration: Highest accelerations, shape (N,) [rad/s^2].
        usable: The accelerations used: lower where the longest step would else be too long to
            turn round in, shape (N,) [rad/s^2].
    """

    low: Array
    high: Array
    velocity: Array
    acceleration: Array
    usable: Array = field(init=False)

    def __post_init__(self) -> None:
        """Work out the accelerations used."""
        room = (self.high - self.low) / (2 * LONGEST_STEP**2)
        fastest = self.velocity / LONGEST_STEP
        usable = np.minimum(self.acceleration, np.minimum(room, fastest))
        object.__setattr__(self, 'usable', usable)


def towards(
    position: Array, goal: Array, goal_velocity: Array, elapsed: float, limits: Limits
) -> Array:
    """Return the velocities that bring joints to moving goals soon and without overshoot.

    The distance to the goal shrinks as fast as it can be braked, and exponentially when small.

    Args:
        position: Shape (N,) [rad].
        goal: Where the goals are now, shape (N,) [rad].
        goal_velocity: How fast they move, shape (N,) [rad/s].
        elapsed: Length of the step [s].
        limits: What the joints can do.
    """
    distance = goal - position
    slack = elapsed / _EAGERNESS
    speed = limits.usable * (np.sqrt(slack**2 + 2 * np.abs(distance) / limits.usable) - slack)
    return np.asarray(goal_velocity + np.sign(distance) * speed)


def step(
    position: Array, velocity: Array, wanted: Array, elapsed: float, limits: Limits
) -> tuple[Array, Array]:
    """Return positions and velocities after a step that keeps all limits.

    Args:
        position: Before, shape (N,) [rad].
        velocity: Before, shape (N,) [rad/s].
        wanted: The velocities to come as near to as possible, shape (N,) [rad/s].
        elapsed: Length of the step, up to `LONGEST_STEP` [s].
        limits: What the joints can do.
    """
    change = limits.usable * elapsed
    fastest = _fastest(limits.high - position, velocity, elapsed, limits.usable)
    slowest = -_fastest(position - limits.low, -velocity, elapsed, limits.usable)
    # Near a limit rounding may ask for a little more than the acceleration: it is not given.
    upper = np.minimum(velocity + change, np.minimum(limits.velocity, fastest))
    lower = np.maximum(velocity - change, np.maximum(-limits.velocity, slowest))
    upper, lower = np.maximum(upper, velocity - change), np.minimum(lower, velocity + change)
    after = np.clip(wanted, lower, upper)
    moved = position + (velocity + after) * elapsed / 2
    return np.clip(moved, limits.low, limits.high), after


def braking(
    position: Array, velocity: Array, elapsed: float, limits: Limits
) -> tuple[Array, Array]:
    """Return positions and velocities of joints that have been braking for some time.

    Args:
        position: When it began, shape (N,) [rad].
        velocity: When it began, shape (N,) [rad/s].
        elapsed: Time since [s].
        limits: What the joints can do.
    """
    lasting = np.minimum(elapsed, np.abs(velocity) / limits.usable)
    slower = velocity - np.sign(velocity) * limits.usable * lasting
    slower = np.where(elapsed * limits.usable >= np.abs(velocity), 0.0, slower)
    moved = position + (velocity + slower) * lasting / 2
    return np.clip(moved, limits.low, limits.high), slower


def _fastest(room: Array, velocity: Array, elapsed: float, acceleration: Array) -> Array:
    """Return the highest velocity after a step from which joints can stop within their room.

    Args:
        room: Distance to the limit, shape (N,).
        velocity: Before, positive to the limit, shape (N,).
        elapsed: Length of the step [s].
        acceleration: Shape (N,).
    """
    left = room - velocity * elapsed / 2
    half = elapsed / 2
    root = np.sqrt(half**2 + 2 * np.maximum(left, 0) / acceleration)
    # Where no room is left for a stop at the end of the step, the joint turns round within it.
    turning = velocity - velocity**2 * elapsed / (2 * np.maximum(room, _TINY))
    return np.where(left >= 0, acceleration * (root - half), turning)
