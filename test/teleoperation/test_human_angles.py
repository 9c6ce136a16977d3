"""Laws of the angles that move robots."""

import numpy as np
import pytest
from human_bodies import legal_angles, model_measures
from scipy.spatial.transform import Rotation

from pose3d_ros.human import Human, human_poses
from pose3d_ros.human_model import ANGLES, forward, mirrored_angles
from pose3d_ros.kinematics import joint_rotations
from pose3d_ros.skeleton import H36M_17
from pose3d_ros.teleoperation.human_angles import (
    CENTRES,
    HUMAN_ANGLES,
    human_angles,
    shoulder_angles,
)


def angles_of(angles: np.ndarray) -> np.ndarray:
    joints = forward(angles, model_measures())
    rotations = joint_rotations(joints, H36M_17)
    each = joints[None], rotations[None], np.ones((1, 17))
    return human_angles(human_poses([Human()], *each, 0.0)[0])


def turn(flexion: float, abduction: float, rotation: float) -> np.ndarray:
    return Rotation.from_euler('YXZ', (-flexion, abduction, rotation)).as_matrix()


def test_shoulder_angles_come_back() -> None:
    generator = np.random.default_rng(1)
    for angles in generator.uniform((-3, -1.3, -3), (3, 1.3, 3), (500, 3)):
        assert shoulder_angles(turn(*angles)) == pytest.approx(angles)


def test_an_arm_straight_to_the_side_keeps_its_flexion() -> None:
    previous = np.array((0.4, 1.5, 0.1))
    found = shoulder_angles(turn(1.2, np.pi / 2, 0.3), previous)
    assert found[0] == 0.4
    assert turn(*found) == pytest.approx(turn(1.2, np.pi / 2, 0.3), abs=1e-6)


@pytest.mark.parametrize(('angle', 'towards'), [('flexion', (1, 0, 0)), ('abduction', (0, 1, 0))])
def test_flexion_lifts_the_arm_forward_and_abduction_to_the_side(
    angle: str, towards: tuple[int, int, int]
) -> None:
    values = {'flexion': 0.0, 'abduction': 0.0, 'rotation': 0.0, angle: np.pi / 2}
    arm = turn(**values) @ (0, 0, -1)
    assert arm == pytest.approx(towards, abs=1e-9)


def test_rotation_turns_the_forearm_outward() -> None:
    assert turn(0, 0, 0.5) @ (1, 0, 0) @ (0, 1, 0) > 0.4


def test_mirrored_people_have_mirrored_shoulders() -> None:
    shoulders = len(ANGLES)
    for angles in legal_angles(np.random.default_rng(2), 100):
        found, twin = angles_of(angles), angles_of(mirrored_angles(angles))
        both = found[shoulders:].reshape(2, 3)[::-1].ravel()
        if np.abs(both[[1, 4]]).max() < 1.3:  # not near the singular place
            difference = (twin[shoulders:] - both + np.pi) % (2 * np.pi) - np.pi
            assert difference == pytest.approx(np.zeros(6), abs=1e-6)


def test_angles_are_told_within_half_a_turn_of_where_they_usually_lie() -> None:
    for angles in legal_angles(np.random.default_rng(3), 200):
        assert (np.abs(angles_of(angles) - CENTRES) <= np.pi + 1e-9).all()
    assert len(CENTRES) == len(HUMAN_ANGLES) == 26
