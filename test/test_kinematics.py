"""Laws of frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose3d_ros.config import PipelineConfig
from pose3d_ros.kinematics import body_rotation, joint_rotations
from pose3d_ros.methods.constant.estimator import ConstantEstimator
from pose3d_ros.skeleton import H36M_17

Array = NDArray[np.float64]

ANGLES = st.tuples(*[st.floats(-3.1, 3.1)] * 3)


def t_pose() -> Array:
    """The T-pose that faces the camera, in the camera's optical frame."""
    estimates = ConstantEstimator(PipelineConfig())(np.zeros((1, 64, 64, 3), np.uint8))
    pixels, depth = estimates.pixels[0], estimates.depth[0]
    return np.column_stack((pixels / 30, depth + 3.0)).astype(np.float64)


def random_pose(seed: int) -> Array:
    return np.random.default_rng(seed).normal(size=(17, 3))


def test_body_of_somebody_facing_the_camera_looks_at_it_with_z_up_and_y_left() -> None:
    forward, left, up = body_rotation(t_pose(), H36M_17).T
    assert forward == pytest.approx((0, 0, -1))
    assert left == pytest.approx((1, 0, 0))
    assert up == pytest.approx((0, -1, 0))


def test_all_frames_are_parallel_to_the_body_in_a_t_pose() -> None:
    rotations = joint_rotations(t_pose(), H36M_17)
    assert rotations == pytest.approx(np.broadcast_to(rotations[0], (17, 3, 3)), abs=1e-6)


@given(st.integers(0, 1000))
def test_every_frame_is_a_rotation(seed: int) -> None:
    rotations = joint_rotations(random_pose(seed), H36M_17)
    assert rotations @ rotations.swapaxes(1, 2) == pytest.approx(
        np.broadcast_to(np.eye(3), (17, 3, 3)), abs=1e-9
    )
    assert np.linalg.det(rotations) == pytest.approx(1)


@given(st.integers(0, 1000), ANGLES)
def test_frames_turn_with_the_person(seed: int, angles: tuple[float, ...]) -> None:
    pose, turn = random_pose(seed), Rotation.from_euler('xyz', angles).as_matrix()
    turned = joint_rotations(pose @ turn.T + (1, 2, 3), H36M_17)
    assert turned == pytest.approx(turn @ joint_rotations(pose, H36M_17), abs=1e-6)


@given(st.integers(0, 1000))
def test_the_y_axis_of_a_left_arm_points_along_its_bones(seed: int) -> None:
    pose = random_pose(seed)
    rotations = joint_rotations(pose, H36M_17)
    shoulder, elbow, wrist = (
        H36M_17.index(f'l_{name}') for name in ('shoulder', 'elbow', 'wrist')
    )
    for joint, start, end in (
        (shoulder, shoulder, elbow),
        (elbow, elbow, wrist),
        (wrist, elbow, wrist),
    ):
        bone = pose[end] - pose[start]
        assert rotations[joint][:, 1] == pytest.approx(bone / np.linalg.norm(bone), abs=1e-6)


def test_a_leg_that_points_up_still_has_a_frame() -> None:
    pose = t_pose()
    hip, knee = H36M_17.index('l_hip'), H36M_17.index('l_knee')
    pose[knee] = pose[hip] + (0, -0.4, 0)
    rotation = joint_rotations(pose, H36M_17)[hip]
    assert rotation[:, 2] == pytest.approx((0, 1, 0))
    assert np.linalg.det(rotation) == pytest.approx(1)


def test_an_unknown_joint_leaves_the_others_alone() -> None:
    pose = t_pose()
    pose[H36M_17.index('l_wrist')] = np.nan
    rotations = joint_rotations(pose, H36M_17)
    unknown = np.isnan(rotations).any(axis=(1, 2))
    assert [H36M_17.joints[i] for i in np.flatnonzero(unknown)] == ['l_elbow', 'l_wrist']


def test_frames_are_unknown_without_hips() -> None:
    pose = t_pose()
    pose[H36M_17.index('l_hip')] = np.nan
    assert np.isnan(joint_rotations(pose, H36M_17)).all()
