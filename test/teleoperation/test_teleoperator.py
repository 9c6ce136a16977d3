"""Teleoperation as a whole: it follows when all is well, and whatever is not well stops it."""

import itertools
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from teleoperation.actors import FRAME, MAP, TICK, Stage, actor

from pose3d_ros.errors import ConfigError
from pose3d_ros.person import JointState, PersonState
from pose3d_ros.teleoperation.config import TeleopConfig
from pose3d_ros.teleoperation.sight import Following
from pose3d_ros.teleoperation.supervisor import TeleopState
from pose3d_ros.teleoperation.teleoperator import Tick

DISARMED, ARMING, FOLLOWING, HOLDING, STOPPED = TeleopState
OCCLUDED = {'l_wrist': JointState.OCCLUDED}


def bent(elbow: float = 1.0, **more: Any) -> Any:
    return [actor(l_elbow=elbow, **more)]


def assert_smooth(stage: Stage) -> None:
    """Assert that all that was commanded keeps all limits, silences included."""
    column = stage.robot.column
    fastest, strongest = column('velocity'), column('acceleration')
    told: dict[float, Any] = {}
    for tick in stage.ticks:
        if tick.now is None:
            continue
        for point in tick.ahead:
            assert (point.positions >= column('low')).all()
            assert (point.positions <= column('high')).all()
            assert (np.abs(point.velocities) <= fastest + 1e-9).all()
        told[tick.now.time] = tick.now
        assert not tick.ahead[-1].velocities.any(), 'it does not end at rest'
    times = sorted(told)
    for before, after in itertools.pairwise(times):
        elapsed = after - before
        moved = np.abs(told[after].positions - told[before].positions)
        changed = np.abs(told[after].velocities - told[before].velocities)
        assert (moved <= fastest * elapsed + 1e-9).all(), f'too fast at {before}'
        assert (changed <= strongest * elapsed + 1e-6).all(), f'too hard at {before}'


def at_rest(tick: Tick) -> bool:
    return tick.now is None or not tick.now.velocities.any()


def test_nothing_moves_until_armed() -> None:
    stage = Stage()
    tick = stage.play(2.0, people=bent())
    assert (tick.state, tick.now, tick.ahead) == (DISARMED, None, ())
    assert not tick.poses
    assert stage.positions['elbow'] == 0


def test_when_armed_the_robot_goes_slowly_to_the_person_and_then_follows() -> None:
    stage = Stage()
    stage.play(0.2, people=bent(1.5))
    assert stage.arm() == ''
    assert stage.play(1.0).state is ARMING
    speeds = [tick.now.velocities[0] for tick in stage.ticks if tick.now]
    assert max(speeds) == pytest.approx(0.3 * 2.0)
    assert stage.play(4.0).state is FOLLOWING
    assert stage.of('elbow') == pytest.approx(1.5, abs=0.01)
    stage.play(1.0, people=bent(0.5, y_head=0.4))
    assert stage.of('elbow') == pytest.approx(0.5, abs=0.01)
    assert stage.of('pan') == pytest.approx(-0.4, abs=0.01)
    assert_smooth(stage)


def test_a_moving_person_is_followed_with_little_delay() -> None:
    stage = Stage().armed()
    begin, errors = stage.now, []
    for _ in range(240):
        elapsed = stage.now - begin
        stage.play(TICK, people=bent(1.0 + 0.5 * np.sin(2 * (elapsed - stage.latency))))
        true = 1.0 + 0.5 * np.sin(2 * (stage.now - begin))
        errors.append(abs(stage.of('elbow') - true))
    assert np.median(errors[60:]) < 0.04  # at up to 1 rad/s: less than 40 ms
    assert stage.ticks[-1].state is FOLLOWING
    assert_smooth(stage)


def test_a_joint_without_a_human_angle_goes_home() -> None:
    stage = Stage()
    stage.positions['grip'] = 1.0
    stage.armed()
    assert stage.of('grip') == pytest.approx(0.5, abs=0.01)
    assert_smooth(stage)


@pytest.mark.parametrize(
    ('changes', 'reason'),
    [
        ({'pressed': False}, 'the deadman switch is not pressed'),
        ({'pressed': None}, 'the deadman switch has fallen silent'),
        ({'filming': False}, r'the newest image is 0\.\d\d s old'),
        ({'latency': 0.2}, r'the newest image is 0\.\d\d s old'),
        ({'people': []}, 'abcde is lost, and nobody else is there'),
        ({'people': [actor(state=PersonState.LOST)]}, 'abcde is lost, and nobody else is there'),
    ],
)
def test_what_is_not_well_stops_the_robot_and_says_why(changes: Any, reason: str) -> None:
    stage = Stage().armed(people=bent())
    tick = stage.play(0.5, **changes)
    assert tick.state is STOPPED
    assert re.fullmatch(reason, tick.reason)
    assert at_rest(tick)
    assert tick.now is None, 'a robot at rest is not commanded any more'
    assert_smooth(stage)


@pytest.mark.parametrize('changes', [{'pressed': False}, {'filming': False}, {'people': []}])
def test_a_moving_robot_brakes_at_once(changes: Any) -> None:
    stage = Stage().armed()
    stage.play(0.3, people=bent(2.0))
    assert stage.ticks[-1].now is not None
    assert stage.ticks[-1].now.velocities[0] > 1.0
    stage.play(0.5, **changes)
    stopped = [tick for tick in stage.ticks if tick.state is STOPPED and tick.now]
    speeds = [float(tick.now.velocities[0]) for tick in stopped if tick.now]
    assert 0 < len(speeds) < 25
    lead = 3  # ticks that had been promised
    assert all(
        after <= before for before, after in zip(speeds[lead:], speeds[lead + 1 :], strict=False)
    )
    assert stage.of('elbow') < 1.95
    assert_smooth(stage)


def test_a_short_stop_goes_on_slowly_and_a_long_one_disarms() -> None:
    stage = Stage().armed(people=bent())
    stage.play(1.0, filming=False)
    stage.people = bent(2.0)
    tick = stage.play(0.1, filming=True)
    assert (tick.state, tick.reason[:8]) == (ARMING, 'goes on:')
    assert stage.play(4.0).state is FOLLOWING
    tick = stage.play(3.0, filming=False)
    assert tick.state is DISARMED
    assert tick.reason.startswith('stopped for more than 2 s: the newest image is')
    assert stage.play(3.0, filming=True).state is DISARMED
    assert stage.arm() == ''
    assert stage.play(1.0).state is FOLLOWING
    assert_smooth(stage)


def test_a_joint_out_of_sight_holds_and_the_others_follow() -> None:
    stage = Stage().armed(people=bent(1.0))
    tick = stage.play(0.4, people=bent(2.0, y_head=0.3, hidden=OCCLUDED))
    assert tick.state is HOLDING
    assert tick.reason == 'elbow: l_wrist is OCCLUDED'
    assert tick.following[0] is Following.HOLDING
    assert stage.of('elbow') == pytest.approx(1.0, abs=0.02)
    assert stage.of('pan') == pytest.approx(-0.3, abs=0.08)
    tick = stage.play(1.0)
    assert tick.following[0] is Following.LOST
    assert stage.of('elbow') == pytest.approx(1.0, abs=0.02)  # on_loss: stay
    tick = stage.play(4.0, people=bent(2.0))
    assert tick.state is FOLLOWING
    assert stage.of('elbow') == pytest.approx(2.0, abs=0.01)
    assert_smooth(stage)


@pytest.mark.parametrize(
    ('person', 'reason'),
    [
        ({'confidence': {'l_elbow': 0.3}}, 'confidence of l_elbow is 0.30, below 0.4'),
        ({'confidence': {'l_elbow': np.nan}}, 'confidence of l_elbow is nan, below 0.4'),
        ({'hidden': {'l_elbow': JointState.UNKNOWN}}, 'l_elbow is UNKNOWN'),
        ({'hidden': {'l_elbow': JointState.OUT_OF_IMAGE}}, 'l_elbow is OUT_OF_IMAGE'),
        ({'state': PersonState.PREDICTED}, 'l_shoulder is PREDICTED'),
    ],
)
def test_why_a_joint_is_out_of_sight_is_told(person: Any, reason: str) -> None:
    stage = Stage().armed(people=bent())
    tick = stage.play(0.2, people=bent(**person))
    assert tick.state is HOLDING
    assert tick.reasons[0] == reason


def test_what_is_lost_goes_home_slowly_where_that_is_wanted() -> None:
    stage = Stage().armed(people=[actor(y_head=-0.8)])
    assert stage.of('pan') == pytest.approx(0.8, abs=0.01)
    hidden = {'nose': JointState.OCCLUDED}
    stage.play(0.4, people=[actor(y_head=-0.8, hidden=hidden)])
    assert stage.of('pan') == pytest.approx(0.8, abs=0.01)
    before = len(stage.ticks)
    stage.play(4.0)
    assert stage.of('pan') == pytest.approx(0.0, abs=0.01)
    speeds = [abs(tick.now.velocities[1]) for tick in stage.ticks[before:] if tick.now]
    assert max(speeds) == pytest.approx(0.3 * 2.0, abs=1e-6)
    assert_smooth(stage)


def test_what_is_lost_stops_the_robot_where_that_is_wanted() -> None:
    stage = Stage(MAP.replace('limits: [0.0, 2.4]', 'limits: [0.0, 2.4], on_loss: stop'))
    stage.armed(people=bent())
    assert stage.play(0.4, people=bent(hidden=OCCLUDED)).state is HOLDING
    tick = stage.play(0.4)
    assert (tick.state, tick.reason) == (STOPPED, 'elbow is lost: l_wrist is OCCLUDED')


def test_joints_that_are_not_numbers_hold() -> None:
    stage = Stage().armed(people=bent())
    person = actor(l_elbow=2.0)
    person.positions[:] = np.nan
    tick = stage.play(0.3, people=[person])
    assert tick.state is HOLDING
    assert tick.reasons[0] == 'it could not be measured'
    assert stage.of('elbow') == pytest.approx(1.0, abs=0.02)
    assert_smooth(stage)


def test_another_person_is_approached_slowly() -> None:
    stage = Stage().armed(people=bent(0.2))
    tick = stage.play(0.1, people=[actor('zzzzz', l_elbow=2.3)])
    assert (tick.state, tick.reason) == (ARMING, 'follows zzzzz after abcde')
    assert tick.person == 'zzzzz'
    speeds = [tick.now.velocities[0] for tick in stage.ticks if tick.now]
    assert max(speeds) < 0.61
    assert stage.play(4.0).state is FOLLOWING
    assert_smooth(stage)


def test_somebody_else_who_comes_nearer_does_not_take_over() -> None:
    stage = Stage().armed(people=[actor('abcde')])
    tick = stage.play(1.0, people=[actor('zzzzz', distance=1.0, l_elbow=2.0), actor('abcde')])
    assert (tick.person, tick.state) == ('abcde', FOLLOWING)


def test_one_person_by_id_is_followed_and_nobody_else() -> None:
    stage = Stage(person='zzzzz').play(0.5, people=[actor('abcde')])
    assert stage.person == ''
    stage = Stage(person='zzzzz')
    stage.play(0.5)
    assert stage.arm() == 'zzzzz is not there'
    stage.armed(people=[actor('abcde', distance=1.0), actor('zzzzz')])
    assert stage.ticks[-1].person == 'zzzzz'
    assert stage.play(0.5, people=[actor('abcde')]).state is STOPPED


@pytest.mark.parametrize(
    ('changes', 'refusal'),
    [
        ({'pressed': False}, 'the deadman switch is not pressed'),
        ({'filming': False}, 'there are no images'),
        ({'people': []}, 'nobody is there'),
        ({'positions': {}}, 'the robot does not tell where elbow is'),
        ({'positions': {'elbow': 0.0, 'pan': np.nan}}, 'the robot does not tell where pan is'),
        (
            {'positions': {'elbow': -0.5, 'pan': 0.0, 'grip': 0.5}},
            'elbow is at -0.500 rad, outside its limits 0 to 2.4: move it there first',
        ),
    ],
)
def test_arming_is_refused_with_the_reason(changes: Any, refusal: str) -> None:
    stage = Stage()
    stage.play(0.5, **changes)
    assert stage.arm() == refusal
    assert stage.play(0.5).state is DISARMED


def test_it_starts_from_where_the_robot_is() -> None:
    stage = Stage()
    stage.positions['elbow'] = 1.7
    stage.play(0.2)
    stage.arm()
    tick = stage.play(TICK)
    assert tick.now is not None
    assert tick.now.positions[0] == pytest.approx(1.7, abs=2e-3)


def test_a_robot_that_does_not_do_what_it_is_told_stops() -> None:
    stage = Stage().armed()
    stuck = dict(stage.positions)
    for _ in range(60):
        stage.play(TICK, people=bent(2.0))
        stage.positions = dict(stuck)
    stopped = [tick.reason for tick in stage.ticks if tick.state is STOPPED]
    assert re.fullmatch(r'elbow is 0\.3\d rad away from its command', stopped[0])


def test_disarming_brakes_and_then_falls_silent() -> None:
    stage = Stage().armed()
    stage.play(0.3, people=bent(2.0))
    stage.teleoperator.disarm('disarmed by the service')
    tick = stage.play(TICK)
    assert (tick.state, tick.reason) == (DISARMED, 'disarmed by the service')
    assert tick.now is not None
    assert stage.arm() == 'the robot has not come to rest yet'
    assert stage.play(0.5).now is None
    assert_smooth(stage)


def test_a_process_that_was_held_up_goes_on_from_where_braking_brought_the_robot() -> None:
    stage = Stage().armed()
    stage.play(0.3, people=bent(2.0))
    (*_, promised) = stage.ticks[-1].ahead
    stage.now += 1.0  # nothing ran meanwhile, but the controller braked
    stage.positions['elbow'] = float(promised.positions[0])
    tick = stage.tick()
    assert (tick.state, tick.reason) == (STOPPED, 'this node was held up for 1.00 s')
    tick = stage.play(0.1)
    assert tick.state is ARMING
    assert_smooth(stage)


def test_a_clock_that_jumps_back_disarms() -> None:
    stage = Stage().armed()
    stage.now -= 5.0
    tick = stage.tick()
    assert tick.state is DISARMED
    assert tick.reason == 'the clock has jumped back by 5.00 s'
    assert tick.now is None
    stage.next_frame = stage.now
    stage.armed()
    assert stage.ticks[-1].state is FOLLOWING


def test_images_from_the_future_and_old_ones_are_not_used() -> None:
    stage = Stage().armed()
    teleoperator = stage.teleoperator
    now = stage.now
    assert teleoperator.see([], now + 1.0, now) == 'the image is 1.00 s ahead of the clock'
    assert teleoperator.see([], now - 1.0, now) == 'the image is not newer than the last one'
    assert stage.play(TICK).state is FOLLOWING


def test_poses_are_told_while_it_follows_and_move_smoothly() -> None:
    stage = Stage().armed()
    down = stage.ticks[-1].poses['left'].position
    stage.play(3.0, people=bent(np.pi / 2))
    ahead = stage.ticks[-1].poses['left']
    assert ahead.position - down == pytest.approx((0.25, 0, 0.25), abs=0.01)  # the forearm
    told = [tick.poses['left'] for tick in stage.ticks if tick.poses]
    moves = [after.position - before.position for before, after in itertools.pairwise(told)]
    speeds = np.array(moves) / TICK
    assert np.linalg.norm(speeds, axis=1).max() < 1.0 + 1e-9
    assert np.linalg.norm(np.diff(speeds, axis=0), axis=1).max() < 5.0 * TICK + 1e-9
    assert not stage.play(1.0, filming=False).poses


def test_whom_to_follow_must_be_a_word_that_means_somebody() -> None:
    with pytest.raises(ConfigError, match="person is 'Anna', but must be nearest, first or an id"):
        TeleopConfig(person='Anna')


people = st.one_of(
    st.just([]),
    st.lists(
        st.builds(
            actor,
            st.sampled_from(('abcde', 'zzzzz')),
            state=st.sampled_from((PersonState.SEEN, PersonState.PREDICTED, PersonState.LOST)),
            l_elbow=st.floats(-0.3, 2.7),
            y_head=st.floats(-1.4, 1.4),
            confidence=st.sampled_from(({}, {'l_wrist': 0.1}, {'nose': np.nan})),
        ),
        max_size=2,
        unique_by=lambda person: person.id,
    ),
)
events = st.fixed_dictionaries(
    {},
    optional={
        'people': people,
        'pressed': st.sampled_from((True, True, False, None)),
        'filming': st.booleans(),
        'latency': st.sampled_from((0.0, 0.03, 0.08, 0.3)),
        'pause': st.sampled_from((0.0, 0.02, 0.07, 0.5, 5.0)),
        'arm': st.booleans(),
    },
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(TICK, 0.6), events), min_size=3, max_size=12))
def test_whatever_happens_all_limits_hold(story: Any) -> None:
    stage = Stage()
    stage.play(FRAME)
    stage.arm()
    stage.play(0.2)
    for seconds, happens in story:
        changes = dict(happens)
        stage.now += changes.pop('pause', 0.0)
        if changes.pop('arm', False):
            stage.arm()
        stage.play(seconds, **changes)
    assert_smooth(stage)
