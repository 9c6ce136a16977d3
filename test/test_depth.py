"""Laws of depth: what it says at pixels, and what it makes of a placement."""

import numpy as np
import pytest
from bodies import random_body
from hypothesis import given
from hypothesis import strategies as st

from pose3d_ros.camera import Camera
from pose3d_ros.crop import Crop
from pose3d_ros.depth import DepthFit, DepthImage, behind_surface, fit_depth
from pose3d_ros.errors import ImageError
from pose3d_ros.placement import place
from pose3d_ros.skeleton import H36M_17

CAMERA = Camera.from_fov(640, 480, 60.0)
JOINTS = H36M_17.joints
BEHIND = behind_surface(JOINTS)
SURE = np.full(17, 0.9)
FACTORS = st.floats(0.8, 1.25)
SEEDS = st.integers(0, 10_000)


def depth_of(value_m: float, *, size: tuple[int, int] = (640, 480)) -> np.ndarray:
    return np.full(size[::-1], value_m, np.float32)


def slope(size: tuple[int, int]) -> np.ndarray:
    """Distances that grow with the column, the same for the same place in any resolution."""
    columns = (np.arange(size[0]) + 0.5) / size[0]
    return np.tile(1 + 2 * columns, (size[1], 1)).astype(np.float32)


def at(depth: np.ndarray, *pixels: tuple[float, float], z: float = 2.0) -> np.ndarray:
    return DepthImage(depth).surfaces(np.array(pixels), np.full(len(pixels), z), CAMERA)


def seen(positions: np.ndarray, generator: np.random.Generator, noise: float = 0.02) -> np.ndarray:
    """Surfaces in front of the joints of a body [m]."""
    return positions[:, 2] - BEHIND + generator.normal(0, noise, 17)


def body(seed: int) -> tuple[np.ndarray, np.random.Generator]:
    generator = np.random.default_rng(seed)
    return random_body(generator) + np.array((0, 0, generator.uniform(2, 5))), generator


def fitted(z: np.ndarray, surfaces: np.ndarray, prior: float = 0.2) -> DepthFit:
    fit = fit_depth(z, surfaces, SURE, JOINTS, prior)
    assert fit is not None
    return fit


# What is seen at a pixel


def test_millimetres_and_metres_say_the_same() -> None:
    metres = slope((640, 480))
    pixels = (10.0, 20.0), (320.2, 240.7), (600.0, 470.0)
    in_mm = (1000 * metres).astype(np.uint16)
    np.testing.assert_allclose(at(metres, *pixels), at(in_mm, *pixels), atol=2e-3)


@given(st.floats(30, 610), st.floats(30, 450))
def test_any_resolution_says_the_same(u: float, v: float) -> None:
    expected = 1 + 2 * (u + 0.5) / 640
    for size in ((640, 480), (320, 240), (1280, 960), (424, 318)):
        assert at(slope(size), (u, v))[0] == pytest.approx(expected, abs=0.012)


@pytest.mark.parametrize('nothing', [0.0, np.nan, np.inf, -1.0])
def test_holes_are_not_known_and_small_ones_do_no_harm(nothing: float) -> None:
    depth = depth_of(2.0)
    depth[200:280, 280:360] = nothing
    depth[100:110:2] = nothing
    found = at(depth, (320.0, 240.0), (100.0, 105.0), (400.0, 300.0))
    assert np.isnan(found[0])
    np.testing.assert_allclose(found[1:], 2.0)


def test_outside_the_image_nothing_is_known() -> None:
    found = at(depth_of(2.0), (-50.0, 240.0), (320.0, 600.0), (np.nan, np.nan), (5.0, 5.0))
    assert np.isnan(found[:3]).all()
    assert found[3] == 2.0


@pytest.mark.parametrize(
    'values',
    [np.zeros((4, 4, 3), np.uint16), np.zeros((4, 4)), np.zeros((0, 4), np.float32)],
    ids=['channels', 'float64', 'empty'],
)
def test_what_is_no_depth_image_is_refused(values: np.ndarray) -> None:
    with pytest.raises(ImageError, match='it must be uint16 or float32, two axes'):
        DepthImage(values)


def test_other_proportions_are_not_aligned() -> None:
    for size in ((640, 480), (320, 240), (160, 120), (424, 318)):
        DepthImage(depth_of(1.0, size=size)).check(CAMERA)
    message = r'640x360 px, which are not the proportions of the image, 640x480 px: it is not al'
    with pytest.raises(ImageError, match=message):
        DepthImage(depth_of(1.0, size=(640, 360))).check(CAMERA)


# What it makes of a placement


@given(SEEDS, FACTORS)
def test_without_errors_the_factor_is_the_right_one(seed: int, factor: float) -> None:
    positions, generator = body(seed)
    fit = fitted(positions[:, 2] / factor, seen(positions, generator, noise=0), prior=10.0)
    assert fit.scale == pytest.approx(factor, rel=1e-3)
    assert not fit.hidden.any()


@given(SEEDS, FACTORS, st.permutations(range(17)))
def test_the_order_of_the_joints_does_not_matter(
    seed: int, factor: float, order: list[int]
) -> None:
    positions, generator = body(seed)
    z, surfaces = positions[:, 2] / factor, seen(positions, generator)
    one = fitted(z, surfaces)
    names = [JOINTS[index] for index in order]
    other = fit_depth(z[order], surfaces[order], SURE, names, 0.2)
    assert other is not None
    assert other.scale == pytest.approx(one.scale, rel=1e-6)
    np.testing.assert_array_equal(other.hidden, one.hidden[order])


@given(SEEDS, FACTORS, st.floats(0.4, 1.5), st.sets(st.integers(0, 16), max_size=6))
def test_what_is_in_front_hides_joints_and_does_not_draw_the_person_near(
    seed: int, factor: float, gap: float, covered: set[int]
) -> None:
    positions, generator = body(seed)
    surfaces = seen(positions, generator)
    where = np.isin(np.arange(17), [*covered])
    surfaces[where] = np.minimum(surfaces[where], surfaces.min()) - gap
    fit = fitted(positions[:, 2] / factor, surfaces)
    assert fit.scale == pytest.approx(factor, rel=0.05)
    np.testing.assert_array_equal(fit.hidden, where)


@given(SEEDS, FACTORS, st.sets(st.integers(0, 16), max_size=6))
def test_what_is_seen_beside_the_body_does_not_push_the_person_away(
    seed: int, factor: float, missed: set[int]
) -> None:
    positions, generator = body(seed)
    surfaces = seen(positions, generator)
    surfaces[[*missed]] = positions[:, 2].max() + 2.0
    fit = fitted(positions[:, 2] / factor, surfaces)
    assert fit.scale == pytest.approx(factor, rel=0.05)
    assert not fit.hidden.any()


def test_fewer_than_three_joints_say_nothing() -> None:
    positions, generator = body(1)
    surfaces = seen(positions, generator)
    surfaces[2:] = np.nan
    assert fit_depth(positions[:, 2], surfaces, SURE, JOINTS, 0.2) is None
    assert fit_depth(positions[:, 2], np.full(17, np.nan), SURE, JOINTS, 0.2) is None


def test_a_wall_far_behind_or_a_hand_before_the_lens_says_nothing() -> None:
    positions, _ = body(1)
    for wall in (0.3, 30.0):
        assert fit_depth(positions[:, 2], np.full(17, wall), SURE, JOINTS, 0.15) is None


def test_more_joints_and_a_better_prior_make_it_surer() -> None:
    positions, generator = body(2)
    surfaces = seen(positions, generator)
    few = np.where(np.arange(17) < 4, surfaces, np.nan)
    assert (
        fitted(positions[:, 2], surfaces).relative_deviation
        < fitted(positions[:, 2], few).relative_deviation
    )
    assert (
        fitted(positions[:, 2], few, prior=0.02).relative_deviation
        < fitted(positions[:, 2], few).relative_deviation
    )


def test_people_of_any_size_are_nearer_to_the_truth_with_depth() -> None:
    without, depth = [], []
    for seed in range(150):
        positions, generator = body(seed)
        size = generator.normal(1.0, 0.12)
        positions = positions[0] + size * (positions - positions[0])
        crop = Crop.around(CAMERA, (120, 20, 400, 440), (256, 256))
        in_crop = positions @ crop.camera_from_crop
        pixels = crop.virtual.project(in_crop) + generator.normal(0, 1.5, (17, 2))
        relative = in_crop[:, 2] - in_crop[0, 2] + generator.normal(0, 0.05, 17)
        (placement,) = place(pixels[None], relative[None], SURE[None], [crop], H36M_17)
        found = crop.to_camera(placement.positions)
        surfaces = seen(positions, generator, noise=0.04)
        surfaces[generator.random(17) < 0.2] = np.nan
        prior = placement.root_deviation / placement.root_depth
        scale = fitted(found[:, 2], surfaces, prior).scale
        without.append(np.linalg.norm(found[0] - positions[0]))
        depth.append(np.linalg.norm(scale * found[0] - positions[0]))
    assert np.mean(depth) < 0.3 * np.mean(without)
    assert np.percentile(depth, 95) < 0.3 * np.percentile(without, 95)
