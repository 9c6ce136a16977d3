"""Laws of one person who is followed as a body of the human model."""

import numpy as np
import pytest
from human_bodies import legal_bodies, model_measures, seen
from numpy.typing import NDArray

from pose3d_ros.human import Human, HumanPose, human_poses
from pose3d_ros.human_model import joints_of
from pose3d_ros.kinematics import joint_rotations
from pose3d_ros.skeleton import H36M_17

Array = NDArray[np.float64]

SURE = np.ones(17)
ELBOW, WRIST = H36M_17.index('l_elbow'), H36M_17.index('l_wrist')


def watched(human: Human, joints: Array, stamp: float, confidence: Array = SURE) -> HumanPose:
    positions = seen(joints, stamp).positions[None]
    rotations = joint_rotations(positions, H36M_17)
    return human_poses([human], positions, rotations, confidence[None], stamp)[0]


def test_the_measures_of_the_model_are_found_in_one_image() -> None:
    pose = watched(Human(), legal_bodies(1)[0], 0.0)
    assert pose.measures == pytest.approx(model_measures(), abs=1e-9)
    assert pose.residual == pytest.approx(0, abs=1e-9)


def test_measures_settle_and_the_residual_says_how_far_the_estimates_are_from_them() -> None:
    human = Human()
    for index, joints in enumerate(legal_bodies(90, noise_m=0.02)):
        pose = watched(human, joints, index / 30)
        lengths = np.linalg.norm(pose.measures[[ELBOW, WRIST]], axis=1)
        if index == 60:
            before = lengths
    assert lengths == pytest.approx((0.28, 0.25), abs=0.01)
    assert lengths == pytest.approx(before, abs=0.005)
    body = joint_rotations(joints, H36M_17)[0]
    modelled = joints_of(pose.rotations, pose.measures)
    errors = np.linalg.norm(modelled - (joints - joints[0]) @ body, axis=1)
    assert pose.residual == pytest.approx(errors.mean())
    assert 0.01 < pose.residual < 0.1


def test_left_and_right_limbs_are_of_one_length() -> None:
    joints = legal_bodies(1)[0]
    joints[WRIST] = joints[ELBOW] + 1.2 * (joints[WRIST] - joints[ELBOW])
    measures = watched(Human(), joints, 0.0).measures
    assert measures[WRIST, 2] == pytest.approx(-0.275)
    assert measures[H36M_17.mirror[WRIST], 2] == pytest.approx(-0.275)


def test_joints_that_are_not_sure_hardly_change_the_measures() -> None:
    human, joints = Human(), legal_bodies(1)[0]
    watched(human, joints, 0.0)
    stretched = joints.copy()
    stretched[WRIST] = joints[ELBOW] + 2 * (joints[WRIST] - joints[ELBOW])
    unsure = SURE.copy()
    unsure[[WRIST, H36M_17.mirror[WRIST]]] = 0.02
    for index in range(1, 60):
        pose = watched(human, stretched, index / 30, unsure)
    assert pose.measures[WRIST, 2] == pytest.approx(-0.25, abs=0.15)
    assert pose.measures[WRIST, 2] < -0.25


def test_unknown_joints_leave_the_measures_of_others_alone() -> None:
    joints = legal_bodies(1)[0]
    joints[WRIST] = np.nan
    pose = watched(Human(), joints, 0.0)
    assert np.isfinite(pose.measures).all()  # known from the other side
    assert pose.residual == pytest.approx(0, abs=1e-9)
