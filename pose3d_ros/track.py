"""A track: somebody followed, and where that person is to be expected."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.camera import Camera
from pose3d_ros.candidate import Body
from pose3d_ros.person import Person

__all__ = ['FASTEST', 'Track', 'distance']

Array = NDArray[np.float64]

FASTEST = 3.0
"""People never move faster than this [m/s]."""

_INERTIA = 0.3  # time over which the direction that somebody moves in is averaged [s]
_FORESIGHT = 0.5  # people are expected to go on like this for so long [s]
_AGILITY = 2.0  # how soon a change of the distance is believed [1/s]


@dataclass(slots=True, eq=False)
class Track:
    """Somebody followed: as last seen, and how the direction and the distance change.

    Where the person is expected to be, the distance stays: from image to image it is not known
    well enough. Its smooth course only tells whether a body can be that of the person.

    Attributes:
        person: As last seen.
        drift: Change of the unit vector to the person, shape (3,) [1/s].
    """

    person: Person
    drift: Array = field(default_factory=lambda: np.zeros(3))
    _range: float = field(init=False)  # logarithm of the distance [m] ...
    _rate: float = field(init=False, default=0.0)  # ... and its change [1/s]

    def __post_init__(self) -> None:
        """Begin at the distance of the first sighting."""
        self._range = math.log(distance(self.person))

    def see(self, person: Person) -> None:
        """Take in a new sighting."""
        elapsed = person.stamp - self.person.stamp
        if elapsed > 0:
            drift = (_direction(person) - _direction(self.person)) / elapsed
            fastest = FASTEST / distance(person)
            drift *= min(1.0, fastest / max(float(np.linalg.norm(drift)), 1e-9))
            self.drift = self.drift + (drift - self.drift) * min(1.0, elapsed / _INERTIA)
            self._approach(person, elapsed)
        self.person = person

    def range_at(self, stamp: float) -> float:
        """Return how far away the person is expected to be [m]."""
        elapsed = min(stamp - self.person.stamp, _FORESIGHT)
        return math.exp(self._range + self._rate * elapsed)

    def _approach(self, person: Person, elapsed: float) -> None:
        """Follow the distance like a critically damped spring: who walks steadily does not lag."""
        before = math.log(self.range_at(person.stamp))
        error = math.log(distance(person)) - before
        self._range = before + min(2 * _AGILITY * elapsed, 1.0) * error
        self._rate += min(_AGILITY**2 * elapsed, 1 / elapsed) * error

    def expected(self, stamp: float, camera: Camera) -> Person:
        """Return the person as it is expected to be by now."""
        elapsed = min(stamp - self.person.stamp, _FORESIGHT)
        positions = self.person.positions + self.drift * elapsed * distance(self.person)
        return replace(self.person, positions=positions, pixels=camera.project(positions))


def distance(body: Body) -> float:
    """Return how far the root of a body is from the camera [m]."""
    return float(np.linalg.norm(body.positions[0]))


def _direction(body: Body) -> Array:
    return np.asarray(body.positions[0] / distance(body))
