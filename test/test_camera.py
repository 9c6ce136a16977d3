"""Laws of cameras."""

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import HEIGHT, WIDTH, cameras, pinhole_cameras, pixels

from pose3d_ros.camera import Camera
from pose3d_ros.errors import CameraError

Pixel = tuple[float, float]

MATRIX = np.array([[600.0, 0, 639.5], [0, 600, 359.5], [0, 0, 1]])
BARREL = (-0.35, 0.05, 0.001, -0.001, 0.0)


@given(cameras(), pixels(), st.floats(0.1, 50))
def test_projection_inverts_back_projection(camera: Camera, pixel: Pixel, depth: float) -> None:
    point = camera.back_project(pixel, depth)
    assert point[2] == pytest.approx(depth)
    assert camera.project(point) == pytest.approx(pixel, abs=1e-4)


@given(cameras(), pixels(), st.floats(0.1, 50))
def test_back_projection_inverts_projection(camera: Camera, pixel: Pixel, depth: float) -> None:
    point = camera.back_project(pixel, depth)
    assert camera.back_project(camera.project(point), depth) == pytest.approx(point, abs=1e-6)


@given(cameras(), st.lists(pixels(), min_size=1, max_size=9))
def test_projection_agrees_with_opencv(camera: Camera, seen: list[Pixel]) -> None:
    points = camera.back_project(seen, np.full(len(seen), 2.0))
    model = cv2.fisheye if camera.model == 'equidistant' else cv2
    still, distortion = np.zeros(3), np.array(camera.distortion)
    known, _ = model.projectPoints(points[:, None], still, still, camera.K, distortion)
    assert camera.project(points) == pytest.approx(known[:, 0], abs=1e-6)


@given(cameras(), pixels())
def test_scaling_a_point_along_its_ray_leaves_the_pixel(camera: Camera, pixel: Pixel) -> None:
    ray = camera.rays(pixel)
    assert camera.project(7 * ray) == pytest.approx(camera.project(ray), abs=1e-9)


@given(cameras())
def test_the_optical_axis_meets_the_principal_point(camera: Camera) -> None:
    assert camera.project((0, 0, 3)) == pytest.approx(camera.K[:2, 2])


@given(pinhole_cameras(), pixels(margin=3))
def test_a_pinhole_sees_far_outside_the_image(camera: Camera, pixel: Pixel) -> None:
    assert camera.project(camera.rays(pixel)) == pytest.approx(pixel, abs=1e-6)


@given(st.floats(5, 175))
def test_the_field_of_view_spans_the_image_from_edge_to_edge(fov_deg: float) -> None:
    camera = Camera.from_fov(WIDTH, HEIGHT, fov_deg)
    left, right = camera.rays([(-0.5, 359.5), (WIDTH - 0.5, 359.5)])
    between = np.arctan2(right[0], right[2]) - np.arctan2(left[0], left[2])
    assert np.degrees(between) == pytest.approx(fov_deg)


@given(cameras())
def test_shapes_are_kept_whatever_the_number_of_axes(camera: Camera) -> None:
    for shape in ((), (0,), (3,), (2, 0), (2, 5)):
        seen = np.full((*shape, 2), 300.0)
        assert camera.rays(seen).shape == (*shape, 3)
        assert camera.back_project(seen, np.ones(shape)).shape == (*shape, 3)
        assert camera.project(np.ones((*shape, 3))).shape == (*shape, 2)
        assert camera.contains(seen).shape == shape


@pytest.mark.parametrize('z', [0.0, -1.0, np.nan])
def test_points_not_in_front_of_the_camera_have_no_pixel(z: float) -> None:
    for camera in (Camera(WIDTH, HEIGHT, MATRIX), Camera(WIDTH, HEIGHT, MATRIX, BARREL)):
        assert np.isnan(camera.project((0.1, 0.1, z))).all()


def test_points_beyond_the_fold_of_the_lens_do_not_come_back_into_the_image() -> None:
    camera = Camera(WIDTH, HEIGHT, MATRIX, BARREL)
    assert 1 < camera.limit < 2
    assert np.isfinite(camera.project((0.99 * camera.limit, 0, 1))).all()
    assert np.isnan(camera.project((1.01 * camera.limit, 0, 1))).all()
    assert np.isnan(camera.project((5, 0, 1))).all()


def test_pixels_that_the_lens_does_not_reach_have_no_ray() -> None:
    assert np.isnan(Camera(WIDTH, HEIGHT, MATRIX, BARREL).rays((5000, 300))).all()


def test_a_fisheye_has_no_unit_depth_ray_from_a_right_angle_on() -> None:
    camera = Camera(WIDTH, HEIGHT, MATRIX, (0, 0, 0, 0), 'equidistant')
    right_angle = 639.5 + 600 * np.pi / 2
    rays = camera.rays([(right_angle - 1, 359.5), (right_angle + 1, 359.5)])
    assert np.isfinite(rays[0]).all()
    assert np.isnan(rays[1]).all()


def test_the_image_ends_half_a_pixel_beyond_the_outermost_centres() -> None:
    camera = Camera(4, 3, np.eye(3))
    inside = [(-0.4, 0), (3.4, 2.4), (0, -0.4)]
    outside = [(-0.6, 0), (3.6, 0), (0, 2.6), (np.nan, 0)]
    assert camera.contains(inside).all()
    assert not camera.contains(outside).any()


def test_cameras_are_equal_when_all_their_numbers_are() -> None:
    camera = Camera(WIDTH, HEIGHT, MATRIX, BARREL)
    assert camera == Camera(WIDTH, HEIGHT, MATRIX.copy(), list(BARREL))
    assert hash(camera) == hash(Camera(WIDTH, HEIGHT, MATRIX.copy(), BARREL))
    assert camera != Camera(WIDTH, HEIGHT, MATRIX)
    assert camera != Camera(WIDTH, HEIGHT, np.diag([2, 2, 1]) @ MATRIX, BARREL)
    assert camera != Camera(640, HEIGHT, MATRIX, BARREL)


def test_cameras_cannot_be_changed() -> None:
    matrix = MATRIX.copy()
    camera = Camera(WIDTH, HEIGHT, matrix)
    matrix[0, 0] = 1
    assert camera.K[0, 0] == 600
    with pytest.raises(ValueError, match='read-only'):
        camera.K[0, 0] = 1


def test_distortion_of_zeros_is_none() -> None:
    assert Camera(WIDTH, HEIGHT, MATRIX, (0,) * 5).is_pinhole
    assert Camera(WIDTH, HEIGHT, MATRIX, (0,) * 8, 'rational_polynomial').is_pinhole
    assert not Camera(WIDTH, HEIGHT, MATRIX, (0,) * 4, 'equidistant').is_pinhole


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'K': np.zeros((3, 3))}, r'fx is 0.0; it must be above 0: K is \[\[fx, 0, cx\]'),
        ({'K': np.full((3, 3), np.nan)}, 'fx is nan; it must be above 0'),
        ({'K': np.diag([600.0, np.inf, 1])}, 'fy is inf; it must be above 0'),
        (
            {'K': np.array([[600, 0, np.nan], [0, 600, 0], [0, 0, 1]])},
            'cx is nan; it must be finite',
        ),
        ({'K': np.array([[600, 1, 0], [0, 600, 0], [0, 0, 1]])}, 'skew is 1.0; it must be 0'),
        ({'K': 2 * MATRIX}, r'K\[2\]\[2\] is 2.0; it must be 1'),
        ({'K': MATRIX[:2]}, r'K has the shape \(2, 3\); it must be \(3, 3\)'),
        ({'width': 0}, 'the width of the image is 0 px; it must be at least 1 px'),
        ({'height': -2}, 'the height of the image is -2 px'),
        ({'distortion': (1, 2)}, 'plumb_bob has 2 distortion coefficients; it must have 0 or 4'),
        ({'distortion': (0, 0, np.nan, 0)}, 'coefficient 2 of plumb_bob is nan'),
        ({'model': 'equidistant'}, 'equidistant has 0 distortion coefficients; it must have 4'),
        ({'model': 'fish'}, "'fish' is unknown; known are plumb_bob, rational_polynomial, equid"),
    ],
)
def test_what_cannot_be_a_camera_is_named_with_what_is_right(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(CameraError, match=message):
        Camera(**{'width': WIDTH, 'height': HEIGHT, 'K': MATRIX} | change)


@pytest.mark.parametrize('fov_deg', [0, 180, -3, float('nan')])
def test_a_field_of_view_lies_between_0_and_180_degrees(fov_deg: float) -> None:
    with pytest.raises(CameraError, match='between 0 and 180 deg'):
        Camera.from_fov(640, 480, fov_deg)
