"""Laws of smoothing."""

from dataclasses import replace

import numpy as np
import pytest
from bodies import candidate, random_body

from pose3d_ros.camera import Camera
from pose3d_ros.candidate import person_from
from pose3d_ros.person import Person, PersonState
from pose3d_ros.smoothing import Smoother

CAMERA = Camera.from_fov(1280, 720, 70)
RATE = 30.0
AT_REST = random_body(np.random.default_rng(0)) + np.array((0, 0, 4))


def person(
    positions: np.ndarray, stamp: float, state: PersonState = PersonState.SEEN, name: str = 'aaaaa'
) -> Person:
    return person_from(
        candidate(positions, CAMERA), CAMERA, name, state=state, stamp=stamp, min_confidence=0.3
    )


def smoothed(smoother: Smoother, track: np.ndarray) -> np.ndarray:
    people = [person(positions, i / RATE) for i, positions in enumerate(track)]
    return np.stack([smoother([each])[0].positions for each in people])


def noisy(count: int = 300, size: float = 0.02) -> np.ndarray:
    return AT_REST + np.random.default_rng(1).normal(0, size, (count, *AT_REST.shape))


def test_a_cutoff_of_zero_changes_nothing() -> None:
    people = [person(AT_REST, 0.0)]
    assert Smoother(cutoff=0.0)(people)[0] is people[0]


def test_a_joint_at_rest_stays_where_it_is() -> None:
    track = np.broadcast_to(AT_REST, (20, *AT_REST.shape))
    np.testing.assert_allclose(smoothed(Smoother(cutoff=1.0), track), track)


def test_a_joint_at_rest_jitters_less_and_the_less_the_lower_the_cutoff() -> None:
    track = noisy()
    jitter = [
        np.diff(smoothed(Smoother(cutoff=cutoff, gain=0.0), track), axis=0).std()
        for cutoff in (8.0, 2.0, 0.5)
    ]
    assert np.diff(track, axis=0).std() > jitter[0] > jitter[1] > jitter[2]


def test_without_gain_it_is_the_low_pass_of_its_cutoff() -> None:
    """A first-order low-pass lets 1 / sqrt(2) of the cutoff's frequency through."""
    cutoff, rate, count = 1.0, 1000.0, 6000
    wave = np.sin(2 * np.pi * cutoff * np.arange(count) / rate)
    smoother, out = Smoother(cutoff=cutoff, gain=0.0), []
    for step, height in enumerate(wave):
        (answer,) = smoother([person(AT_REST + np.array((0, height, 0)), step / rate)])
        out.append(answer.positions[0, 1] - AT_REST[0, 1])
    assert np.ptp(out[3000:]) / 2 == pytest.approx(1 / np.sqrt(2), rel=0.02)


def test_the_gain_takes_the_lag_from_fast_motion() -> None:
    track = AT_REST + np.arange(60)[:, None, None] / RATE * np.array((1.5, 0, 0))  # 1.5 m/s
    lag = [
        (track - smoothed(Smoother(cutoff=1.0, gain=gain), track))[-1, 0, 0] / 1.5
        for gain in (0.0, 4.0)
    ]
    assert lag[0] > 0.12
    assert lag[1] < 0.03


def test_smoothing_commutes_with_moving_everything() -> None:
    track = noisy(40)
    away = np.array((1.0, -2.0, 3.0))
    one = smoothed(Smoother(cutoff=2.0), track)
    np.testing.assert_allclose(smoothed(Smoother(cutoff=2.0), track + away), one + away)


def test_each_person_is_smoothed_apart() -> None:
    alone, together = Smoother(cutoff=2.0), Smoother(cutoff=2.0)
    for index, positions in enumerate(noisy(20)):
        stamp = index / RATE
        (wanted,) = alone([person(positions, stamp)])
        _, found = together(
            [
                person(positions + 1, stamp, name='bbbbb'),
                person(positions, stamp),
            ]
        )
        np.testing.assert_array_equal(found.positions, wanted.positions)


def test_who_is_not_seen_stays_at_the_last_smoothed_place() -> None:
    smoother = Smoother(cutoff=1.0)
    last = smoothed(smoother, noisy(10))[-1]
    for state in (PersonState.PREDICTED, PersonState.LOST):
        (held,) = smoother([person(AT_REST + 5, 0.4, state)])
        np.testing.assert_array_equal(held.positions, last)


def test_who_enters_again_begins_anew() -> None:
    smoother = Smoother(cutoff=1.0)
    smoothed(smoother, noisy(10))
    smoother([person(AT_REST, 0.4, PersonState.LOST)])
    (back,) = smoother([person(AT_REST + 1, 2.0, PersonState.ENTERING)])
    np.testing.assert_array_equal(back.positions, AT_REST + 1)


def test_a_joint_that_was_unknown_begins_where_it_is_found() -> None:
    smoother = Smoother(cutoff=1.0)
    unknown = person(AT_REST, 0.0)
    positions = AT_REST.copy()
    positions[3] = np.nan
    smoother([replace(unknown, positions=positions)])
    (found,) = smoother([person(AT_REST, 1 / RATE)])
    np.testing.assert_array_equal(found.positions[3], AT_REST[3])
