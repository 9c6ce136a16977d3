"""Laws of angles from image to image."""

import numpy as np
import pytest
from human_bodies import clips, followed, model_measures, steps_deg, wandering
from numpy.typing import NDArray

from pose3d_ros.human_model import (
    ANGLES,
    LIMITS,
    LINKS,
    forward,
    joints_of,
    measures_of,
    rotations_of,
)
from pose3d_ros.ros.demo.footage import demo_clip, open_footage

Array = NDArray[np.float64]

SHOULDER = [ANGLES.index(f'l_{name}_shoulder') for name in 'ypr']
YAW, PITCH, ROLL = SHOULDER
INNER = ('y_shoulder', 'p_shoulder', 'y_hip', 'p_hip', 'r_head', 'y_head')
OUTER = [index for index, link in enumerate(LINKS) if not link.name.endswith(INNER)]


def swinging(yaw: Array, pitch: Array, roll: Array) -> Array:
    """Somebody of the model whose left arm moves, the elbow bent, shape (1, F, 17, 3)."""
    angles = np.zeros((len(yaw), 20))
    angles[:, SHOULDER] = np.column_stack(np.broadcast_arrays(yaw, pitch, roll))
    angles[:, ANGLES.index('l_elbow')] = 0.9
    return forward(angles, model_measures())[None]


def errors_of(joints: Array, frames: Array, angles: Array) -> Array:
    """How far the links lead from the joints, with the measures of every image [m]."""
    local = np.einsum('nfji,nfkj->nfki', frames[:, :, 0], joints - joints[:, :, :1])
    turned = rotations_of(angles)
    return np.linalg.norm(joints_of(turned, measures_of(local, turned)) - local, axis=-1)


def angle_steps_deg(angles: Array) -> Array:
    return np.degrees(np.abs((np.diff(angles, axis=1) + np.pi) % (2 * np.pi) - np.pi))


def test_an_arm_that_swings_through_hanging_keeps_its_yaw() -> None:
    pitch = 0.5 * np.cos(np.linspace(0, 4 * np.pi, 120))
    angles = followed(swinging(np.full(120, 1.2), pitch, np.full(120, 0.2)))[1][0]
    assert angles[:, PITCH] == pytest.approx(pitch, abs=1e-3)
    assert angles[1:, YAW] == pytest.approx(1.2, abs=1e-3)


def test_of_an_arm_that_circles_closely_around_hanging_only_the_sum_turns() -> None:
    """The yaw that is measured turns by 12 degrees per image; nothing that is seen does."""
    yaw = np.linspace(0, 4 * np.pi, 60)
    joints = swinging(yaw, np.full(60, 0.02), yaw)
    frames, angles = followed(joints)
    assert np.abs(angles[0, :, YAW]).max() < 0.6
    assert angles[0, :, ROLL] - angles[0, :, YAW] == pytest.approx(0, abs=0.03)
    assert errors_of(joints, frames, angles).max() < 0.015


def test_a_person_who_stops_is_told_within_a_millimetre() -> None:
    start = swinging(np.array([0.9]), np.array([0.1]), np.array([0.3]))
    still = swinging(np.full(60, 0.2), np.full(60, 0.4), np.full(60, -0.5))
    joints = np.concatenate((start, still), axis=1)
    frames, angles = followed(joints)
    assert errors_of(joints, frames, angles)[0, -1].max() < 0.001
    assert angles[0, -1, SHOULDER] == pytest.approx((0.2, 0.4, -0.5), abs=0.01)


def test_angles_far_beyond_their_limits_give_way_to_others_that_turn_the_arm_alike() -> None:
    joints = swinging(np.linspace(0.5, 3.6, 60), np.full(60, 0.3), np.zeros(60))
    angles = followed(joints)[1]
    assert angles[0, 30, YAW] == pytest.approx(2.08, abs=0.06)  # beyond its limit, but not far
    assert angles[0, -1, YAW] < 0.6
    assert steps_deg(rotations_of(angles))[..., OUTER].max() < 30


@pytest.mark.parametrize('name', ['waist', 'l_p_shoulder', 'l_elbow', 'y_head', 'r_p_hip'])
def test_an_angle_comes_back_while_it_moves(name: str) -> None:
    values = np.linspace(0, 0.8 * LIMITS[name][1], 200)
    joints = np.zeros((200, 20))
    joints[:, ANGLES.index(name)] = values
    angles = followed(forward(joints, model_measures())[None])[1][0]
    assert angles[:, ANGLES.index(name)] == pytest.approx(values, abs=0.02)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_links_are_continuous_in_five_hundred_clips_and_lead_to_the_joints() -> None:
    joints, _ = clips()
    frames, angles = followed(joints)
    assert steps_deg(rotations_of(angles))[..., OUTER].max() < 30
    errors = errors_of(joints, frames, angles)
    assert errors.mean() < 0.001
    assert np.quantile(errors, 0.99) < 0.006


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(('noise_m', 'share'), [(0.0, 5e-4), (0.03, 3e-3), (0.05, 1e-2)])
def test_angles_seldom_jump_where_estimates_err(noise_m: float, share: float) -> None:
    joints, _ = clips()
    angles = followed(joints + wandering(joints.shape, noise_m, seed=3))[1]
    assert (angle_steps_deg(angles) > 30).mean() < share


def test_links_of_the_shipped_clip_are_continuous() -> None:
    truth = open_footage(str(demo_clip())).truth
    frames, angles = followed(truth.positions[None])
    assert steps_deg(rotations_of(angles))[..., OUTER].max() < 30
    assert errors_of(truth.positions[None], frames, angles).mean() < 0.001
