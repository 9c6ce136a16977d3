"""Operators: who of the people seen moves the robot."""

from collections.abc import Sequence

import numpy as np

from pose3d_ros.person import Person, PersonState

__all__ = ['Operators']


class Operators:
    """Chooses a person, and stays with the choice as long as the person is there.

    Attributes:
        chosen: The id of the operator; empty while there is none.
    """

    def __init__(self) -> None:
        """Know nobody yet."""
        self.chosen = ''
        self._order: list[str] = []

    def choose(self, people: Sequence[Person], whom: str) -> Person | None:
        """Return the operator in an image; None if there is none.

        Only somebody who is seen can be chosen anew; the operator stays while carried over.

        Args:
            people: Everybody in the image.
            whom: 'nearest', 'first', or an id.
        """
        there = {each.id: each for each in people if each.state is not PersonState.LOST}
        self._order = [name for name in self._order if name in there]
        self._order += [name for name in there if name not in self._order]
        stays = self.chosen in there and whom in ('nearest', 'first', self.chosen)
        if not stays:
            self.chosen = self._pick(list(there.values()), whom)
        return there.get(self.chosen)

    def _pick(self, people: list[Person], whom: str) -> str:
        seen = [each for each in people if each.state is not PersonState.PREDICTED]
        if whom == 'first':
            return next((name for name in self._order if name in {p.id for p in seen}), '')
        if whom == 'nearest':
            near = [each for each in seen if np.isfinite(_distance(each))]
            return min(near, key=_distance).id if near else ''
        return whom if any(each.id == whom for each in seen) else ''


def _distance(person: Person) -> float:
    return float(np.linalg.norm(person.positions[0]))
