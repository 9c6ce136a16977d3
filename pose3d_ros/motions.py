"""Motions: how everybody whom one camera sees is turned and bent, from image to image."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.human import Human, HumanPose, human_poses
from pose3d_ros.human_model import is_human
from pose3d_ros.kinematics import joint_rotations
from pose3d_ros.person import Person, PersonState
from pose3d_ros.skeleton import Skeleton

__all__ = ['Motion', 'Motions']

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """How one person is turned and bent in one image.

    Attributes:
        rotations: camera_from_joint, shape (J, 3, 3); see `kinematics.joint_rotations`.
        pose: The person as the human model; None where the skeleton is not that of the model, or
            the body is not known.
    """

    rotations: Array
    pose: HumanPose | None


class Motions:
    """Follows everybody whom one camera sees.

    An image is taken in by `update`; or in two steps, since turns alone are known sooner.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        """Know nobody yet.

        Args:
            skeleton: The joints of all people.
        """
        self._skeleton = skeleton
        self._turns: dict[str, Array] = {}
        self._turned: list[Person] = []
        self._humans: dict[str, Human] = {}
        self._motions: dict[str, Motion] = {}

    def reset(self) -> None:
        """Forget everybody."""
        self._turns.clear()
        self._turned.clear()
        self._humans.clear()
        self._motions.clear()

    def update(self, people: Sequence[Person]) -> list[Motion]:
        """Return how everybody is turned and bent in the next image; forget who is lost.

        Who is not seen there stays as before.
        """
        self.turn(people)
        return self.bend(people)

    def turn(self, people: Sequence[Person]) -> list[Array]:
        """Return how everybody is turned in the next image: `Motion.rotations`."""
        self._turned = [each for each in people if each.is_seen or each.id not in self._motions]
        if self._turned:
            unknown = np.full((len(self._skeleton.joints), 3, 3), np.nan)
            rotations = joint_rotations(
                np.stack([person.positions for person in self._turned]),
                self._skeleton,
                np.stack([self._turns.get(person.id, unknown) for person in self._turned]),
            )
            self._turns.update(zip([each.id for each in self._turned], rotations, strict=True))
        return [self._turns[person.id] for person in people]

    def bend(self, people: Sequence[Person]) -> list[Motion]:
        """Return how those who were just turned are bent as well; forget who is lost."""
        for person, pose in zip(self._turned, self._poses(self._turned), strict=True):
            self._motions[person.id] = Motion(self._turns[person.id], pose)
        found = [self._motions[person.id] for person in people]
        for person in people:
            if person.state is PersonState.LOST:
                for known in (self._turns, self._humans, self._motions):
                    known.pop(person.id, None)
        return found

    def _poses(self, people: Sequence[Person]) -> list[HumanPose | None]:
        """Return people as the human model; None where their bodies are not known."""
        poses: list[HumanPose | None] = [None] * len(people)
        known = [index for index, person in enumerate(people) if self._is_known(person)]
        if not known:
            return poses
        chosen = [people[index] for index in known]
        found = human_poses(
            [self._humans.setdefault(person.id, Human()) for person in chosen],
            np.stack([person.positions for person in chosen]),
            np.stack([self._turns[person.id] for person in chosen]),
            np.stack([person.confidence for person in chosen]),
            chosen[0].stamp,
        )
        for index, pose in zip(known, found, strict=True):
            poses[index] = pose
        return poses

    def _is_known(self, person: Person) -> bool:
        """Return whether a body is known, if it can be that of the model at all."""
        body = self._turns[person.id][self._skeleton.root]
        return is_human(self._skeleton) and bool(np.isfinite(body).all())
