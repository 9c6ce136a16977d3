"""Laws of lenses."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose3d_ros.lens import BrownLens, EquidistantLens, Lens, PinholeLens

BARREL = BrownLens((-0.35, 0.05, 0.001, -0.002))
FISHEYE = EquidistantLens((0.03, -0.02, 0.004, -0.001))
WITHIN = st.tuples(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6)).map(np.array)


@given(WITHIN)
def test_undistorting_inverts_distorting(point: np.ndarray) -> None:
    for lens in (PinholeLens(), BARREL, FISHEYE):
        assert lens.undistort(lens.distort(point)) == pytest.approx(point, abs=1e-9)


@given(WITHIN)
def test_undistorting_agrees_with_opencv(point: np.ndarray) -> None:
    small = point / 4  # OpenCV stops after five steps
    for lens, model in ((BARREL, cv2), (FISHEYE, cv2.fisheye)):
        seen = lens.distort(small)
        known = model.undistortPoints(seen[None, None], np.eye(3), np.array(lens.coefficients))
        assert lens.undistort(seen) == pytest.approx(known[0, 0], abs=1e-6)


def test_the_middle_stays_where_it_is() -> None:
    for lens in (PinholeLens(), BARREL, FISHEYE):
        assert (lens.distort(np.zeros((3, 2))) == 0).all()
        assert (lens.undistort(np.zeros((3, 2))) == 0).all()


def test_the_limit_is_where_the_radius_stops_growing() -> None:
    lens = BrownLens((-0.25, 0.0, 0.0, 0.0))
    assert lens.limit == pytest.approx(math.sqrt(1 / 0.75))
    radii = lens.distort(np.stack((np.linspace(0, 1.15, 200), np.zeros(200)), axis=-1))[:, 0]
    assert (np.diff(radii) > 0).all()


@pytest.mark.parametrize(
    ('lens', 'limit'),
    [
        (PinholeLens(), math.inf),
        (BrownLens((0.1, 0.0, 0.0, 0.0, 0.0)), math.inf),
        (BrownLens((0.0, 0.0, 0.0, 0.0, 0.0, -0.25, 0.0, 0.0)), 2.0),  # its denominator is 0
        (BrownLens((-1e-300, 1e-300, 0.0, 0.0)), math.inf),
        (EquidistantLens((0.0, 0.0, 0.0, 0.0)), math.inf),
        (EquidistantLens((-1 / 3, 0.0, 0.0, 0.0)), math.tan(1.0)),
    ],
)
def test_the_limit_of_known_lenses(lens: Lens, limit: float) -> None:
    assert lens.limit == pytest.approx(limit)


def test_beyond_the_limit_there_is_nothing() -> None:
    for lens in (BARREL, EquidistantLens((-1 / 3, 0.0, 0.0, 0.0))):
        beyond = np.array((1.001 * lens.limit, 0.0))
        assert np.isnan(lens.distort(beyond)).all()
        assert np.isnan(lens.undistort(np.array((3.0, 0.0)))).all()


def test_strong_rational_lenses_are_inverted_to_near_their_fold() -> None:
    """Wide lenses are calibrated with all eight coefficients."""
    generator = np.random.default_rng(0)
    scales = (0.6, 1.2, 0.002, 0.002, 0.8, 0.6, 1.2, 0.8)
    for _ in range(300):
        lens = BrownLens(tuple(generator.normal(0, scales)))
        radii = np.linspace(0, 0.9 * min(lens.limit, 3.0), 30)
        angles = generator.uniform(0, 2 * np.pi, 30)
        points = radii[:, None] * np.stack((np.cos(angles), np.sin(angles)), axis=-1)
        seen = lens.distort(points)
        assert lens.distort(lens.undistort(seen)) == pytest.approx(seen, abs=1e-9)
