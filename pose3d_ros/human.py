"""Humans: people as bodies of the human model, from image to image."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.angles import angles_of
from pose3d_ros.human_model import ANGLES, measures_of, origins_of, residual, rotations_of
from pose3d_ros.skeleton import H36M_17

__all__ = ['Human', 'HumanPose', 'human_poses']

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
    """What is known about one person: the measures, and what angles need to be continuous.

    Attributes:
        angles: In the last image, shape (20,) [rad]; NaN where not known.
        measures: Shape (17, 3) [m]; see `HumanPose`.
        velocity: Shape (3,) [m/s]; see `HumanPose`.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self.angles: Array = np.full(len(ANGLES), np.nan)
        self.measures: Array = np.zeros((17, 3))
        self.velocity: Array = np.full(3, np.nan)
        self._weights: Array = np.zeros((17, 1))
        self._last: tuple[float, Array] | None = None

    def see(
        self, angles: Array, measured: Array, confidence: Array, root: Array, stamp: float
    ) -> None:
        """Take in a new image.

        Args:
            angles: Shape (20,) [rad].
            measured: The measures in this image, shape (17, 3) [m].
            confidence: Of each joint, shape (17,), 0..1.
            root: The body in the camera's frame, shape (3,) [m].
            stamp: Time of the image [s].
        """
        self.angles = angles
        self._learn(measured, confidence, self._move(root, stamp))

    def _move(self, root: Array, stamp: float) -> float:
        """Note where the body is; return the time since the image before [s]."""
        before, self._last = self._last, (stamp, root)
        if before is None or stamp <= before[0]:
            return 0.0
        elapsed = stamp - before[0]
        velocity = (root - before[1]) / elapsed
        known = np.isfinite(self.velocity).all()
        share = 1 - np.exp(-elapsed / _STEADY) if known else 1.0
        self.velocity = velocity + (1 - share) * (self.velocity - velocity if known else 0.0)
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
        self.measures += gain / np.maximum(self._weights, 1e-12) * (mean - self.measures)


def human_poses(
    humans: Sequence[Human], positions: Array, rotations: Array, confidence: Array, stamp: float
) -> list[HumanPose]:
    """Return what people do in an image: all at once costs little more than one.

    Args:
        humans: Who they are, N of them; changed.
        positions: The 17 joints in the camera's frame, shape (N, 17, 3) [m].
        rotations: camera_from_joint, shape (N, 17, 3, 3); see `kinematics.joint_rotations`.
        confidence: Of each joint, shape (N, 17), 0..1.
        stamp: Time of the image [s].
    """
    root = H36M_17.root
    angles = angles_of(positions, rotations, np.stack([human.angles for human in humans]))
    joints = (positions - positions[:, root, None]) @ rotations[:, root]
    turned = rotations_of(angles)
    measured = measures_of(joints, turned)
    for index, human in enumerate(humans):
        human.see(angles[index], measured[index], confidence[index], positions[index, root], stamp)
    measures = np.stack([human.measures for human in humans])
    residuals = residual(joints, turned, measures).tolist()
    velocities = [human.velocity for human in humans]
    each = zip(angles, measures, residuals, turned, origins_of(joints), velocities, strict=True)
    return [HumanPose(*fields) for fields in each]
