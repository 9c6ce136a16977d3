"""Laws of the human model, its angles and its URDF."""

from xml.etree import ElementTree as ET

import numpy as np
import pytest
from human_bodies import legal_angles, model_measures, posed_joints
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose3d_ros.angles import angles_of
from pose3d_ros.human_model import (
    ANGLES,
    LIMITS,
    LINKS,
    forward,
    is_human,
    link_of_joint,
    measures_of,
    mirrored_angles,
    origins_of,
    residual,
    rotations_of,
)
from pose3d_ros.human_urdf import urdf
from pose3d_ros.kinematics import joint_rotations
from pose3d_ros.skeleton import H36M_17, Skeleton
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.poses import PoseSampler

Array = NDArray[np.float64]

MILLIMETRE = 1e-3
MIRROR = np.diag((1.0, -1.0, 1.0))


def angles_from(joints: Array) -> Array:
    return angles_of(joints, joint_rotations(joints, H36M_17))


def in_body(joints: Array) -> Array:
    body = joint_rotations(joints, H36M_17)[..., 0, :, :]
    return np.einsum('...ij,...ki->...kj', body, joints - joints[..., :1, :])


def sampled_joints(count: int, seed: int) -> Array:
    body, generator = Body.load(), np.random.default_rng(seed)
    sampler = PoseSampler(body)
    return posed_joints(body, [sampler.sample(generator) for _ in range(count)])[0]


def test_the_twenty_angles_are_those_of_the_standard() -> None:
    limbs = ('y_shoulder', 'p_shoulder', 'r_shoulder', 'elbow', 'y_hip', 'p_hip', 'r_hip', 'knee')
    names = {f'{side}_{name}' for side in 'lr' for name in limbs}
    assert len(ANGLES) == 20
    assert set(ANGLES) == {'waist', 'r_head', 'y_head', 'p_head', *names}


def test_all_angles_are_zero_when_standing_upright_with_hanging_arms() -> None:
    joints = forward(np.zeros(20), model_measures())
    assert angles_from(joints) == pytest.approx(np.zeros(20), abs=1e-9)
    assert rotations_of(np.zeros(20)) == pytest.approx(np.broadcast_to(np.eye(3), (27 + 2, 3, 3)))


@pytest.mark.parametrize(
    ('angle', 'joint', 'towards'),
    [
        ('waist', 'neck', (1, 0, 0)),
        ('r_head', 'head_top', (0, -1, 0)),
        ('y_head', 'nose', (0, 1, 0)),
        ('p_head', 'nose', (0, 0, 1)),
        ('l_p_shoulder', 'l_elbow', (0, 1, 0)),
        ('r_p_shoulder', 'r_elbow', (0, -1, 0)),
        ('l_elbow', 'l_wrist', (1, 0, 0)),
        ('r_elbow', 'r_wrist', (1, 0, 0)),
        ('l_p_hip', 'l_knee', (0, 1, 0)),
        ('r_p_hip', 'r_knee', (0, -1, 0)),
        ('l_r_hip', 'l_knee', (1, 0, 0)),
        ('r_r_hip', 'r_knee', (1, 0, 0)),
        ('l_knee', 'l_ankle', (1, 0, 0)),
    ],
)
def test_a_growing_angle_moves_a_joint_to(
    angle: str, joint: str, towards: tuple[int, int, int]
) -> None:
    angles = np.zeros(20)
    angles[ANGLES.index(angle)] = 0.1
    move = forward(angles, model_measures()) - forward(np.zeros(20), model_measures())
    assert move[H36M_17.index(joint)] @ towards > 0.009


def test_the_joints_of_ten_thousand_bodies_of_the_model_come_back_within_a_millimetre() -> None:
    joints = forward(legal_angles(np.random.default_rng(1), 10_000), model_measures())
    again = forward(angles_from(joints), model_measures())
    assert np.linalg.norm(again - joints, axis=-1).max() < MILLIMETRE


def test_angles_come_back_where_they_are_unique() -> None:
    angles = legal_angles(np.random.default_rng(2), 2_000)
    shoulders = [ANGLES.index(f'{side}_p_shoulder') for side in 'lr']
    bends = [ANGLES.index(f'{side}_{name}') for side in 'lr' for name in ('elbow', 'knee')]
    azimuth = [ANGLES.index(f'{side}_y_shoulder') for side in 'lr']
    unique = (angles[:, shoulders] > 0.5).all(axis=1) & (angles[:, shoulders] < 2.9).all(axis=1)
    unique &= (np.abs(angles[:, bends]) > 0.4).all(axis=1) & (angles[:, azimuth] > -1).all(axis=1)
    found = angles_from(forward(angles[unique], model_measures()))
    assert unique.sum() > 200
    assert found == pytest.approx(angles[unique], abs=1e-9)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_thousand_sampled_bodies_come_back_with_their_own_measures() -> None:
    joints = in_body(sampled_joints(10_000, seed=3))
    angles = angles_from(joints)
    again = forward(angles, measures_of(joints, rotations_of(angles)))
    assert np.linalg.norm(again - joints, axis=-1).max() < MILLIMETRE


def test_people_lean_twist_and_shrug_and_the_residual_says_by_how_much() -> None:
    joints = in_body(sampled_joints(200, seed=4))
    angles = angles_from(joints)
    turned = rotations_of(angles)
    own = measures_of(joints, turned)
    assert residual(joints, turned, own).max() < MILLIMETRE
    found = residual(joints, turned, own.mean(axis=0))
    assert 0.01 < found.mean() < 0.03
    errors = np.linalg.norm(forward(angles, own.mean(axis=0)) - joints, axis=-1).mean(axis=0)
    legs = [H36M_17.index(f'{side}_ankle') for side in 'lr']
    assert (errors[legs] < 0.012).all()


def test_mirrored_poses_have_mirrored_angles() -> None:
    joints = in_body(sampled_joints(100, seed=5))
    mirrored = (joints @ MIRROR)[:, list(H36M_17.mirror)]
    difference = angles_from(mirrored) - mirrored_angles(angles_from(joints))
    assert np.abs(np.sin(difference / 2)).max() < 1e-6


def test_angles_do_not_depend_on_where_a_person_stands_and_looks() -> None:
    joints = sampled_joints(50, seed=6)
    turn = Rotation.from_euler('xyz', (0.3, -2.0, 1.1)).as_matrix()
    assert angles_from(joints @ turn.T + (1, 2, 3)) == pytest.approx(angles_from(joints), abs=1e-6)


def test_sitting_people_are_not_clipped() -> None:
    angles = np.zeros(20)
    for name, value in (('r_hip', 1.6), ('knee', -1.7)):
        for side in 'lr':
            angles[ANGLES.index(f'{side}_{name}')] = value
    assert angles_from(forward(angles, model_measures())) == pytest.approx(angles, abs=1e-9)
    assert LIMITS['l_r_hip'][1] > 1.6


def test_an_unknown_wrist_leaves_the_angles_of_other_limbs_alone() -> None:
    joints = forward(legal_angles(np.random.default_rng(7), 1)[0], model_measures())
    whole = angles_from(joints)
    joints[H36M_17.index('l_wrist')] = np.nan
    found = angles_from(joints)
    known = np.isfinite(found)
    assert {ANGLES[i] for i in np.flatnonzero(~known)} <= {a for a in ANGLES if a[:2] == 'l_'}
    assert found[known] == pytest.approx(whole[known])
    assert known.sum() >= 16


def test_a_straight_arm_that_hangs_keeps_its_angles() -> None:
    measures = model_measures()
    previous = np.zeros(20)
    previous[ANGLES.index('l_y_shoulder')] = 0.4
    joints = forward(previous, measures)
    rotations = joint_rotations(joints, H36M_17)
    found = angles_of(joints, rotations, previous)
    assert found[ANGLES.index('l_y_shoulder')] == pytest.approx(0.4)
    assert forward(found, measures) == pytest.approx(joints, abs=1e-9)


def test_only_the_joints_of_human36m_are_the_models() -> None:
    assert is_human(H36M_17)
    assert not is_human(Skeleton('two', ('a', 'b'), (-1, 0), (0, 1), (0.0, 1.0)))


def test_forward_kinematics_through_the_urdf_are_those_of_the_model() -> None:
    generator = np.random.default_rng(8)
    for angles in legal_angles(generator, 20):
        measures = model_measures() + generator.normal(0, 0.02, (17, 3))
        measures[H36M_17.root] = 0
        named = dict(zip(ANGLES, angles, strict=True))
        frames = walked(urdf(measures, 'abcde'), {f'{k}_abcde': v for k, v in named.items()})
        turns, origins = rotations_of(angles), origins_of(forward(angles, measures))
        assert set(frames) == {f'{link.name}_abcde' for link in LINKS}
        for link, turn, origin in zip(LINKS, turns, origins, strict=True):
            assert frames[f'{link.name}_abcde'][:3, 3] == pytest.approx(origin, abs=1e-5)
            assert frames[f'{link.name}_abcde'][:3, :3] == pytest.approx(turn, abs=1e-9)
        joints = [frames[f'{link_of_joint(name)}_abcde'][:3, 3] for name in H36M_17.joints]
        assert np.array(joints) == pytest.approx(forward(angles, measures), abs=1e-5)


def walked(text: str, angles: dict[str, float]) -> dict[str, Array]:
    """Walk a URDF as any client would: link name to frame, shape (4, 4)."""
    robot = ET.fromstring(text)  # noqa: S314 our own text
    joints = {each.find('child').get('link'): each for each in robot.findall('joint')}
    links = {each.get('name') for each in robot.findall('link')}
    (root,) = links - set(joints)

    def frame(link: str) -> Array:
        if link == root:
            return np.eye(4)
        joint = joints[link]
        origin, axis = joint.find('origin'), joint.find('axis')
        local = np.eye(4)
        local[:3, 3] = [float(v) for v in origin.get('xyz').split()]
        rpy = [float(v) for v in origin.get('rpy').split()]
        turn = Rotation.from_euler('xyz', rpy)
        if joint.get('type') == 'revolute':
            direction = np.array([float(v) for v in axis.get('xyz').split()])
            turn *= Rotation.from_rotvec(angles[joint.get('name')] * direction)
        local[:3, :3] = turn.as_matrix()
        return frame(joint.find('parent').get('link')) @ local

    return {link: frame(link) for link in links}
