"""Mirror averaging: estimates become those of a picture that has no left and no right."""

import dataclasses

import numpy as np
import pytest

from pose3d_ros import H36M_17, mirror
from pose3d_ros.person import Estimates

WIDTH = 64
RNG = np.random.default_rng(4)
TWINS = list(H36M_17.mirror)


def random_estimates(count: int) -> Estimates:
    return Estimates(
        pixels=RNG.uniform(0, WIDTH, (count, 17, 2)).astype(np.float32),
        depth=RNG.normal(size=(count, 17)).astype(np.float32),
        confidence=RNG.uniform(0.01, 0.99, (count, 17)).astype(np.float32),
        presence=RNG.uniform(0.01, 0.99, count).astype(np.float32),
    )


def of_the_mirror_image(estimates: Estimates) -> Estimates:
    pixels = estimates.pixels[:, TWINS].copy()
    pixels[..., 0] = WIDTH - 1 - pixels[..., 0]
    return Estimates(
        pixels, estimates.depth[:, TWINS], estimates.confidence[:, TWINS], estimates.presence
    )


def joined(first: Estimates, second: Estimates) -> Estimates:
    names = [field.name for field in dataclasses.fields(Estimates)]
    return Estimates(
        *(np.concatenate((getattr(first, name), getattr(second, name))) for name in names)
    )


def assert_close(some: Estimates, others: Estimates) -> None:
    for field in dataclasses.fields(Estimates):
        first, second = getattr(some, field.name), getattr(others, field.name)
        assert first.dtype == np.float32
        np.testing.assert_allclose(first, second, atol=1e-4)


def test_mirror_images_follow_the_crops() -> None:
    crops = RNG.integers(0, 256, (3, 8, 6, 3), np.uint8)
    both = mirror.with_mirror_images(crops)
    np.testing.assert_array_equal(both[:3], crops)
    np.testing.assert_array_equal(both[3:, :, ::-1], crops)


def test_what_is_said_of_both_alike_stays() -> None:
    once = random_estimates(2)
    both = joined(once, of_the_mirror_image(once))
    assert_close(mirror.averaged(both, H36M_17.mirror, WIDTH), once)


def test_the_average_of_the_mirror_image_is_the_mirror_image_of_the_average() -> None:
    first, second = random_estimates(2), random_estimates(2)
    there = mirror.averaged(joined(first, second), H36M_17.mirror, WIDTH)
    back = mirror.averaged(joined(second, first), H36M_17.mirror, WIDTH)
    assert_close(of_the_mirror_image(there), back)


@pytest.mark.parametrize('value', [0.0, 1.0])
def test_certainty_stays_a_probability(value: float) -> None:
    once = dataclasses.replace(random_estimates(1), presence=np.full(1, value, np.float32))
    both = joined(once, of_the_mirror_image(once))
    presence = mirror.averaged(both, H36M_17.mirror, WIDTH).presence
    np.testing.assert_allclose(presence, value, atol=1e-5)
