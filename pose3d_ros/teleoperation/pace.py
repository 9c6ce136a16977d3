"""Pace: how fast each joint may move while it comes to the person, and when it has come."""

import numpy as np
from numpy.typing import NDArray

__all__ = ['Pace']

_RAMP = 1.0  # a joint that has come to the person gets all its velocity back in this time [s]


class Pace:
    """The share of its highest velocity that each of N joints may use.

    A joint starts with a stated small share. From the moment it is near the person it gets the
    rest back, little by little.
    """

    def __init__(self, count: int) -> None:
        """Begin with N joints that have not come to the person."""
        self._gained: NDArray[np.float64] = np.zeros(count)  # above 0 where arrived

    def reset(self) -> None:
        """Let every joint come to the person anew."""
        self._gained[:] = 0.0

    def has_come(self, follows: NDArray[np.bool_]) -> bool:
        """Return whether all joints that follow, shape (N,), have come to the person."""
        return bool(((self._gained > 0) | ~follows).all())

    def advance(self, near: NDArray[np.bool_], lost: NDArray[np.bool_], elapsed: float) -> None:
        """Let time pass.

        Args:
            near: Which joints are where the person's are, shape (N,).
            lost: Which joints have nobody to follow: they come anew later, shape (N,).
            elapsed: How much time [s].
        """
        gaining = (self._gained > 0) | near
        self._gained += np.where(gaining, elapsed / _RAMP, 0.0)
        self._gained = np.where(lost, 0.0, np.minimum(self._gained, 1.0))

    def shares(self, least: float) -> NDArray[np.float64]:
        """Return the share of each joint, at least so much, shape (N,)."""
        return np.maximum(self._gained, least)
