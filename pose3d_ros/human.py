"""Humans: people as bodies of the human model, from image to image."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.angles import angles_of
from pose3d_ros.human_model import is_human, links_of, measures_of, residual
from pose3d_ros.kinematics import joint_rotations
from pose3d_ros.person import Person, PersonState
from pose3d_ros.skeleton import H36M_17, Skeleton

__all__ = ['Human', 'HumanPose', 'Motion', 'Motions']

Array = NDArray[np.float64]

_SETTLING = 3.0  # how long measures are averaged before they follow slowly [s]
_SURE = 0.5  # measures of joints below this confidence hardly count
_TWINS = list(H36M_17.mirror)
_MIRROR = np.array((1.0, -1.0, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class HumanPose:
    """A person in one image.

    Attributes:
        angles: In the order of `human_model.ANGLES`, shape (20,) [rad]; NaN where not known.
        measures: The person's own, filtered over time, shape (17, 3) [m]; see
            `human_model.measures_of`.
        residual: Mean distance of the joints from the model with these angles and measures [m].
        rotations: How the links are turned against the body, shape (L, 3, 3).
        origins: Where the links are in the body's frame as measured in this image, shape (L, 3)
            [m]: the joints are exactly where they were seen.
        velocity: Of the body in the frame of the camera, shape (3,) [m/s]; NaN at first.
    """

    angles: Array
    measures: Array
    residual: float
    rotations: Array
    origins: Array
    velocity: Array


class Human:
    """Follows one person: keeps the measures, and what angles need to be continuous."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._angles: Array | None = None
        self._measures: Array = np.zeros((17, 3))
        self._weights: Array = np.zeros(17)
        self._last: tuple[float, Array] | None = None
        self._velocity: Array = np.full(3, np.nan)

    def update(
        self, positions: Array, rotations: Array, confidence: Array, stamp: float
    ) -> HumanPose:
        """Return what the person does.

        Args:
            positions: The 17 joints in the camera's frame, shape (17, 3) [m].
            rotations: camera_from_joint, shape (17, 3, 3); see `kinematics.joint_rotations`.
            confidence: Of each joint, shape (17,), 0..1; all 0 where the person is not seen.
            stamp: Time of the image [s].
        """
        root = H36M_17.root
        angles = angles_of(positions, rotations, self._angles)
        known = np.isfinite(angles)
        self._angles = angles if self._angles is None else np.where(known, angles, self._angles)
        joints = (positions - positions[root]) @ rotations[root]
        measured = measures_of(joints, angles)
        elapsed = self._move(positions[root], stamp)
        self._learn(measured, confidence, elapsed)
        turned, origins = links_of(angles, measured)
        mean = float(residual(joints, angles, self._measures)) if known.any() else np.nan
        return HumanPose(angles, self._measures.copy(), mean, turned, origins, self._velocity)

    def _move(self, root: Array, stamp: float) -> float:
        """Note where the body is; return the time since the image before [s]."""
        before, self._last = self._last, (stamp, root)
        if before is None or stamp <= before[0]:
            return 0.0
        elapsed = stamp - before[0]
        self._velocity = (root - before[1]) / elapsed
        return elapsed

    def _learn(self, measured: Array, confidence: Array, elapsed: float) -> None:
        """Average the measures; left and right are one."""
        mirrored = measured[_TWINS] * _MIRROR
        weights = np.where(np.isfinite(measured).all(axis=1), (confidence / _SURE) ** 2, 0.0)
        weights = np.minimum(weights, 1.0)
        both = weights + weights[_TWINS]
        total = weights[:, None] * np.nan_to_num(measured)
        total += weights[_TWINS, None] * np.nan_to_num(mirrored)
        mean = total / np.maximum(both, 1e-9)[:, None]
        first = (self._weights == 0) & np.isfinite(measured).all(axis=1)
        gain = np.where(both > 0, both * max(elapsed, 1e-3), 0.0)
        self._weights = np.minimum(self._weights + gain, _SETTLING)
        share = gain / np.maximum(self._weights, 1e-9)
        self._measures += np.where(first, 1.0, share)[:, None] * (
            np.where((both > 0)[:, None], mean, np.nan_to_num(measured)) - self._measures
        )


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
    """Follows everybody whom one camera sees."""

    def __init__(self, skeleton: Skeleton) -> None:
        """Know nobody yet.

        Args:
            skeleton: The joints of all people.
        """
        self._skeleton = skeleton
        self._rotations: dict[str, Array] = {}
        self._humans: dict[str, Human] = {}

    def reset(self) -> None:
        """Forget everybody."""
        self._rotations.clear()
        self._humans.clear()

    def update(self, people: Sequence[Person]) -> list[Motion]:
        """Return how everybody is turned and bent in the next image; forget who is lost."""
        found = [self._update(person) for person in people]
        for person in people:
            if person.state is PersonState.LOST:
                self._rotations.pop(person.id, None)
                self._humans.pop(person.id, None)
        return found

    def _update(self, person: Person) -> Motion:
        rotations = joint_rotations(
            person.positions, self._skeleton, self._rotations.get(person.id)
        )
        self._rotations[person.id] = rotations
        known = np.isfinite(rotations[self._skeleton.root]).all()
        if not (known and is_human(self._skeleton)):
            return Motion(rotations, None)
        human = self._humans.setdefault(person.id, Human())
        seen = person.confidence * (person.state is not PersonState.PREDICTED)
        return Motion(rotations, human.update(person.positions, rotations, seen, person.stamp))
