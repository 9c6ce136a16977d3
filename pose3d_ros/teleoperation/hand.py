"""Hand: a pose in space that follows another one within limits of velocity and acceleration."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose3d_ros.teleoperation.limiter import LONGEST_STEP
from pose3d_ros.teleoperation.robot_map import PoseMap

__all__ = ['Hand']

Array = NDArray[np.float64]

_EAGERNESS = 0.3  # as that of joints


class Hand:
    """One pose, from the first one that it was shown on.

    Attributes:
        position: Shape (3,) [m]; NaN before the first pose.
        rotation: frame_from_hand, shape (3, 3).
    """

    def __init__(self, limits: PoseMap) -> None:
        """Be nowhere yet."""
        self._limits = limits
        self.forget()

    def forget(self) -> None:
        """Be nowhere; begin anew where the next goal is."""
        self.position: Array = np.full(3, np.nan)
        self.rotation: Array = np.eye(3)
        self._velocity: Array = np.zeros(3)
        self._spin: Array = np.zeros(3)

    @property
    def is_known(self) -> bool:
        """Whether there is a pose."""
        return bool(np.isfinite(self.position).all())

    @property
    def is_at_rest(self) -> bool:
        """Whether it does not move."""
        return not (self._velocity.any() or self._spin.any())

    def follow(
        self,
        position: Array,
        velocity: Array,
        rotation: Array,
        elapsed: float,
        share: float = 1.0,
    ) -> None:
        """Go towards a goal.

        Args:
            position: Of the goal, shape (3,) [m].
            velocity: Of the goal, shape (3,) [m/s].
            rotation: frame_from_goal, shape (3, 3).
            elapsed: Time since the last step [s]; more than `LONGEST_STEP` counts as that.
            share: Of the highest velocities, which may be used.
        """
        if not self.is_known:
            self.position, self.rotation = position.copy(), rotation.copy()
            return
        turn = Rotation.from_matrix(rotation @ self.rotation.T).as_rotvec()
        most, angular = self._limits.acceleration, self._limits.angular_acceleration
        wanted = velocity + _approach(position - self.position, most, elapsed)
        spin = _approach(turn, angular, elapsed)
        self._move(
            _clipped(wanted, share * self._limits.velocity),
            _clipped(spin, share * self._limits.angular_velocity),
            elapsed,
        )

    def brake(self, elapsed: float) -> None:
        """Come to rest."""
        self._move(np.zeros(3), np.zeros(3), elapsed)

    def _move(self, wanted: Array, wanted_spin: Array, elapsed: float) -> None:
        elapsed = min(elapsed, LONGEST_STEP)
        limits = self._limits
        velocity = self._velocity + _clipped(
            wanted - self._velocity, limits.acceleration * elapsed
        )
        spin = self._spin + _clipped(
            wanted_spin - self._spin, limits.angular_acceleration * elapsed
        )
        self.position = self.position + (self._velocity + velocity) * elapsed / 2
        turn = Rotation.from_rotvec((self._spin + spin) * elapsed / 2)
        self.rotation = turn.as_matrix() @ self.rotation
        self._velocity, self._spin = velocity, spin


def _approach(way: Array, acceleration: float, elapsed: float) -> Array:
    """Return the velocity along a way that can still be braked, and dies out smoothly."""
    distance = float(np.linalg.norm(way))
    if distance < 1e-9:
        return np.zeros(3)
    slack = elapsed / _EAGERNESS
    speed = acceleration * (np.sqrt(slack**2 + 2 * distance / acceleration) - slack)
    return np.asarray(way / distance * speed)


def _clipped(vector: Array, length: float) -> Array:
    actual = float(np.linalg.norm(vector))
    return vector if actual <= length else vector * (length / actual)
