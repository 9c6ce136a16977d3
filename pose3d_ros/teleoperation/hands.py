"""Hands: the poses of wrists and head, for whoever moves a robot by poses."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.human import HumanPose
from pose3d_ros.human_model import LINKS
from pose3d_ros.motions import Motion
from pose3d_ros.person import Person
from pose3d_ros.skeleton import H36M_17
from pose3d_ros.teleoperation.frame_tree import Transform
from pose3d_ros.teleoperation.hand import Hand
from pose3d_ros.teleoperation.human_angles import LINK_NEEDS
from pose3d_ros.teleoperation.predictor import Predictor
from pose3d_ros.teleoperation.robot_map import PoseMap
from pose3d_ros.teleoperation.sight import Following, Need, Sight

__all__ = ['HANDS', 'HandPose', 'Hands']

Array = NDArray[np.float64]
_Poses = tuple[Array, Array]

HANDS = {'left': 'l_wrist', 'right': 'r_wrist', 'head': 'head'}
"""The poses by name, and the links of the human model that they are those of."""

_NAMES = [link.name for link in LINKS]
_LINKS = [_NAMES.index(link) for link in HANDS.values()]
_TORSO = _NAMES.index('torso')


class HandPose(NamedTuple):
    """A pose in the frame of the torso, or the one that is wanted.

    Attributes:
        position: Shape (3,) [m].
        rotation: frame_from_link, shape (3, 3).
    """

    position: Array
    rotation: Array


class Hands:
    """Follows the operator's wrists and head."""

    def __init__(self, limits: PoseMap, smoothing: float) -> None:
        """Have seen nobody yet.

        Args:
            limits: Of all poses.
            smoothing: Of the positions; see `Predictor` [s].
        """
        self._limits = limits
        self._hands = [Hand(limits) for _ in HANDS]
        self._rotations: Array = np.full((len(HANDS), 3, 3), np.nan)
        self._predictor = Predictor(3 * len(HANDS), smoothing, periodic=False)
        self._sight = Sight(
            [Need(LINK_NEEDS[name], limits.min_confidence, limits.hold_time) for name in HANDS]
        )

    def begin(self) -> None:
        """Begin anew where the operator's hands are."""
        for hand in self._hands:
            hand.forget()

    def reset(self) -> None:
        """Follow another person from where the poses are."""
        self._predictor.reset()
        self._sight.reset()

    def see(self, person: Person, motion: Motion, time: float, frame: Transform | None) -> None:
        """Learn from an image.

        Args:
            person: The operator.
            motion: How the operator is turned and bent.
            time: Of the image [s].
            frame: frame_from_camera of the frame of the poses; None for the operator's torso.
        """
        positions: Array = np.full((len(HANDS), 3), np.nan)
        rotations: Array = np.full((len(HANDS), 3, 3), np.nan)
        if motion.pose is not None and frame is not None:
            positions, rotations = _in_frame(motion, motion.pose, person, frame)
        elif motion.pose is not None:
            positions, rotations = _in_torso(motion.pose)
            positions = self._limits.scale * positions
        numbers = np.concatenate((positions[:, None], rotations), axis=1)
        known = np.asarray(np.isfinite(numbers).all(axis=(1, 2)))
        seen = np.array(self._sight.look(person, known.tolist(), time), np.bool_)
        self._predictor.update(time, np.where(seen[:, None], positions, np.nan).ravel())
        self._rotations = np.where(seen[:, None, None], rotations, self._rotations)

    def move(
        self, now: float, elapsed: float, horizon: float, share: float
    ) -> dict[str, HandPose]:
        """Return the poses that there are after a step.

        Args:
            now: The time [s].
            elapsed: Since the last step [s].
            horizon: Motion goes on for up to this time after the newest image [s].
            share: Of the highest velocities, which may be used; 0 brakes.
        """
        values, rates = (x.reshape(-1, 3) for x in self._predictor.at(now, horizon))
        found = {}
        for index, (name, hand) in enumerate(zip(HANDS, self._hands, strict=True)):
            following = self._sight.states(now)[index]
            if share > 0 and following is Following.FOLLOWING and np.isfinite(values[index]).all():
                hand.follow(values[index], rates[index], self._rotations[index], elapsed, share)
            elif hand.is_known:
                hand.brake(elapsed)
            told = share > 0 and following is not Following.LOST
            if hand.is_known and (told or not hand.is_at_rest):
                found[name] = HandPose(hand.position, hand.rotation)
        return found


def _in_torso(pose: HumanPose) -> _Poses:
    """Return positions and rotations of the hands against the torso."""
    body_from_torso, origin = pose.rotations[_TORSO], pose.origins[_TORSO]
    positions = (pose.origins[_LINKS] - origin) @ body_from_torso
    return positions, body_from_torso.T @ pose.rotations[_LINKS]


def _in_frame(motion: Motion, pose: HumanPose, person: Person, frame: Transform) -> _Poses:
    """Return positions and rotations of the hands in a frame that the camera is in."""
    frame_from_body = frame.rotation @ motion.rotations[H36M_17.root]
    origin = frame.rotation @ person.positions[H36M_17.root] + frame.translation
    positions = origin + pose.origins[_LINKS] @ frame_from_body.T
    return positions, frame_from_body @ pose.rotations[_LINKS]
