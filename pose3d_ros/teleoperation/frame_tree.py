"""Frame tree: where frames are against one another at a time, from what /tf has told."""

from bisect import bisect_left
from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

__all__ = ['FrameTree', 'Transform']

Array = NDArray[np.float64]

_REMEMBERED = 500  # transforms of each frame
_LATE = 0.1  # a frame may be told so much later than the time that is asked for [s]


class Transform(NamedTuple):
    """Where a frame is.

    Attributes:
        rotation: parent_from_child, shape (3, 3).
        translation: Of the child in the parent, shape (3,) [m].
    """

    rotation: Array
    translation: Array

    def after(self, first: 'Transform') -> 'Transform':
        """Return what both transforms do, `first` before this one."""
        return Transform(
            self.rotation @ first.rotation, self.rotation @ first.translation + self.translation
        )

    def inverse(self) -> 'Transform':
        """Return the transform back."""
        return Transform(self.rotation.T, -self.rotation.T @ self.translation)


_HERE = Transform(np.eye(3), np.zeros(3))


class FrameTree:
    """Remembers frames; those that never move are known at all times."""

    def __init__(self) -> None:
        """Know no frame yet."""
        self._parents: dict[str, str] = {}
        self._static: dict[str, Transform] = {}
        self._moving: dict[str, deque[tuple[float, Transform]]] = {}

    def add(
        self, parent: str, child: str, transform: Transform, stamp: float | None = None
    ) -> None:
        """Learn where a frame is.

        Args:
            parent: Name of the parent.
            child: Name of the frame.
            transform: parent_from_child.
            stamp: When [s]; None for ever.
        """
        if self._parents.get(child) != parent:
            self._static.pop(child, None)
            self._moving.pop(child, None)
        self._parents[child] = parent
        if stamp is None:
            self._static[child] = transform
            return
        history = self._moving.setdefault(child, deque(maxlen=_REMEMBERED))
        if history and stamp <= history[-1][0]:
            if stamp == history[-1][0]:
                return
            history.clear()  # time has jumped back
        history.append((stamp, transform))

    def find(self, target: str, source: str, stamp: float) -> Transform:
        """Return target_from_source.

        Args:
            target: Name of a frame.
            source: Name of another one.
            stamp: When [s].

        Raises:
            LookupError: They are not connected, or not known at that time.
        """
        up, over = self._chain(source), self._chain(target)
        common = next((name for name in up if name in over), None)
        if common is None:
            message = f'TF does not connect {source!r} with {target!r}'
            raise LookupError(message)
        to_common = self._to(common, up, stamp)
        return self._to(common, over, stamp).inverse().after(to_common)

    def _chain(self, name: str) -> list[str]:
        """Return a frame and all frames above it."""
        chain = [name]
        while (parent := self._parents.get(chain[-1])) is not None and parent not in chain:
            chain.append(parent)
        return chain

    def _to(self, end: str, chain: list[str], stamp: float) -> Transform:
        found = _HERE
        for name in chain[: chain.index(end)]:
            found = self._at(name, stamp).after(found)
        return found

    def _at(self, name: str, stamp: float) -> Transform:
        if name in self._static:
            return self._static[name]
        history = self._moving[name]
        index = bisect_left([time for time, _ in history], stamp)
        if index < len(history) and history[index][0] == stamp:
            return history[index][1]
        if index == len(history) and stamp - history[-1][0] <= _LATE:
            return history[-1][1]
        if index in (0, len(history)):
            message = f'TF does not know where {name!r} was at {stamp:.3f} s'
            raise LookupError(message)
        (begin, before), (end, after) = history[index - 1], history[index]
        share = (stamp - begin) / (end - begin)
        turns = Rotation.from_matrix(np.stack((before.rotation, after.rotation)))
        moved = before.translation + share * (after.translation - before.translation)
        return Transform(Slerp((0.0, 1.0), turns)([share]).as_matrix()[0], moved)
