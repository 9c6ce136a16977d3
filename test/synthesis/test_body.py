"""Laws of the body model."""

import numpy as np
import pytest

from pose3d_ros.skeleton import H36M_17
from pose3d_ros.synthesis import poses
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.limbs import Leg, random_bow, random_legs
from pose3d_ros.synthesis.poses import PoseSampler
from pose3d_ros.synthesis.rotations import Z_AXIS, about

LIMBS = [
    (H36M_17.index(f'{side}_{far}'), H36M_17.index(f'{side}_{near}'))
    for side in 'lr'
    for far, near in (
        ('ankle', 'knee'),
        ('knee', 'hip'),
        ('wrist', 'elbow'),
        ('elbow', 'shoulder'),
    )
]


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(3)


def test_its_joints_are_those_of_the_skeleton(body: Body) -> None:
    assert body.joints == H36M_17.joints


def test_skinning_weights_are_shares(body: Body) -> None:
    assert (body.weights >= 0).all()
    np.testing.assert_allclose(body.weights.sum(1), 1, atol=2e-3)


def test_the_rest_pose_changes_nothing(body: Body, generator: np.random.Generator) -> None:
    shape = body.sample_shape(generator)
    posed = body.pose(shape, PoseSampler(body).identity())
    rest = body.mean + np.tensordot(shape, body.basis, 1)
    np.testing.assert_allclose(posed.vertices, rest[: body.vertex_count], atol=4e-3)
    np.testing.assert_allclose(posed.joints, rest[-17:], atol=1e-5)


def test_turning_the_root_turns_the_whole_person(
    body: Body, generator: np.random.Generator
) -> None:
    shape, pose = body.sample_shape(generator), PoseSampler(body).sample(generator)
    turn = about(Z_AXIS, 40)
    turned = pose.copy()
    turned[0] = turn @ pose[0]
    before, after = body.pose(shape, pose), body.pose(shape, turned)
    offsets = before.joints - before.joints[0]
    np.testing.assert_allclose(after.joints - after.joints[0], offsets @ turn.T, atol=1e-5)


def test_no_pose_changes_the_length_of_a_limb(body: Body, generator: np.random.Generator) -> None:
    sampler, shape = PoseSampler(body), body.sample_shape(generator)

    def lengths(joints: np.ndarray) -> list[float]:
        return [float(np.linalg.norm(joints[a] - joints[b])) for a, b in LIMBS]

    rest = lengths(body.pose(shape, sampler.identity()).joints)
    for _ in range(20):
        posed = body.pose(shape, sampler.sample(generator))
        np.testing.assert_allclose(lengths(posed.joints), rest, atol=1e-5)


def test_people_stand_upright_face_minus_y_and_have_their_left_at_plus_x(body: Body) -> None:
    joints = dict(zip(body.joints, body.mean[-17:], strict=True))
    assert joints['head_top'][2] > joints['neck'][2] > joints['pelvis'][2] > joints['l_ankle'][2]
    assert joints['nose'][1] < joints['neck'][1] - 0.05
    assert joints['l_wrist'][0] > 0.3 > -0.3 > joints['r_wrist'][0]


def test_who_bows_turns_the_pelvis_and_leaves_the_legs_where_they_were(
    body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler, shape = PoseSampler(body), np.zeros(body.basis.shape[0])
    legs = ([Leg(5, 20, 10), Leg(5, 20, 10)], 0.0)
    monkeypatch.setattr(poses, 'random_legs', lambda _generator: legs)
    joints = {}
    for left in (0.0, 30.0):
        monkeypatch.setattr(poses, 'random_bow', lambda *_, left=left: (0.0, left))
        posed = body.pose(shape, sampler.sample(np.random.default_rng(5))).joints
        joints[left] = posed - posed[H36M_17.root]
    for side in 'lr':
        hip, ankle = (H36M_17.index(f'{side}_{name}') for name in ('hip', 'ankle'))
        legs_before, legs_after = (each[ankle] - each[hip] for each in joints.values())
        np.testing.assert_allclose(legs_after, legs_before, atol=1e-6)
    neck = H36M_17.index('neck')
    assert joints[30.0][neck, 0] > joints[0.0][neck, 0] + 0.15  # the left is at +x


def test_no_hip_is_bent_further_than_it_can_be(generator: np.random.Generator) -> None:
    for _ in range(500):
        legs, _lean = random_legs(generator)
        forward, left = random_bow(legs, generator)
        assert max(0, forward) + max(leg.flexion for leg in legs) <= max(
            125.0, *(leg.flexion for leg in legs)
        )
        other = legs[1] if left > 0 else legs[0]
        assert abs(left) <= max(25.0 + other.abduction, 40.0)


def test_held_out_people_are_other_people(body: Body) -> None:
    split = len(body.shapes) * 7 // 8
    generator = np.random.default_rng(0)
    for held_out, people in ((False, body.shapes[:split]), (True, body.shapes[split:])):
        found = body.sample_shape(generator, held_out=held_out)
        low, high = people.min(0), people.max(0)
        assert ((found >= low - 1e-3) & (found <= high + 1e-3)).all()


def test_the_same_seed_gives_the_same_poses(body: Body) -> None:
    sampler = PoseSampler(body)
    first, second = (sampler.sample(np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_all_sampled_rotations_are_rotations(body: Body, generator: np.random.Generator) -> None:
    sampler = PoseSampler(body)
    for _ in range(50):
        pose = sampler.sample(generator)
        np.testing.assert_allclose(
            pose @ pose.transpose(0, 2, 1), np.broadcast_to(np.eye(3), pose.shape), atol=1e-9
        )
        assert (np.linalg.det(pose) > 0).all()
