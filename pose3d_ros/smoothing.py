"""Smoothing: joints in metres through the One-Euro filter, which lets fast motion through.

G. Casiez, N. Roussel and D. Vogel, "1€ Filter", CHI 2012. Each joint is low-passed with a cutoff
that rises with the joint's own speed: at rest it hardly jitters, in motion it hardly lags.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.person import Person, PersonState

__all__ = ['Smoother']

Array = NDArray[np.float64]

_SPEED_CUTOFF = 1.0  # of the low-pass that speeds are measured through [Hz]


@dataclass(slots=True, eq=False)
class _Filter:
    """The joints of one person: smoothed positions and velocities, shape (J, 3) [m], [m/s]."""

    positions: Array
    velocities: Array
    stamp: float

    def update(self, positions: Array, stamp: float, cutoff: float, gain: float) -> None:
        """Take in where the joints are now; a joint that was unknown before starts here."""
        elapsed = stamp - self.stamp
        if elapsed <= 0:
            return
        fresh = ~np.isfinite(self.positions)
        before = np.where(fresh, positions, self.positions)
        velocities = (positions - before) / elapsed
        share = _share(np.array(_SPEED_CUTOFF), elapsed)
        self.velocities = self.velocities + share * (np.nan_to_num(velocities) - self.velocities)
        speed = np.linalg.norm(self.velocities, axis=-1, keepdims=True)
        self.positions = before + _share(cutoff + gain * speed, elapsed) * (positions - before)
        self.stamp = stamp


@dataclass(slots=True, eq=False)
class Smoother:
    """Smooths everybody's joints, each person's apart; pixels stay as they were seen.

    The settings may be changed at any time.

    Attributes:
        cutoff: Of a joint at rest [Hz]; 0 smooths nothing.
        gain: How much the cutoff rises with a joint's speed [Hz per m/s].
    """

    cutoff: float = 0.0
    gain: float = 4.0
    _filters: dict[str, _Filter] = field(init=False, default_factory=dict)

    def reset(self) -> None:
        """Forget everybody."""
        self._filters.clear()

    def __call__(self, people: Sequence[Person]) -> list[Person]:
        """Return the people of an image with smoothed positions.

        Who is not seen stays where the last smoothed skeleton was. Who was lost begins anew.

        Args:
            people: As the follower returns them.
        """
        if not self.cutoff:
            self._filters.clear()
            return list(people)
        smoothed = [self._smooth(person) for person in people]
        there = {each.id for each in people if each.state is not PersonState.LOST}
        self._filters = {name: each for name, each in self._filters.items() if name in there}
        return smoothed

    def _smooth(self, person: Person) -> Person:
        known = self._filters.get(person.id)
        if person.state is PersonState.ENTERING or known is None:
            zeros = np.zeros_like(person.positions)
            self._filters[person.id] = _Filter(person.positions, zeros, person.stamp)
            return person
        if person.state is PersonState.SEEN:
            known.update(person.positions, person.stamp, self.cutoff, self.gain)
        return replace(person, positions=known.positions)


def _share(cutoff: Array, elapsed: float) -> Array:
    """Return the share of a new value in a low-pass of this cutoff [Hz] after a time [s]."""
    return np.asarray(1 / (1 + 1 / (2 * math.pi * cutoff * elapsed)))
