"""Laws of frames."""

import numpy as np
import pytest
from human_bodies import clips, followed, model_measures, steps_deg, wandering
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose3d_ros.config import PipelineConfig
from pose3d_ros.human_model import ANGLES, forward
from pose3d_ros.kinematics import body_rotation, joint_rotations
from pose3d_ros.methods.constant.estimator import ConstantEstimator
from pose3d_ros.ros.demo.footage import demo_clip, open_footage
from pose3d_ros.rotations import smallest_turns, turned_along, unit
from pose3d_ros.skeleton import H36M_17

Array = NDArray[np.float64]

TURNS = st.tuples(*[st.floats(-3.1, 3.1)] * 3)


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


@given(st.integers(0, 1000), TURNS)
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


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize('noise_m', [0.0, 0.005])
def test_frames_are_continuous_in_five_hundred_clips_at_30_hz(noise_m: float) -> None:
    joints, truth = clips()
    joints = joints + np.random.default_rng(2).normal(0, noise_m, joints.shape)
    assert not ((steps_deg(followed(joints)[0]) > 30) & (steps_deg(truth) <= 30)).any()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(('noise_m', 'share'), [(0.03, 1e-4), (0.05, 4e-3)])
def test_frames_hardly_ever_jump_where_estimates_err(noise_m: float, share: float) -> None:
    joints, truth = clips()
    joints = joints + wandering(joints.shape, noise_m, seed=3)
    jumps = (steps_deg(followed(joints)[0]) > 30) & (steps_deg(truth) <= 30)
    assert jumps.mean() < share


def test_frames_of_the_shipped_clip_are_continuous() -> None:
    truth = open_footage(str(demo_clip())).truth
    assert truth.joints == H36M_17.joints
    assert steps_deg(followed(truth.positions[None])[0]).max() < 30


def bending(angle: str, values_rad: Array) -> Array:
    """Somebody of the model who bends one joint, shape (F, 17, 3)."""
    angles = np.zeros((len(values_rad), 20))
    angles[:, ANGLES.index('l_p_shoulder')] = 1.2
    angles[:, ANGLES.index('l_p_hip')] = 0.2
    angles[:, ANGLES.index(angle)] = values_rad
    return forward(angles, model_measures())


@pytest.mark.parametrize('angle', ['l_elbow', 'l_knee'])
def test_nothing_flips_when_a_limb_passes_through_straight(angle: str) -> None:
    """Estimates of straight limbs are bent the wrong way now and then."""
    sign = 1 if angle == 'l_elbow' else -1
    values = sign * (0.6 * np.cos(np.linspace(0, 4 * np.pi, 200)) + 0.4)
    assert steps_deg(followed(bending(angle, values)[None])[0]).max() < 6


def test_x_points_to_where_a_forearm_bends_and_away_from_where_a_shin_does() -> None:
    for side in 'lr':
        for angle, joint, end in (('elbow', 'shoulder', 'wrist'), ('knee', 'hip', 'ankle')):
            value = 1.2 if angle == 'elbow' else -1.2
            angles = np.zeros(20)
            angles[ANGLES.index(f'{side}_{angle}')] = value
            joints = forward(angles, model_measures())
            x = joint_rotations(joints, H36M_17)[H36M_17.index(f'{side}_{joint}')][:, 0]
            middle = joints[H36M_17.index(f'{side}_{angle}')]
            along = (joints[H36M_17.index(f'{side}_{end}')] - middle) @ x
            assert np.sign(along) == np.sign(value)
            assert x == pytest.approx((1, 0, 0), abs=0.01)


def test_the_head_looks_where_the_nose_is() -> None:
    angles = np.zeros(20)
    angles[ANGLES.index('y_head')] = 0.8
    rotations = joint_rotations(forward(angles, model_measures()), H36M_17)
    for joint in ('nose', 'head_top'):
        x = rotations[H36M_17.index(joint)][:, 0]
        assert np.arctan2(x[1], x[0]) == pytest.approx(0.8, abs=0.12)


def test_two_hundred_images_leave_a_frame_a_rotation() -> None:
    frames = None
    for seed in range(200):
        frames = joint_rotations(random_pose(seed % 7), H36M_17, frames)
    assert frames @ frames.swapaxes(1, 2) == pytest.approx(
        np.broadcast_to(np.eye(3), (17, 3, 3)), abs=1e-6
    )


@pytest.mark.parametrize('seed', range(5))
def test_vectors_across_are_turned_along_as_by_the_smallest_turns(seed: int) -> None:
    generator = np.random.default_rng(seed)
    starts, ends, others = unit(generator.normal(size=(3, 20, 3)))
    across = np.cross(starts, others)
    expected = (smallest_turns(starts, ends) @ across[..., None])[..., 0]
    np.testing.assert_allclose(turned_along(starts, ends, across), expected, atol=1e-9)
