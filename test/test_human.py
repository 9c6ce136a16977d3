"""Laws of people who are followed as bodies of the human model."""

from dataclasses import replace

import numpy as np
import pytest
from human_bodies import legal_angles, model_measures
from numpy.typing import NDArray

from pose3d_ros.human import Human, HumanPose, Motions, human_poses
from pose3d_ros.human_model import forward, joints_of
from pose3d_ros.kinematics import joint_rotations
from pose3d_ros.person import JointState, Person, PersonState
from pose3d_ros.skeleton import H36M_17

Array = NDArray[np.float64]

SURE = np.ones(17)
FORWARD = np.array(((0.0, -1, 0), (0, 0, -1), (1, 0, 0)))  # camera_from_body, facing away
ELBOW, WRIST = H36M_17.index('l_elbow'), H36M_17.index('l_wrist')


def seen(joints: Array, stamp: float, name: str = 'abcde') -> Person:
    """A person 3 m away; joints in the body's frame."""
    return Person(
        id=name,
        state=PersonState.SEEN,
        presence=1.0,
        box=(0.0, 0.0, 10.0, 10.0),
        pixels=np.zeros((17, 2)),
        positions=joints @ FORWARD.T + (0, 0, 3),
        confidence=SURE,
        deviation=np.full(17, 0.05),
        joint_states=np.full(17, JointState.VISIBLE, np.uint8),
        stamp=stamp,
    )


def watched(human: Human, joints: Array, stamp: float, confidence: Array = SURE) -> HumanPose:
    positions = seen(joints, stamp).positions[None]
    rotations = joint_rotations(positions, H36M_17)
    return human_poses([human], positions, rotations, confidence[None], stamp)[0]


def poses(count: int, noise_m: float = 0.0) -> Array:
    generator = np.random.default_rng(5)
    joints = forward(legal_angles(generator, count), model_measures())
    return joints + generator.normal(0, noise_m, joints.shape)


def test_the_measures_of_the_model_are_found_in_one_image() -> None:
    pose = watched(Human(), poses(1)[0], 0.0)
    assert pose.measures == pytest.approx(model_measures(), abs=1e-9)
    assert pose.residual == pytest.approx(0, abs=1e-9)


def test_measures_settle_and_the_residual_says_how_far_the_estimates_are_from_them() -> None:
    human = Human()
    for index, joints in enumerate(poses(90, noise_m=0.02)):
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
    joints = poses(1)[0]
    joints[WRIST] = joints[ELBOW] + 1.2 * (joints[WRIST] - joints[ELBOW])
    measures = watched(Human(), joints, 0.0).measures
    assert measures[WRIST, 2] == pytest.approx(-0.275)
    assert measures[H36M_17.mirror[WRIST], 2] == pytest.approx(-0.275)


def test_joints_that_are_not_sure_hardly_change_the_measures() -> None:
    human, joints = Human(), poses(1)[0]
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
    joints = poses(1)[0]
    joints[WRIST] = np.nan
    pose = watched(Human(), joints, 0.0)
    assert np.isfinite(pose.measures).all()  # known from the other side
    assert pose.residual == pytest.approx(0, abs=1e-9)


def test_velocity_is_that_of_the_body_and_settles_within_half_a_second() -> None:
    motions, person = Motions(H36M_17), seen(poses(1)[0], 0.0)
    for index in range(30):
        shift = np.array((max(index - 15, 0) / 30, 0, 0))  # 1 m/s from then on
        moved = replace(person, positions=person.positions + shift, stamp=index / 30)
        velocity = motions.update([moved])[0].pose.velocity
        if index == 0:
            assert np.isnan(velocity).all()
        elif index == 15:
            assert velocity == pytest.approx(np.zeros(3))
    assert velocity == pytest.approx((1, 0, 0), abs=0.02)


@pytest.mark.parametrize('state', [PersonState.PREDICTED, PersonState.LOST])
def test_a_person_who_is_not_seen_does_not_move_on(state: PersonState) -> None:
    motions, (first, second) = Motions(H36M_17), poses(2)
    (before,) = motions.update([seen(first, 0.0)])
    (after,) = motions.update([replace(seen(second, 0.1), state=state)])
    assert after is before


def test_who_is_lost_is_forgotten() -> None:
    motions, joints = Motions(H36M_17), poses(1)[0]
    long = 1.3 * joints
    motions.update([seen(joints, 0.0)])
    motions.update([replace(seen(joints, 0.1), state=PersonState.LOST)])
    (again,) = motions.update([seen(long, 0.2)])
    assert again.pose.measures == pytest.approx(1.3 * model_measures(), abs=1e-9)


def test_people_do_not_mix() -> None:
    motions, joints = Motions(H36M_17), poses(1)[0]
    for stamp in (0.0, 0.1):
        both = motions.update([seen(joints, stamp), seen(1.2 * joints, stamp, 'fghij')])
    assert both[0].pose.measures == pytest.approx(model_measures(), abs=1e-6)
    assert both[1].pose.measures == pytest.approx(1.2 * model_measures(), abs=1e-6)


def test_people_together_are_what_each_is_alone() -> None:
    names = ('abcde', 'fghij', 'klmno')
    together, alone = Motions(H36M_17), {name: Motions(H36M_17) for name in names}
    for index, joints in enumerate(poses(20, noise_m=0.02).reshape(5, 4, 17, 3)):
        joints[0, ELBOW] = np.nan if index == 2 else joints[0, ELBOW]
        shown = names[: 2 + index % 2]  # the third is there now and then
        people = [seen(joints[i], index / 30, name) for i, name in enumerate(shown)]
        for person, motion in zip(people, together.update(people), strict=True):
            (own,) = alone[person.id].update([person])
            np.testing.assert_allclose(motion.rotations, own.rotations, atol=1e-12)
            for field in ('angles', 'measures', 'rotations', 'velocity', 'residual'):
                np.testing.assert_allclose(
                    getattr(motion.pose, field), getattr(own.pose, field), atol=1e-12
                )


def test_a_skeleton_that_is_not_the_models_has_frames_alone() -> None:
    joints = ('pelvis', *H36M_17.joints[1:9], 'chin', *H36M_17.joints[10:])
    skeleton = replace(H36M_17, joints=joints)
    assert Motions(skeleton).update([seen(poses(1)[0], 0.0)])[0].pose is None
