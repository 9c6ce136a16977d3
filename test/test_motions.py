"""Laws of everybody whom one camera sees, from image to image."""

from dataclasses import replace

import numpy as np
import pytest
from human_bodies import legal_bodies, model_measures, seen

from pose3d_ros.motions import Motions
from pose3d_ros.person import PersonState
from pose3d_ros.skeleton import H36M_17

ELBOW = H36M_17.index('l_elbow')


def test_turns_alone_are_those_of_the_whole_motion() -> None:
    in_two_steps, at_once = Motions(H36M_17), Motions(H36M_17)
    for index, joints in enumerate(legal_bodies(9, noise_m=0.02)):
        people = [seen(joints, index / 30), seen(1.2 * joints, index / 30, 'fghij')]
        if index % 4 == 3:
            people[1] = replace(people[1], state=PersonState.PREDICTED)
        turns = in_two_steps.turn(people)
        bent, whole = in_two_steps.bend(people), at_once.update(people)
        for turn, one, other in zip(turns, bent, whole, strict=True):
            assert turn is one.rotations
            np.testing.assert_array_equal(one.rotations, other.rotations)
            np.testing.assert_array_equal(one.pose.angles, other.pose.angles)


def test_velocity_is_that_of_the_body_and_settles_within_half_a_second() -> None:
    motions, person = Motions(H36M_17), seen(legal_bodies(1)[0], 0.0)
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
    motions, (first, second) = Motions(H36M_17), legal_bodies(2)
    (before,) = motions.update([seen(first, 0.0)])
    (after,) = motions.update([replace(seen(second, 0.1), state=state)])
    assert after is before


def test_who_is_lost_is_forgotten() -> None:
    motions, joints = Motions(H36M_17), legal_bodies(1)[0]
    long = 1.3 * joints
    motions.update([seen(joints, 0.0)])
    motions.update([replace(seen(joints, 0.1), state=PersonState.LOST)])
    (again,) = motions.update([seen(long, 0.2)])
    assert again.pose.measures == pytest.approx(1.3 * model_measures(), abs=1e-9)


def test_people_do_not_mix() -> None:
    motions, joints = Motions(H36M_17), legal_bodies(1)[0]
    for stamp in (0.0, 0.1):
        both = motions.update([seen(joints, stamp), seen(1.2 * joints, stamp, 'fghij')])
    assert both[0].pose.measures == pytest.approx(model_measures(), abs=1e-6)
    assert both[1].pose.measures == pytest.approx(1.2 * model_measures(), abs=1e-6)


def test_people_together_are_what_each_is_alone() -> None:
    names = ('abcde', 'fghij', 'klmno')
    together, alone = Motions(H36M_17), {name: Motions(H36M_17) for name in names}
    for index, joints in enumerate(legal_bodies(20, noise_m=0.02).reshape(5, 4, 17, 3)):
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
    assert Motions(skeleton).update([seen(legal_bodies(1)[0], 0.0)])[0].pose is None
