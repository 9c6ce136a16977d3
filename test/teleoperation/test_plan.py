"""Laws of the plan: it goes on smoothly, ends at rest, and is the spline through its points."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicHermiteSpline

from pose3d_ros.teleoperation.limiter import Limits
from pose3d_ros.teleoperation.plan import Plan, Point

LIMITS = Limits(
    low=np.array([-1.0, 0.0, -3.0]),
    high=np.array([1.0, 0.5, 3.0]),
    velocity=np.array([1.0, 2.0, 5.0]),
    acceleration=np.array([4.0, 9.0, 30.0]),
)
START = np.array([0.0, 0.2, 1.0])
PERIOD, LEAD = 1 / 60, 0.03

wishes = st.lists(
    st.tuples(*(st.floats(-9, 9) for _ in range(3)), st.floats(0.0, 0.2)), min_size=1, max_size=40
)


def walk(plan: Plan, wanted: Any, *, begin: float = 0.0) -> float:
    now = begin
    for *wish, pause in wanted:
        now += PERIOD + (pause if pause > 0.15 else 0.0)
        plan.catch_up(now, now + LEAD)
        plan.extend(now + LEAD, np.array(wish))
        plan.forget(now)
    return now


@settings(max_examples=40)
@given(wishes)
def test_every_plan_ends_at_rest_within_the_limits(wanted: Any) -> None:
    plan = Plan.resting(LIMITS, START, 0.0)
    now = walk(plan, wanted)
    last = plan.ahead(now)[-1]
    assert not last.velocities.any()
    assert (last.positions >= LIMITS.low).all()
    assert (last.positions <= LIMITS.high).all()


@settings(max_examples=40)
@given(wishes)
def test_a_controller_that_draws_a_spline_through_the_points_keeps_all_limits(wanted: Any) -> None:
    plan = Plan.resting(LIMITS, START, 0.0)
    now = walk(plan, wanted)
    points = [plan.at(now), *plan.ahead(now)]
    if len(points) == 1 or points[-1].time - points[0].time < 1e-4:
        return
    times = np.array([point.time for point in points])
    spline = CubicHermiteSpline(
        times, [point.positions for point in points], [point.velocities for point in points]
    )
    fine = np.linspace(times[0], times[-1], 60)
    assert (spline(fine) >= LIMITS.low - 1e-6).all()
    assert (spline(fine) <= LIMITS.high + 1e-6).all()
    assert (np.abs(spline(fine, 1)) <= LIMITS.velocity + 1e-5).all()
    middle = ((times[:-1] + times[1:]) / 2)[np.diff(times) > 1e-4]
    assert (np.abs(spline(middle, 2)) <= LIMITS.acceleration * 1.001 + 1e-3).all()
    assert spline(fine) == pytest.approx(np.array([plan.at(t).positions for t in fine]), abs=1e-6)


@settings(max_examples=40)
@given(wishes, wishes)
def test_what_is_promised_is_never_taken_back(first: Any, second: Any) -> None:
    plan = Plan.resting(LIMITS, START, 0.0)
    now = walk(plan, first)
    later = now + PERIOD
    promised = [point for point in plan.ahead(now) if later <= point.time <= now + LEAD]
    walk(plan, [(*second[0][:3], 0.0)], begin=now)
    for point in promised:
        assert plan.at(point.time).positions == pytest.approx(point.positions, abs=1e-9)


def test_joints_that_come_to_rest_at_nearly_the_same_time_all_do() -> None:
    limits = Limits(*(np.full(3, value) for value in (-1.0, 1.0, 1.0, 4.0)))
    for difference in (0.0, 1e-9, 1e-7, 1e-6, 2e-6, 1e-5):
        speeds = np.array((0.5, 0.5 + difference, 0.5 + 2.5 * difference))
        plan = Plan(limits, [Point(0.0, np.zeros(3), speeds)])
        times = [point.time for point in plan.ahead(0.0)]
        assert not plan.ahead(0.0)[-1].velocities.any()
        assert all(np.diff([0.0, *times]) > 1e-7)


def test_after_a_long_silence_the_robot_is_where_braking_brought_it() -> None:
    plan = Plan.resting(LIMITS, START, 0.0)
    now = walk(plan, [(1.0, 0.0, 2.0, 0.0)] * 20)
    end = plan.ahead(now)[-1]
    plan.catch_up(now + 60, now + 60 + LEAD)
    plan.extend(now + 60 + LEAD, np.zeros(3))
    assert plan.points[-1].positions == pytest.approx(end.positions)
    assert plan.is_at_rest


def test_a_time_that_is_not_later_promises_nothing_new() -> None:
    plan = Plan.resting(LIMITS, START, 1.0)
    plan.extend(1.0, np.ones(3))
    plan.extend(0.5, np.ones(3))
    assert len(plan.points) == 1
