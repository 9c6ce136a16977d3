"""Laws of the limiter: no wish, however wild, breaks a limit."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pose3d_ros.teleoperation.limiter import LONGEST_STEP, Limits, braking, step, towards

SLACK = 1e-9
PERIOD = 1 / 60


def limits_of(low: float, width: float, velocity: float, acceleration: float) -> Limits:
    return Limits(*(np.array([x]) for x in (low, low + width, velocity, acceleration)))


def all_limits() -> st.SearchStrategy[Limits]:
    return st.builds(
        limits_of, st.floats(-3, 3), st.floats(0.01, 6), st.floats(0.05, 20), st.floats(0.1, 300)
    )


wishes = st.one_of(st.floats(-1e6, 1e6), st.floats(-2, 2), st.sampled_from((-np.inf, np.inf, 0.0)))
walks = st.lists(st.tuples(wishes, st.floats(1e-4, LONGEST_STEP)), min_size=1, max_size=60)


def assert_within(q: Any, v: Any, limits: Limits) -> None:
    assert (q >= limits.low).all()
    assert (q <= limits.high).all()
    assert (np.abs(v) <= limits.velocity + SLACK).all()
    room = np.where(v > 0, limits.high - q, q - limits.low)
    assert (v**2 / (2 * limits.usable) <= room + SLACK).all(), 'it cannot stop in time'


@given(all_limits(), st.floats(0, 1), walks)
@example(limits_of(0.0, 2.0, 2.0, 21.0), 0.99999, [(1.0, 0.03125), (0.0, 0.03125)])
def test_no_wish_breaks_a_limit(limits: Limits, start: float, walk: Any) -> None:
    q, v = limits.low + start * (limits.high - limits.low), np.zeros(1)
    for wanted, elapsed in walk:
        before, speed = q, v
        q, v = step(q, v, np.array([wanted]), elapsed, limits)
        assert_within(q, v, limits)
        assert (np.abs(v - speed) <= limits.acceleration * elapsed + SLACK).all()
        moved = before + (speed + v) * elapsed / 2  # the acceleration is constant, ...
        assert q == pytest.approx(moved, abs=1e-8)
        if speed[0] * v[0] < 0:  # ... also where the joint turns round within the step
            turn = before + speed**2 * elapsed / (2 * (speed - v))
            assert limits.low - SLACK <= turn <= limits.high + SLACK


@given(all_limits(), st.floats(0, 1), walks, st.floats(0, 2))
def test_a_joint_can_brake_at_any_time(
    limits: Limits, start: float, walk: Any, elapsed: float
) -> None:
    q, v = limits.low + start * (limits.high - limits.low), np.zeros(1)
    for wanted, length in walk:
        q, v = step(q, v, np.array([wanted]), length, limits)
    after, slower = braking(q, v, elapsed, limits)
    assert_within(after, slower, limits)
    assert np.abs(slower) == pytest.approx(
        np.maximum(np.abs(v) - limits.usable * elapsed, 0), abs=1e-9
    )
    exact = q + (v**2 - slower**2) * np.sign(v) / (2 * limits.usable)
    assert after == pytest.approx(exact, abs=1e-8)


@settings(max_examples=50)
@given(all_limits(), st.floats(0, 1), st.floats(0, 1))
def test_a_goal_that_rests_is_reached_without_overshoot(
    limits: Limits, start: float, end: float
) -> None:
    width = limits.high - limits.low
    q, goal, v = limits.low + start * width, limits.low + end * width, np.zeros(1)
    side = np.sign(goal - q)
    for _ in range(900):
        wanted = towards(q, goal, np.zeros(1), PERIOD, limits)
        q, v = step(q, v, wanted, PERIOD, limits)
        assert (side * (goal - q) >= -1e-6).all(), 'it went too far'
    fastest = 900 * PERIOD * np.minimum(limits.velocity, 1.0) / 2
    assert np.abs(goal - q) < 1e-3 or np.abs(goal - limits.low - start * width) > fastest


def test_a_goal_that_moves_steadily_is_caught_up_with() -> None:
    limits = limits_of(-10, 20, 2, 8)
    q, v, goal = np.zeros(1), np.zeros(1), np.array([-1.0])
    for _ in range(300):
        q, v = step(q, v, towards(q, goal, np.ones(1), PERIOD, limits), PERIOD, limits)
        goal = goal + PERIOD
    assert q == pytest.approx(goal, abs=1e-3)
    assert v == pytest.approx(1.0, abs=1e-3)


def test_a_long_way_takes_hardly_longer_than_the_limits_demand() -> None:
    limits = limits_of(-2, 4, 1, 4)
    q, v, steps = np.array([-1.0]), np.zeros(1), 0
    while np.abs(q - 1.0) > 0.01:
        wanted = towards(q, np.array([1.0]), np.zeros(1), PERIOD, limits)
        q, v = step(q, v, wanted, PERIOD, limits)
        steps += 1
    quickest = 2 / 1 + 1 / 4  # a trapezoid of velocity
    assert quickest - 0.1 < steps * PERIOD < quickest + 0.3
