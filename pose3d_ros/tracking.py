"""Tracking: who is who from one image to the next, where to look next, and who is gone.

The next crop of a person is around the joints of the last one, moved on as the person was
moving. A person is seen only where an estimator says so in this very image; otherwise the last
skeleton is carried over for a stated time, marked as predicted, and then the person is lost. Who
is lost is remembered for a while: who comes back near enough, and looks as large as before, gets
the old name. Time is known through stamps alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pose3d_ros.boxes import Box
from pose3d_ros.camera import Camera
from pose3d_ros.candidate import (
    Candidate,
    box_around,
    certainty,
    distances,
    distinct,
    person_from,
    present,
)
from pose3d_ros.names import Names
from pose3d_ros.person import JointState, Person, PersonState
from pose3d_ros.track import FASTEST, Track, distance

__all__ = ['Follower']

Array = NDArray[np.float64]

_SPEED = 1.0  # people usually move slower than this [m/s]
_LONGEST = 1.0  # time after which a search does not widen any more [s]
_SAME = 0.5  # bodies nearer to each other than this may be the same person [m]
_LOYALTY = 0.8  # a new person must be nearer than this share of a followed one's distance
_REACH = 2.0  # who comes back is this near to where it was seen last [m] ...
_HABIT = 0.25  # ... and its distance from the camera as it looks differs by no more than e^this
_CERTAIN = 0.7  # certainty of somebody new: a mistake made here would be followed
_STRETCH = 0.2  # who looks nearer or farther all at once by more than e^this ...
_STEP = 0.3  # ... and by more than this is somebody else [m]

_Sighting = tuple['Track | None', Candidate | None]


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
        remember: A person lost for less than this may get the old name again [s].
    """

    names: Names
    min_presence: float = 0.5
    min_confidence: float = 0.3
    max_people: int = 4
    lost_after: float = 0.3
    remember: float = 10.0
    _tracks: list[Track] = field(init=False, default_factory=list)
    _gone: list[Person] = field(init=False, default_factory=list)  # as they were last seen
    _stamp: float = field(init=False, default=-math.inf)

    def reset(self) -> None:
        """Forget everybody; their names are not given to others."""
        self._tracks, self._gone = [], []
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
            box_around(
                track.expected(stamp, camera), camera, reach=_SPEED * self._since(track.person)
            )
            for track in self._tracks
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
        there = present(candidates, self.min_presence)
        bodies = distinct(there, camera, self.min_confidence)
        seen: list[Person] = []
        carried: list[Person] = []
        lost: list[Person] = []
        kept: list[Track] = []
        new: list[Candidate] = []
        for track, candidate in sorted(self._assign(bodies, camera), key=_rank):
            full = len(kept) + len(new) >= self.max_people
            if candidate and track and not full:
                track.see(self._see(track.person.id, candidate, camera, PersonState.SEEN))
                seen.append(track.person)
                kept.append(track)
            elif candidate and not full and certainty(candidate) >= _CERTAIN:
                new.append(candidate)
            elif track and not full and stamp - track.person.stamp < self.lost_after:
                carried.append(self._carry(track.person, stamp, PersonState.PREDICTED))
                kept.append(track)
            elif track:
                lost.append(self._carry(track.person, stamp, PersonState.LOST))
                self._gone.append(track.person)
        entering = [
            self._see(name, candidate, camera, PersonState.ENTERING)
            for name, candidate in zip(self._names_of(new), new, strict=True)
        ]
        self._tracks = [*kept, *map(Track, entering)]
        return sorted(seen + entering + carried, key=distance) + lost

    def _notice(self, stamp: float) -> None:
        if stamp < self._stamp:
            self.reset()
        self._stamp = stamp

    def _since(self, person: Person) -> float:
        """Return the time since the person was seen, up to `_LONGEST` [s]."""
        return min(self._stamp - person.stamp, _LONGEST)

    def _assign(self, candidates: list[Candidate], camera: Camera) -> list[_Sighting]:
        """Return pairs of a track, None for a new one, and a candidate, None if not seen.

        Where two people cross, the joints of one may be taken for those of the other, in one image
        or bit by bit: the body then looks farther away, all at once, than the person was. It is
        nobody's while the person may still come out again.
        """
        expected = [track.expected(self._stamp, camera) for track in self._tracks]
        since = np.array([self._since(track.person) for track in self._tracks])
        reach = _SAME + FASTEST * since.reshape(-1, 1)
        apart = distances(expected, candidates)
        ranges = np.array([track.range_at(self._stamp) for track in self._tracks])
        stretch = np.maximum(_STRETCH, _STEP / ranges) + _SPEED * since / ranges
        alike = _as_far(ranges, candidates, stretch)
        pairs = _pairs(np.where(alike, apart, np.inf), reach)
        unseen = [row for row in range(len(self._tracks)) if row not in pairs]
        disputed = set(np.flatnonzero((apart < reach)[unseen].any(axis=0)).tolist())
        known = [
            (track, candidates[pairs[row]] if row in pairs else None)
            for row, track in enumerate(self._tracks)
        ]
        taken = set(pairs.values())
        new = [
            (None, each)
            for column, each in enumerate(candidates)
            if column not in taken | disputed
        ]
        return [*known, *new]

    def _names_of(self, candidates: list[Candidate]) -> list[str]:
        """Return the names of people who enter: old ones of those who come back."""
        self._gone = [each for each in self._gone if self._stamp - each.stamp <= self.remember]
        apart = distances(self._gone, candidates)
        since = np.array([self._stamp - person.stamp for person in self._gone]).reshape(-1, 1)
        reach = np.minimum(_SAME + _SPEED * since, _REACH)
        ranges = np.array([distance(person) for person in self._gone])
        alike = _as_far(ranges, candidates, np.full(len(ranges), _HABIT))
        pairs = _pairs(np.where(alike, apart, np.inf), reach)
        back = {column: self._gone[row].id for row, column in pairs.items()}
        self._gone = [each for each in self._gone if each.id not in back.values()]
        return [back.get(column) or self.names.new() for column in range(len(candidates))]

    def _see(self, name: str, candidate: Candidate, camera: Camera, state: PersonState) -> Person:
        return person_from(
            candidate,
            camera,
            name,
            state=state,
            stamp=self._stamp,
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


def _as_far(ranges: Array, candidates: list[Candidate], stretch: Array) -> NDArray[np.bool_]:
    """Return which candidates are where people were seen, as far as the distance tells, (N, M).

    Args:
        ranges: How far away the people were, shape (N,) [m].
        candidates: M of them.
        stretch: Largest natural logarithm of the factor between, shape (N,).
    """
    now = np.array([distance(each) for each in candidates])
    return np.asarray(np.abs(np.log(now / ranges[:, None])) < stretch[:, None])


def _pairs(costs: Array, reach: Array) -> dict[int, int]:
    """Return the cheapest pairs of rows and columns whose costs are within reach."""
    near = costs < reach
    # A pair that is too far apart costs more than all pairs that are not.
    rows, columns = linear_sum_assignment(np.where(near, costs, 1e3 * (1 + near.size)))
    return {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if near[row, column]
    }


def _rank(sighting: _Sighting) -> float:
    track, candidate = sighting
    if track:
        return _LOYALTY * distance(candidate or track.person)
    return distance(candidate) if candidate else math.inf
