"""Laws of crops."""

from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import HEIGHT, WIDTH, cameras, pixels

from pose3d_ros.boxes import Box, middle_of_box
from pose3d_ros.camera import Camera
from pose3d_ros.crop import OUTSIDE_COLOUR, Crop
from pose3d_ros.errors import BoxError, ImageError

Pixel = tuple[float, float]

SIZE = (128, 128)
CAMERA = Camera.from_fov(WIDTH, HEIGHT, 70)
FISHEYE = Camera(
    WIDTH, HEIGHT, [[400, 0, 639.5], [0, 400, 359.5], [0, 0, 1]], (0,) * 4, 'equidistant'
)
BOXES = st.builds(
    lambda corner, width, height: (*corner, width, height),
    pixels(),
    st.floats(20, 400),
    st.floats(20, 400),
)


@cache
def _coordinates() -> np.ndarray:
    """An image whose two first channels are its own coordinates, scaled into a byte."""
    v, u = np.mgrid[:HEIGHT, :WIDTH]
    channels = 255 * u / WIDTH, 255 * v / HEIGHT, np.full(u.shape, 7)
    image = np.stack(channels, axis=-1).round().astype(np.uint8)
    image.flags.writeable = False
    return image


@given(cameras(), BOXES)
def test_the_middle_of_the_box_is_the_middle_of_the_crop(camera: Camera, box: Box) -> None:
    middle = middle_of_box(box)
    assume(camera.contains(middle))
    crop = Crop.around(camera, box, SIZE)
    assert crop.crop_pixels(middle) == pytest.approx((63.5, 63.5), abs=1e-6)
    assert crop.image_pixels((63.5, 63.5)) == pytest.approx(middle, abs=1e-6)


@given(cameras(), BOXES, st.tuples(st.floats(0, 127), st.floats(0, 127)))
def test_pixels_of_the_image_are_pixels_of_the_crop_and_back(
    camera: Camera, box: Box, pixel: Pixel
) -> None:
    crop = Crop.around(camera, box, SIZE)
    there = crop.image_pixels(pixel)
    assume(camera.contains(there))
    assert crop.crop_pixels(there) == pytest.approx(pixel, abs=1e-4)


@given(cameras(), BOXES)
def test_a_crop_is_turned_and_not_deformed(camera: Camera, box: Box) -> None:
    rotation = Crop.around(camera, box, SIZE).camera_from_crop
    assert rotation @ rotation.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)


@given(cameras(), BOXES)
def test_a_crop_does_not_roll(camera: Camera, box: Box) -> None:
    right, down, _ = Crop.around(camera, box, SIZE).camera_from_crop.T
    assert right[1] == 0
    assert down[1] > 0


@given(cameras(), BOXES, st.floats(1, 10))
def test_points_seen_by_the_crop_are_seen_by_the_camera_in_the_same_place(
    camera: Camera, box: Box, depth: float
) -> None:
    crop = Crop.around(camera, box, SIZE)
    pixel = (40.0, 90.0)
    point = crop.to_camera(crop.virtual.back_project(pixel, depth))
    seen = camera.project(point)
    assert seen == pytest.approx(crop.image_pixels(pixel), abs=1e-6, nan_ok=True)


@given(st.floats(20, 700), st.floats(20, 700), st.floats(1, 2))
def test_a_central_crop_shows_the_longer_side_times_the_margin(
    width: float, height: float, margin: float
) -> None:
    box = (639.5 - (width - 1) / 2, 359.5 - (height - 1) / 2, width, height)
    crop = Crop.around(CAMERA, box, SIZE, margin)
    shown = crop.image_pixels((127.5, 127.5)) - crop.image_pixels((-0.5, -0.5))
    assert shown == pytest.approx((margin * max(width, height),) * 2)


@given(cameras(), BOXES)
def test_the_whole_box_lies_inside_the_crop(camera: Camera, box: Box) -> None:
    x, y, width, height = box
    u, v = middle_of_box(box)
    sides = np.array([(x, v), (x + width - 1, v), (u, y), (u, y + height - 1)])
    inside = Crop.around(camera, box, SIZE, margin=1.0).crop_pixels(sides)
    seen = camera.contains(sides)
    assert (np.abs(inside[seen] - 63.5) <= 64).all()


def test_a_tall_crop_is_filled_by_a_tall_box() -> None:
    box = (590, 260, 100, 200)
    tall, square = (Crop.around(CAMERA, box, size) for size in ((64, 128), (128, 128)))
    assert tall.focal == pytest.approx(square.focal)


@settings(max_examples=30)
@given(cameras(), BOXES)
def test_each_pixel_of_a_crop_has_the_colour_of_its_pixel_in_the_image(
    camera: Camera, box: Box
) -> None:
    crop = Crop.around(camera, box, SIZE)
    warped = crop.warp(_coordinates())
    grid = np.stack(np.meshgrid(np.arange(128), np.arange(128)), axis=-1)
    there = crop.image_pixels(grid)
    inner = ((there > 8) & (there < (WIDTH - 9, HEIGHT - 9))).all(axis=-1)
    expected = 255 * there / (WIDTH, HEIGHT)
    # Rounded once in the image, in each halving and in the crop.
    assert np.abs(warped[inner][:, :2] - expected[inner]).max(initial=0) < 2.6
    outer = ((there < -8) | (there > (WIDTH + 8, HEIGHT + 8)) | np.isnan(there)).any(axis=-1)
    assert (warped[outer] == OUTSIDE_COLOUR).all()


@pytest.mark.parametrize('box', [(-9000, 0, 50, 50), (0, 9000, 50, 50), (1400, 200, 40, 90)])
def test_a_crop_of_nothing_is_grey(box: Box) -> None:
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for camera in (CAMERA, FISHEYE, Camera(WIDTH, HEIGHT, CAMERA.K, (-0.35, 0.05, 0, 0))):
        warped = Crop.around(camera, box, SIZE, margin=1.0).warp(image)
        assert (warped == OUTSIDE_COLOUR).all()


def test_a_crop_wider_than_the_lens_does_not_repeat_what_the_lens_shows() -> None:
    camera = Camera(WIDTH, HEIGHT, CAMERA.K, (-0.45, 0.05, 0, 0))
    crop = Crop.around(camera, (0, 0, WIDTH, HEIGHT), SIZE, margin=3)
    corner = crop.to_camera(crop.virtual.rays((0, 0)))
    assert np.hypot(*corner[:2]) / corner[2] > camera.limit
    warped = crop.warp(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    assert (warped[0, 0] == OUTSIDE_COLOUR).all()
    assert (warped[64, 64] == 0).all()


def test_a_crop_shows_at_most_120_degrees() -> None:
    crop = Crop.around(FISHEYE, (0, 0, WIDTH, HEIGHT), SIZE, margin=5)
    assert 2 * np.degrees(np.arctan(64 / crop.focal)) == pytest.approx(120)


@pytest.mark.parametrize('coarseness', [2.2, 3.7, 5.5, 9.0])
def test_shrinking_skips_no_pixel(coarseness: float) -> None:
    stripes = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    stripes[:, ::2] = 255
    side = 60 * coarseness
    box = (639.5 - (side - 1) / 2, 359.5 - (side - 1) / 2, side, side)
    warped = Crop.around(CAMERA, box, (60, 60), margin=1.0).warp(stripes)
    assert np.abs(warped.astype(float) - 127.5).max() <= 1


def test_a_crop_straight_ahead_agrees_with_an_area_resize_of_the_region() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    image = cv2.GaussianBlur(noise, (0, 0), 8)
    region = image[359 - 255 : 359 + 257, 639 - 255 : 639 + 257]
    expected = cv2.resize(region, SIZE, interpolation=cv2.INTER_AREA)
    box = (639 - 255, 359 - 255, 512, 512)
    warped = Crop.around(CAMERA, box, SIZE, margin=1.0).warp(image)
    assert np.abs(warped.astype(float) - expected).max() <= 2


def test_warping_leaves_the_image_untouched() -> None:
    image = _coordinates().copy()
    warped = Crop.around(CAMERA, (100, 100, 300, 600), SIZE).warp(image)
    assert warped.shape == (128, 128, 3)
    assert warped.dtype == np.uint8
    assert (image == _coordinates()).all()


@pytest.mark.parametrize('box', [(np.nan, 0, 1, 1), (0, 0, 0, 9), (0, 0, 9, -9)])
def test_a_box_that_encloses_nothing_is_an_error(box: Box) -> None:
    with pytest.raises(BoxError, match='the box'):
        Crop.around(CAMERA, box, SIZE)


@pytest.mark.parametrize(
    'image', [np.zeros((480, 640, 3), np.uint8), np.zeros((HEIGHT, WIDTH, 3), np.float32)]
)
def test_an_image_of_another_camera_is_an_error(image: np.ndarray) -> None:
    crop = Crop.around(CAMERA, (0, 0, 50, 50), SIZE)
    with pytest.raises(ImageError, match=r'its camera gives \(720, 1280, 3\) uint8'):
        crop.warp(image)
