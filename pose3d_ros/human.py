"""Humans: people as bodies of the human model, from image to image."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.angles import angles_of
from pose3d_ros.human_model import is_human, measures_of, origins_of, residual, rotations_of
from pose3d_ros.kinematics import joint_rotations
from pose3d_ros.person import Person, PersonState
from pose3d_ros.skeleton import H36M_17, Skeleton

__all__ = ['Human', 'HumanPose', 'Motion', 'Motions']

Array = NDArray[np.float64]

_SETTLING = 3.0  # how long measures are averaged before they follow slowly [s]
_SURE = 0.5  # measures of joints below this confidence hardly count ...
_LEAST = 1e-6  # ... but one that never is surer is better than none
_SHORTEST = 1e-3  # the first image counts as so long [s]
_STEADY = 0.1  # velocities are averaged over about this time [s]
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
        velocity: Of the body in the frame of the camera, averaged over the last 0.1 s, shape (3,)
            [m/s]; NaN at first.
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
        self._weights: Array = np.zeros((17, 1))
        self._last: tuple[float, Array] | None = None
        self._velocity: Array = np.full(3, np.nan)

    def update(
        self, positions: Array, rotations: Array, confidence: Array, stamp: float
    ) -> HumanPose:
        """Return what the person does.

        Args:
            positions: The 17 joints in the camera's frame, shape (17, 3) [m].
            rotations: camera_from_joint, shape (17, 3, 3); see `kinematics.joint_rotations`.
            confidence: Of each joint, shape (17,), 0..1.
            stamp: Time of the image [s].
        """
        root = H36M_17.root
        angles = self._angles = angles_of(positions, rotations, self._angles)
        joints = (positions - positions[root]) @ rotations[root]
        turned = rotations_of(angles)
        elapsed = self._move(positions[root], stamp)
        self._learn(measures_of(joints, turned), confidence, elapsed)
        return HumanPose(
            angles,
            self._measures.copy(),
            float(residual(joints, turned, self._measures)),
            turned,
            origins_of(joints),
            self._velocity,
        )

    def _move(self, root: Array, stamp: float) -> float:
        """Note where the body is; return the time since the image before [s]."""
        before, self._last = self._last, (stamp, root)
        if before is None or stamp <= before[0]:
            return 0.0
        elapsed = stamp - before[0]
        velocity = (root - before[1]) / elapsed
        known = np.isfinite(self._velocity).all()
        share = 1 - np.exp(-elapsed / _STEADY) if known else 1.0
        self._velocity = velocity + (1 - share) * (self._velocity - velocity if known else 0.0)
        return elapsed

    def _learn(self, measured: Array, confidence: Array, elapsed: float) -> None:
        """Average the measures; left and right are one."""
        known = np.asarray(np.isfinite(measured).all(axis=1))
        weights = (known * np.clip((confidence / _SURE) ** 2, _LEAST, 1.0))[:, None]
        total = weights * np.where(known[:, None], measured, 0.0)
        total += total[_TWINS] * _MIRROR
        both = weights + weights[_TWINS]
        gain = both * max(elapsed, _SHORTEST)
        self._weights = np.minimum(self._weights + gain, _SETTLING)
        mean = total / np.maximum(both, _LEAST)
        self._measures += gain / np.maximum(self._weights, 1e-12) * (mean - self._measures)


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
        self._humans: dict[str, Human] = {}
        self._motions: dict[str, Motion] = {}

    def reset(self) -> None:
        """Forget everybody."""
        self._humans.clear()
        self._motions.clear()

    def update(self, people: Sequence[Person]) -> list[Motion]:
        """Return how everybody is turned and bent in the next image; forget who is lost."""
        found = [self._update(person) for person in people]
        for person in people:
            if person.state is PersonState.LOST:
                self._humans.pop(person.id, None)
                self._motions.pop(person.id, None)
        return found

    def _update(self, person: Person) -> Motion:
        """Return what is seen; of a person who is only carried over, what was seen last."""
        last = self._motions.get(person.id)
        if last and not person.is_seen:
            return last
        rotations = joint_rotations(
            person.positions, self._skeleton, last.rotations if last else None
        )
        pose = None
        if is_human(self._skeleton) and np.isfinite(rotations[self._skeleton.root]).all():
            human = self._humans.setdefault(person.id, Human())
            pose = human.update(person.positions, rotations, person.confidence, person.stamp)
        motion = self._motions[person.id] = Motion(rotations, pose)
        return motion
