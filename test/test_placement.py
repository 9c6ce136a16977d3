"""Laws of placement."""

import numpy as np
import pytest
from bodies import random_body
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2

from pose3d_ros.boxes import enclosing_box
from pose3d_ros.camera import Camera
from pose3d_ros.crop import Crop
from pose3d_ros.errors import EstimateError
from pose3d_ros.placement import CONFIDENCE_RADIUS, MEAN_HEIGHT, Placement, joint_deviation, place
from pose3d_ros.skeleton import H36M_17

CAMERA = Camera.from_fov(1280, 720, 70)
CROP = Crop.around(CAMERA, (500, 60, 250, 600), (192, 192))
SEEDS = st.integers(0, 2**32 - 1)
SURE = np.full(17, 0.98)
Guess = tuple[np.ndarray, np.ndarray]


def _see(body: np.ndarray) -> tuple[Crop, np.ndarray]:
    """Return a crop around a body of the camera's frame, and the body in the crop's frame."""
    crop = Crop.around(CAMERA, enclosing_box(CAMERA.project(body)), (192, 192))
    return crop, body @ crop.camera_from_crop


def _stand(generator: np.random.Generator, proportion: float = 0.06) -> np.ndarray:
    """Return a body of mean size somewhere in front of the camera [m]."""
    depth = generator.uniform(1.5, 8)
    side, up = generator.uniform((-0.5, -0.2), (0.5, 0.2)) * depth
    return random_body(generator, proportion) + np.array((side, up, depth))


def _placed(
    pixels: np.ndarray,
    depth: np.ndarray,
    confidence: np.ndarray = SURE,
    crop: Crop = CROP,
    height: float | None = None,
) -> Placement:
    """Place one person alone."""
    (placement,) = place(
        pixels[None], depth[None], confidence[None], [crop], H36M_17, height=height
    )
    return placement


def _place(crop: Crop, body: np.ndarray, confidence: np.ndarray = SURE) -> Placement:
    return _placed(crop.virtual.project(body), body[:, 2] - body[0, 2], confidence, crop)


@given(SEEDS)
def test_many_are_placed_as_each_is_alone(seed: int) -> None:
    generator = np.random.default_rng(seed)
    seen = [_see(_stand(generator)) for _ in range(4)]
    crops = [crop for crop, _ in seen]
    pixels = np.stack([crop.virtual.project(body) for crop, body in seen])
    pixels[1] += generator.normal(0, 20, (17, 2))
    depth = np.stack([body[:, 2] - body[0, 2] for _, body in seen])
    confidence = generator.uniform(0.1, 0.98, (4, 17))
    together = place(pixels, depth, confidence, crops, H36M_17)
    for one, crop, *estimate in zip(together, crops, pixels, depth, confidence, strict=True):
        alone = _placed(*estimate, crop)
        assert one.root_depth == pytest.approx(alone.root_depth, rel=1e-4)
        assert one.root_deviation == pytest.approx(alone.root_deviation, rel=1e-3)
        assert one.positions == pytest.approx(alone.positions, rel=1e-4)
        assert one.deviation == pytest.approx(alone.deviation, rel=1e-3)


@given(SEEDS)
def test_a_mean_body_seen_exactly_is_placed_where_it_is(seed: int) -> None:
    crop, body = _see(_stand(np.random.default_rng(seed), proportion=0))
    placement = _place(crop, body)
    assert placement.root_depth == pytest.approx(body[0, 2], rel=0.1)
    assert placement.positions == pytest.approx(body, rel=0.1, abs=0.1)


@given(SEEDS)
def test_placement_keeps_pixels_and_relative_depths(seed: int) -> None:
    generator = np.random.default_rng(seed)
    pixels, depth = generator.uniform(0, 192, (17, 2)), generator.uniform(-0.5, 0.5, 17)
    placement = _placed(pixels, depth, SURE)
    assert CROP.virtual.project(placement.positions) == pytest.approx(pixels)
    assert placement.positions[:, 2] - placement.root_depth == pytest.approx(depth)


@given(SEEDS, st.floats(1.0, 2.2))
def test_everything_grows_with_a_known_height(seed: int, height: float) -> None:
    crop, body = _see(_stand(np.random.default_rng(seed)))
    pixels, depth = crop.virtual.project(body), body[:, 2] - body[0, 2]
    mean = _placed(pixels, depth, SURE, crop, height=MEAN_HEIGHT)
    placement = _placed(pixels, depth, SURE, crop, height=height)
    factor = height / MEAN_HEIGHT
    assert placement.positions == pytest.approx(factor * mean.positions)
    assert placement.root_depth == pytest.approx(factor * mean.root_depth)
    assert placement.root_deviation == pytest.approx(factor * mean.root_deviation)
    assert placement.deviation == pytest.approx(factor * mean.deviation)


def test_a_known_height_makes_the_depth_surer() -> None:
    crop, body = _see(_stand(np.random.default_rng(0)))
    pixels, depth = crop.virtual.project(body), body[:, 2] - body[0, 2]
    known = _placed(pixels, depth, SURE, crop, height=MEAN_HEIGHT)
    unknown = _placed(pixels, depth, SURE, crop)
    assert known.root_depth == unknown.root_depth
    assert known.root_deviation < unknown.root_deviation


def _hedge(body: np.ndarray, spread: float, generator: np.random.Generator) -> Guess:
    """Return what an estimator says that cannot decide between two directions of each bone.

    The directions are up to `spread` to both sides of their middle [rad].
    """
    middle, variance = body.copy(), np.zeros(17)
    for child, parent in H36M_17.bones:
        bone = body[child] - body[parent]
        angle = generator.uniform(0, spread)
        across = np.cross(bone, generator.normal(size=3))
        across *= np.linalg.norm(bone) / np.linalg.norm(across)
        hedged = np.cos(angle) * (np.cos(angle) * bone + np.sin(angle) * across)
        middle[child] = middle[parent] + hedged
        variance[child] = variance[parent] + (bone @ bone) * np.sin(angle) ** 2 / 3
    radius = CONFIDENCE_RADIUS / np.sqrt(np.maximum(variance, 1e-6))
    return middle, chi2.cdf(radius**2, 3)


@pytest.mark.parametrize('spread', [0.1, 0.4, 0.8, 1.2])
def test_the_truth_lies_within_two_standard_deviations(spread: float) -> None:
    generator = np.random.default_rng(7)
    misses = []
    for _ in range(400):
        crop, body = _see(_stand(generator))
        placement = _place(crop, *_hedge(body, spread, generator))
        truth = body[0, 2] * generator.normal(1, 0.12)  # the same image of a larger body
        misses.append((placement.root_depth - truth) / placement.root_deviation)
    within = np.mean(np.abs(misses) < 2)
    assert 0.92 < within < 0.995
    assert np.abs(np.mean(misses)) < 0.5


def test_joints_that_are_plainly_wrong_do_little() -> None:
    generator = np.random.default_rng(3)
    ratios = []
    for _ in range(200):
        crop, body = _see(_stand(generator))
        seen = body.copy()
        seen[generator.choice(np.arange(1, 17), 2, replace=False)] += generator.normal(0, 0.5, 3)
        ratios.append(_place(crop, seen).root_depth / _place(crop, body).root_depth)
    assert np.median(ratios) == pytest.approx(1, abs=0.06)
    assert np.percentile(ratios, 5) > 0.75
    assert np.percentile(ratios, 95) < 1.25


@given(
    arrays(float, (17, 2), elements=st.floats(-2000, 2000)),
    arrays(float, 17, elements=st.floats(-5, 5)),
    arrays(float, 17, elements=st.floats(0, 1)),
)
def test_finite_estimates_are_placed_in_front_of_the_crop(
    pixels: np.ndarray, depth: np.ndarray, confidence: np.ndarray
) -> None:
    placement = _placed(pixels, depth, confidence)
    assert np.isfinite(placement.positions).all()
    assert (placement.positions[:, 2] > 0).all()
    assert 0 < placement.root_deviation < np.inf
    assert (placement.deviation >= placement.root_deviation).all()


def test_joints_in_one_place_say_so_by_their_standard_deviation() -> None:
    placement = _placed(np.full((17, 2), 96.0), np.zeros(17))
    assert placement.root_deviation > 0.5 * placement.root_depth


def test_confidence_is_the_probability_of_an_error_below_150_mm() -> None:
    generator = np.random.default_rng(0)
    for confidence in (0.1, 0.5, 0.9):
        deviation = joint_deviation(np.array(confidence))
        errors = np.linalg.norm(generator.normal(0, deviation, (20000, 3)), axis=1)
        assert np.mean(errors < 0.15) == pytest.approx(confidence, abs=0.015)


def test_inputs_are_left_untouched_and_may_have_single_precision() -> None:
    crop, body = _see(_stand(np.random.default_rng(0)))
    pixels = crop.virtual.project(body).astype(np.float32)
    depth = (body[:, 2] - body[0, 2]).astype(np.float32)
    for array in (pixels, depth):
        array.flags.writeable = False
    placement = _placed(pixels, depth, SURE.astype(np.float32), crop)
    assert placement.positions.dtype == np.float64


@pytest.mark.parametrize(
    ('pixels', 'depth', 'message'),
    [
        (np.full((17, 2), np.nan), np.zeros(17), r'pixels of the estimate are not finite'),
        (np.zeros((17, 2)), np.full(17, np.inf), r'depth .* must be \(17,\) finite numbers'),
        (np.zeros((16, 2)), np.zeros(17), r'pixels of the estimate are \(16, 2\); they must be'),
    ],
)
def test_what_is_no_estimate_is_named(pixels: np.ndarray, depth: np.ndarray, message: str) -> None:
    with pytest.raises(EstimateError, match=message):
        _placed(pixels, depth, SURE)
