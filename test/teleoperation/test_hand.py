"""Laws of the hand: it follows any goal smoothly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from pose3d_ros.teleoperation.hand import Hand
from pose3d_ros.teleoperation.robot_map import PoseMap

TICK = 1 / 60
LIMITS = PoseMap(velocity=0.8, acceleration=4.0, angular_velocity=2.0, angular_acceleration=9.0)

numbers = st.tuples(*(st.floats(-5, 5) for _ in range(3)))


def turn_of(vector: tuple[float, float, float]) -> np.ndarray:
    return Rotation.from_rotvec(vector).as_matrix()


@settings(max_examples=50)
@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=2, max_size=40))
def test_no_goal_makes_it_too_fast_or_too_hard(goals: list) -> None:
    hand = Hand(LIMITS)
    places, spins = [], []
    for position, velocity, turn in goals:
        before = hand.rotation
        hand.follow(np.array(position), np.array(velocity), turn_of(turn), TICK)
        places.append(hand.position)
        spins.append(Rotation.from_matrix(hand.rotation @ before.T).as_rotvec() / TICK)
    speeds = np.diff(places, axis=0) / TICK
    assert (np.linalg.norm(speeds, axis=1) <= 0.8 + 1e-6).all()
    assert (np.linalg.norm(spins[1:], axis=1) <= 2.0 + 1e-6).all()
    if len(speeds) > 1:
        assert (np.linalg.norm(np.diff(speeds, axis=0), axis=1) <= 4.0 * TICK + 1e-6).all()
        assert (np.linalg.norm(np.diff(spins[1:], axis=0), axis=1) <= 9.0 * TICK + 1e-6).all()


def test_it_comes_to_a_goal_that_rests_and_rests_there() -> None:
    hand = Hand(LIMITS)
    hand.follow(np.zeros(3), np.zeros(3), np.eye(3), TICK)
    goal, turn = np.array((0.5, -0.3, 0.2)), turn_of((0.4, -1.0, 2.0))
    for _ in range(300):
        hand.follow(goal, np.zeros(3), turn, TICK)
    assert hand.position == pytest.approx(goal, abs=1e-4)
    assert hand.rotation == pytest.approx(turn, abs=1e-4)
    assert hand.rotation @ hand.rotation.T == pytest.approx(np.eye(3), abs=1e-9)


def test_braking_brings_it_to_rest() -> None:
    hand = Hand(LIMITS)
    for _ in range(30):
        hand.follow(np.array((1.0, 0, 0)) * (hand.is_known), np.zeros(3), np.eye(3), TICK)
    assert not hand.is_at_rest
    for _ in range(30):
        hand.brake(TICK)
    assert hand.is_at_rest
