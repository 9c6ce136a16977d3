"""Laws of following people."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from bodies import candidate, random_body
from hypothesis import given
from hypothesis import strategies as st

from pose3d_ros.camera import Camera
from pose3d_ros.names import Names
from pose3d_ros.person import JointState, Person, PersonState
from pose3d_ros.tracking import Follower

CAMERA = Camera.from_fov(1280, 720, 70)
ENTERING, SEEN, PREDICTED, LOST = PersonState
PERIOD = 1 / 30


def _follower(**settings: float) -> Follower:
    return Follower(Names(random.Random(1)), **settings)  # noqa: S311 - names are no secret


def _body(seed: int = 0, x: float = 0.0, z: float = 4.0) -> np.ndarray:
    return random_body(np.random.default_rng(seed)) + np.array((x, 0.0, z))


def _show(
    follower: Follower, stamp: float, *bodies: np.ndarray, presence: float = 0.9
) -> list[Person]:
    seen = [candidate(body, CAMERA, presence) for body in bodies]
    return follower.update(stamp, CAMERA, seen)


def _states(people: Sequence[Person]) -> list[PersonState]:
    return [person.state for person in people]


def test_a_person_enters_and_is_then_seen_under_the_same_name() -> None:
    follower = _follower()
    first, second, third = (_show(follower, stamp, _body())[0] for stamp in (0.0, 0.1, 0.2))
    assert _states([first, second, third]) == [ENTERING, SEEN, SEEN]
    assert first.id == second.id == third.id
    assert len(first.id) == 5
    assert first.id.isalpha()
    assert first.id.islower()


def test_a_person_walking_past_another_keeps_the_name() -> None:
    follower = _follower()
    still, walking = _body(1, x=0.0, z=5.0), _body(2, x=-2.5, z=3.5)
    names = {person.positions[0, 2]: person.id for person in _show(follower, 0.0, still, walking)}
    assert len(set(names.values())) == 2
    for step in range(1, 100):
        moved = walking + np.array((step * 1.5 * PERIOD, 0, 0))
        bodies = [still, moved] if step % 2 else [moved, still]
        people = _show(follower, step * PERIOD, *bodies)
        assert {person.positions[0, 2]: person.id for person in people} == names


@given(st.floats(0, 0.49))
def test_nobody_is_seen_below_the_presence_that_is_asked_for(presence: float) -> None:
    follower = _follower(min_presence=0.5)
    assert _show(follower, 0.0, _body(), presence=presence) == []
    _show(follower, 0.1, _body())
    assert _states(_show(follower, 0.2, _body(), presence=presence)) == [PREDICTED]


def test_a_person_out_of_sight_is_predicted_then_lost_once_then_gone() -> None:
    follower = _follower(lost_after=0.3)
    _show(follower, 0.0, _body())
    _show(follower, 1.0, _body())
    reports = [_states(_show(follower, 1.0 + step / 10)) for step in range(1, 6)]
    assert reports == [[PREDICTED], [PREDICTED], [LOST], [], []]


def test_a_predicted_person_is_the_last_one_seen_and_less_and_less_sure() -> None:
    follower = _follower(lost_after=0.4)
    (seen,) = _show(follower, 0.0, _body())
    held = [_show(follower, stamp)[0] for stamp in (0.1, 0.2, 0.4)]
    for person in held:
        assert (person.positions == seen.positions).all()
        assert (person.joint_states == JointState.PREDICTED).all()
        assert person.presence == 0
    assert [person.stamp for person in held] == [0.1, 0.2, 0.4]
    certainty = [person.confidence.mean() for person in (seen, *held)]
    assert certainty == sorted(certainty, reverse=True)
    assert certainty[-1] == 0
    assert held[0].deviation[0] < held[1].deviation[0]


def test_a_person_who_comes_back_in_time_is_the_same() -> None:
    follower = _follower()
    (before,) = _show(follower, 0.0, _body())
    _show(follower, 0.1)
    (after,) = _show(follower, 0.2, _body(x=0.1))
    assert (after.id, after.state) == (before.id, SEEN)


def _lose(follower: Follower, body: np.ndarray) -> Person:
    """Show somebody, then nobody until the person is lost, at 0.5 s."""
    (person,) = _show(follower, 0.0, body)
    assert _states(_show(follower, 0.5)) == [LOST]
    return person


def test_a_person_who_comes_back_near_enough_enters_under_the_old_name() -> None:
    follower = _follower()
    before = _lose(follower, _body())
    (after,) = _show(follower, 2.0, _body(x=1.0))
    assert (after.id, after.state) == (before.id, ENTERING)
    assert _states(_show(follower, 2.1, _body(x=1.0))) == [SEEN]


def _farther(body: np.ndarray, factor: float) -> np.ndarray:
    """Return a body that looks the same from so much farther away."""
    return body * factor


@given(st.floats(1.3, 1.6), st.booleans())
def test_who_suddenly_looks_farther_or_nearer_is_not_the_person(
    factor: float,
    nearer: bool,  # noqa: FBT001 - hypothesis
) -> None:
    follower = _follower(lost_after=0.3)
    for step in range(5):
        before = _show(follower, step * PERIOD, _body())
    other = _farther(_body(), 1 / factor if nearer else factor)
    during = _show(follower, 5 * PERIOD, other)
    assert [(person.id, person.state) for person in during] == [(before[0].id, PREDICTED)]
    again = _show(follower, 6 * PERIOD, _body())
    assert [(person.id, person.state) for person in again] == [(before[0].id, SEEN)]


def test_who_slides_away_bit_by_bit_is_given_up_and_the_other_gets_a_new_name() -> None:
    follower = _follower(lost_after=0.3)
    for step in range(10):
        first = _show(follower, step * PERIOD, _body())
    shown = [
        person
        for step in range(10, 60)
        for person in _show(follower, step * PERIOD, _farther(_body(), 1 + min(step - 9, 6) / 10))
    ]
    names = {
        person.id
        for person in shown
        if person.state in (ENTERING, SEEN) and np.linalg.norm(person.positions[0]) > 5.5
    }
    assert names
    assert first[0].id not in names


def test_who_walks_away_keeps_the_name() -> None:
    follower = _follower()
    for step in range(90):
        people = _show(follower, step * PERIOD, _farther(_body(z=2.0), 1 + step * PERIOD))
        assert len(people) == 1
        assert people[0].state is (SEEN if step else ENTERING)


def test_nobody_enters_where_somebody_is_missing() -> None:
    follower = _follower(lost_after=0.3)
    _show(follower, 0.0, _body(1))
    _show(follower, PERIOD, _body(1))
    far = _farther(_body(1), 1.5)
    states = [_states(_show(follower, step * PERIOD, far)) for step in range(2, 14)]
    assert all(each == [PREDICTED] for each in states[:8])
    assert [ENTERING] in [[s for s in each if s is not LOST] for each in states[8:]]


@pytest.mark.parametrize(
    ('x', 'z', 'later'),
    [(2.6, 4.0, 2.0), (0.0, 7.0, 2.0), (0.0, 4.0, 12.0), (1.2, 4.0, 0.6)],
    ids=['elsewhere', 'much smaller', 'long after', 'faster than people are'],
)
def test_who_comes_back_otherwise_is_somebody_new(x: float, z: float, later: float) -> None:
    follower = _follower(remember=10.0)
    before = _lose(follower, _body())
    (after,) = _show(follower, later, _body(x=x, z=z))
    assert after.state == ENTERING
    assert after.id != before.id


def test_an_old_name_is_given_to_one_person_only_and_to_the_nearest() -> None:
    follower = _follower()
    before = _lose(follower, _body())
    far, near = _body(x=-1.2), _body(x=0.2)
    names = {p.positions[0, 0]: p.id for p in _show(follower, 2.0, far, near)}
    assert names[0.2] == before.id
    assert names[-1.2] != before.id


def test_somebody_in_motion_is_looked_for_further_on() -> None:
    follower = _follower()
    for step in range(30):
        (person,) = _show(follower, step * PERIOD, _body(x=1.5 * step * PERIOD))
    ((x, _, width, _),) = follower.boxes(29 * PERIOD + 0.4, CAMERA)
    moved = 1.5 * 0.4 / 4.0 * CAMERA.K[0, 0]
    middle = person.box[0] + (person.box[2] - 1) / 2
    assert x + (width - 1) / 2 == pytest.approx(middle + moved, abs=0.25 * moved)


def test_images_further_apart_than_the_time_to_be_lost_still_confirm_a_person() -> None:
    follower = _follower(lost_after=0.3)
    (before,) = _show(follower, 0.0, _body())
    assert len(follower.boxes(2.0, CAMERA)) == 1
    (after,) = _show(follower, 2.0, _body())
    assert (after.id, after.state) == (before.id, SEEN)


def test_without_patience_a_person_is_lost_at_once() -> None:
    follower = _follower(lost_after=0.0)
    _show(follower, 0.0, _body())
    assert _states(_show(follower, PERIOD)) == [LOST]


def test_two_candidates_of_one_body_are_one_person() -> None:
    follower = _follower()
    for stamp in (0.0, 0.1):
        assert len(_show(follower, stamp, _body(), _body() + 0.03)) == 1


def test_people_come_nearest_first_and_the_nearest_are_followed() -> None:
    follower = _follower(max_people=2)
    bodies = [_body(1, -2.0, 6.0), _body(2, 0.0, 3.0), _body(3, 2.0, 4.5)]
    people = _show(follower, 0.0, *bodies)
    assert [person.positions[0, 2] for person in people] == [3.0, 4.5]


def test_somebody_clearly_nearer_takes_the_place_of_the_farthest() -> None:
    follower = _follower(max_people=1)
    far, slightly_nearer, near = _body(1, 1.0, 5.0), _body(2, -1.0, 4.6), _body(3, -1.0, 3.0)
    (first,) = _show(follower, 0.0, far)
    (same,) = _show(follower, 0.1, far, slightly_nearer)
    assert same.id == first.id
    new, old = _show(follower, 0.2, far, near)
    assert _states([new, old]) == [ENTERING, LOST]
    assert old.id == first.id


def test_time_that_jumps_backwards_is_a_new_beginning_with_new_names() -> None:
    follower = _follower()
    (before,) = _show(follower, 100.0, _body())
    assert follower.boxes(1.0, CAMERA) == []
    (after,) = _show(follower, 1.0, _body())
    assert after.state == ENTERING
    assert after.id != before.id


def test_the_same_stamp_twice_is_no_jump() -> None:
    follower = _follower()
    _show(follower, 1.0, _body())
    assert _states(_show(follower, 1.0, _body())) == [SEEN]


def test_the_next_box_is_around_the_last_body_and_wider_after_a_pause() -> None:
    follower = _follower()
    (person,) = _show(follower, 0.0, _body())
    (soon,), (later,) = follower.boxes(PERIOD, CAMERA), follower.boxes(0.5, CAMERA)
    for box in (soon, later):
        assert (person.pixels >= np.array(box[:2]) - 0.5).all()
        assert (person.pixels <= np.array(box[:2]) + box[2:]).all()
    assert later[2] > soon[2]


@pytest.mark.parametrize('setting', ['min_presence', 'lost_after'])
def test_settings_may_change_while_people_are_followed(setting: str) -> None:
    follower = _follower()
    _show(follower, 0.0, _body())
    setattr(follower, setting, {'min_presence': 0.95, 'lost_after': 5.0}[setting])
    expected = {'min_presence': PREDICTED, 'lost_after': SEEN}[setting]
    assert _states(_show(follower, 0.1, _body())) == [expected]
