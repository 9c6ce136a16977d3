"""Laws of the predictor."""

import numpy as np
import pytest

from pose3d_ros.teleoperation.predictor import Predictor

FRAME = 1 / 30


def fed(values: list[float], *, smoothing: float = 0.06) -> Predictor:
    predictor = Predictor(1, smoothing)
    for index, value in enumerate(values):
        predictor.update(index * FRAME, np.array([value]))
    return predictor


def test_a_steady_motion_is_followed_without_delay() -> None:
    predictor = fed([0.9 * index * FRAME for index in range(60)])
    value, rate = predictor.at(60 * FRAME + 0.02, horizon=0.2)
    assert value == pytest.approx(0.9 * (60 * FRAME + 0.02), abs=1e-4)
    assert rate == pytest.approx(0.9, abs=1e-3)


def test_nothing_is_carried_on_beyond_the_horizon() -> None:
    predictor = fed([index * FRAME for index in range(60)])
    end = 59 * FRAME
    value, rate = predictor.at(end + 5.0, horizon=0.1)
    assert value == pytest.approx(end + 0.1, abs=1e-3)
    assert rate == 0
    value, rate = predictor.at(end + 5.0, horizon=0.0)
    assert value == pytest.approx(end, abs=1e-3)
    assert rate == 0


def test_a_whole_turn_is_no_motion() -> None:
    steps = np.pi - 0.1 + 0.5 * FRAME * np.arange(60)
    predictor = fed(((steps + np.pi) % (2 * np.pi) - np.pi).tolist())
    assert predictor.at(59 * FRAME, horizon=0.1)[1] == pytest.approx(0.5, abs=1e-3)


def test_noise_is_smoothed() -> None:
    generator = np.random.default_rng(1)
    noise = 0.05 * generator.standard_normal((400, 1))
    raw, smooth = [], []
    predictor = Predictor(1, 0.1)
    for index, value in enumerate(noise):
        predictor.update(index * FRAME, value)
        raw.append(value)
        smooth.append(predictor.at(index * FRAME, horizon=0.0)[0])
    assert np.std(smooth) < 0.8 * np.std(raw)


def test_after_a_gap_an_angle_begins_anew_and_at_rest() -> None:
    predictor = fed([index * FRAME for index in range(30)])
    for index in range(30, 45):
        predictor.update(index * FRAME, np.array([np.nan]))
    predictor.update(45 * FRAME, np.array([-2.0]))
    value, rate = predictor.at(45 * FRAME, horizon=0.1)
    assert (value, rate) == (-2.0, 0.0)


def test_what_was_never_seen_is_unknown_and_rests() -> None:
    predictor = Predictor(2, 0.06)
    predictor.update(0.0, np.array([1.0, np.nan]))
    value, rate = predictor.at(0.0, horizon=0.1)
    assert value.tolist() == pytest.approx([1.0, np.nan], nan_ok=True)
    assert rate.tolist() == [0.0, 0.0]
    predictor.reset()
    assert np.isnan(predictor.at(0.0, horizon=0.1)[0]).all()
