"""Tracking: who is who from one image to the next, where to look next, and who is gone.

The next crop of a person is around the joints of the last one. A person is seen only where an
estimator says so in this very image; otherwise the last skeleton is carried over for a stated
time, marked as predicted, and then the person is lost. Time is known through stamps alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from pose3d_ros.boxes import Box
from pose3d_ros.camera import Camera
from pose3d_ros.candidate import Body, Candidate, box_around, distances, distinct, person_from
from pose3d_ros.names import Names
from pose3d_ros.person import JointState, Person, PersonState

__all__ = ['Follower']

_SPEED = 1.0  # people usually move slower than this [m/s] ...
_FASTEST = 3.0  # ... and never faster than this [m/s]
_LONGEST = 1.0  # time after which a search does not widen any more [s]
_SAME = 0.5  # bodies nearer to each other than this may be the same person [m]
_LOYALTY = 0.8  # a new person must be nearer than this share of a followed one's distance

_Sighting = tuple[Person | None, Candidate | None]


@dataclass(slots=True, eq=False)
class Follower:
    """Follows the people that one camera sees.

    The settings may be changed at any time.

    Attributes:
        names: Where names come from.
        min_presence: A person below this presence is not seen.
        min_confidence: Joints below this confidence are OCCLUDED.
        max_people: Most people followed; the nearest ones are.
        lost_after: A person not seen for this long is lost [s].
    """

    names: Names
    min_presence: float = 0.5
    min_confidence: float = 0.3
    max_people: int = 4
    lost_after: float = 0.3
    _people: list[Person] = field(init=False, default_factory=list)  # as they were last seen
    _stamp: float = field(init=False, default=-math.inf)

    def reset(self) -> None:
        """Forget everybody; their names are not given to others."""
        self._people = []
        self._stamp = -math.inf

    def boxes(self, stamp: float, camera: Camera) -> list[Box]:
        """Return where to look for the people followed, in an image of this time.

        Args:
            stamp: Time of the image; before the last one is a new beginning [s].
            camera: The camera that took it.

        Returns:
            x, y, width and height of a box for each person [px].
        """
        self._notice(stamp)
        return [
            box_around(person, camera, reach=_SPEED * self._since(person))
            for person in self._people
        ]

    def update(
        self, stamp: float, camera: Camera, candidates: Sequence[Candidate]
    ) -> list[Person]:
        """Return who is there, from what estimators say about an image.

        Args:
            stamp: Time of the image; before the last one is a new beginning [s].
            camera: The camera that took it.
            candidates: All crops of the image, in any order, with or without a person, several
                of the same person perhaps.

        Returns:
            People seen or predicted, the nearest first, then those lost since the last image.
        """
        self._notice(stamp)
        present = [each for each in candidates if each.presence >= self.min_presence]
        bodies = distinct(present, camera, self.min_confidence)
        seen: list[Person] = []
        carried: list[Person] = []
        lost: list[Person] = []
        remembered: list[Person] = []
        for person, candidate in sorted(self._assign(bodies), key=_rank):
            full = len(remembered) >= self.max_people
            if candidate and not full:
                seen.append(self._see(person, candidate, stamp, camera))
                remembered.append(seen[-1])
            elif person and not full and stamp - person.stamp < self.lost_after:
                carried.append(self._carry(person, stamp, PersonState.PREDICTED))
                remembered.append(person)
            elif person:
                lost.append(self._carry(person, stamp, PersonState.LOST))
        self._people = remembered
        return sorted(seen + carried, key=_distance) + lost

    def _notice(self, stamp: float) -> None:
        if stamp < self._stamp:
            self.reset()
        self._stamp = stamp

    def _since(self, person: Person) -> float:
        """Return the time since the person was seen, up to `_LONGEST` [s]."""
        return min(self._stamp - person.stamp, _LONGEST)

    def _assign(self, candidates: list[Candidate]) -> list[_Sighting]:
        """Return pairs of a person, None for a new one, and a candidate, None if not seen."""
        costs = distances(self._people, candidates)
        since = np.array([self._since(person) for person in self._people])
        near = costs < _SAME + _FASTEST * since.reshape(-1, 1)
        # A pair that is too far apart costs more than all pairs that are not.
        rows, columns = linear_sum_assignment(np.where(near, costs, 1e3 * (1 + near.size)))
        pairs = {
            int(row): int(column)
            for row, column in zip(rows, columns, strict=True)
            if near[row, column]
        }
        known = [
            (person, candidates[pairs[row]] if row in pairs else None)
            for row, person in enumerate(self._people)
        ]
        taken = set(pairs.values())
        new = [(None, each) for column, each in enumerate(candidates) if column not in taken]
        return [*known, *new]

    def _see(
        self, person: Person | None, candidate: Candidate, stamp: float, camera: Camera
    ) -> Person:
        return person_from(
            candidate,
            camera,
            person.id if person else self.names.new(),
            state=PersonState.SEEN if person else PersonState.ENTERING,
            stamp=stamp,
            min_confidence=self.min_confidence,
        )

    def _carry(self, person: Person, stamp: float, state: PersonState) -> Person:
        """Return the person as last seen, less and less sure of it."""
        elapsed = stamp - person.stamp
        left = max(1 - elapsed / self.lost_after, 0.0) if self.lost_after > 0 else 0.0
        return replace(
            person,
            state=state,
            presence=0.0,
            confidence=left * person.confidence,
            deviation=np.hypot(person.deviation, _SPEED * elapsed),
            joint_states=np.full_like(person.joint_states, JointState.PREDICTED),
            stamp=stamp,
        )


def _distance(body: Body) -> float:
    return float(np.linalg.norm(body.positions[0]))


def _rank(sighting: _Sighting) -> float:
    person, candidate = sighting
    if person:
        return _LOYALTY * _distance(candidate or person)
    return _distance(candidate) if candidate else math.inf
