"""Laws of images from messages."""

import array
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image

from pose3d_ros.errors import ImageError
from pose3d_ros.ros.images import (
    ENCODINGS,
    depth_from_msg,
    image_from_compressed,
    image_from_msg,
)

WIDTH, HEIGHT = 8, 6


def message(encoding: str, data: NDArray[Any], /, **changes: Any) -> Image:
    """Return an image message of rows of data, with some fields changed."""
    rows = np.ascontiguousarray(data).view(np.uint8).reshape(len(data), -1)
    fields = {'width': WIDTH, 'height': HEIGHT, 'step': rows.shape[1], 'encoding': encoding}
    msg = Image(**{**fields, **changes})
    msg.data = array.array('B', rows.tobytes())
    return msg


def picture() -> NDArray[np.uint8]:
    """Return a smooth BGR picture, in which neighbours are alike."""
    v, u = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack((60 + 10 * u, 200 - 9 * v, 90 + 4 * u + 4 * v), axis=-1).astype(np.uint8)


def grey() -> NDArray[np.uint8]:
    return picture()[..., 0]


def in_three(one: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(one[..., None], 3, axis=-1)


def test_bgr8_is_not_copied() -> None:
    msg = message('bgr8', picture())
    image = image_from_msg(msg)
    assert np.array_equal(image, picture())
    assert np.shares_memory(image, np.frombuffer(msg.data, np.uint8))


@pytest.mark.parametrize(
    ('encoding', 'code'),
    [
        ('rgb8', cv2.COLOR_BGR2RGB),
        ('bgra8', cv2.COLOR_BGR2BGRA),
        ('rgba8', cv2.COLOR_BGR2RGBA),
    ],
)
def test_orders_of_colours_become_bgr(encoding: str, code: int) -> None:
    image = image_from_msg(message(encoding, cv2.cvtColor(picture(), code)))
    assert np.array_equal(image, picture())


@pytest.mark.parametrize('big_endian', [False, True])
def test_sixteen_bits_are_shortened_in_either_byte_order(big_endian: bool) -> None:  # noqa: FBT001
    deep = (grey().astype(np.uint16) << 8) + 77
    data = deep.astype('>u2' if big_endian else '<u2')
    image = image_from_msg(message('mono16', data, is_bigendian=big_endian))
    assert np.array_equal(image, in_three(grey()))


def test_mono8_has_three_equal_channels() -> None:
    assert np.array_equal(image_from_msg(message('mono8', grey())), in_three(grey()))


@pytest.mark.parametrize(('encoding', 'luma'), [('yuyv', 0), ('yuv422_yuy2', 0), ('uyvy', 1)])
def test_brightness_of_packed_yuv_is_that_of_its_luma_bytes(encoding: str, luma: int) -> None:
    data = np.full((HEIGHT, WIDTH, 2), 128, np.uint8)
    data[..., luma] = grey()
    image = image_from_msg(message(encoding, data)).astype(float)
    expected = 1.164 * (grey().astype(float) - 16)
    assert image == pytest.approx(np.repeat(expected[..., None], 3, -1).clip(0, 255), abs=1.5)


@pytest.mark.parametrize('encoding', ['nv12', 'nv21'])
def test_planar_yuv_has_one_and_a_half_rows_per_row(encoding: str) -> None:
    data = np.concatenate((grey(), np.full((HEIGHT // 2, WIDTH), 128, np.uint8)))
    image = image_from_msg(message(encoding, data))
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert np.ptp(image, axis=-1).max() <= 1


@pytest.mark.parametrize(
    ('encoding', 'first_row', 'second_row'),
    [
        ('bayer_rggb8', 'rg', 'gb'),
        ('bayer_bggr8', 'bg', 'gr'),
        ('bayer_gbrg8', 'gb', 'rg'),
        ('bayer_grbg8', 'gr', 'bg'),
    ],
)
def test_a_bayer_pattern_of_one_colour_is_that_colour(
    encoding: str, first_row: str, second_row: str
) -> None:
    colour = {'b': 30, 'g': 120, 'r': 210}
    tile = np.array([[colour[c] for c in row] for row in (first_row, second_row)], np.uint8)
    image = image_from_msg(message(encoding, np.tile(tile, (HEIGHT // 2, WIDTH // 2))))
    assert np.array_equal(image, np.broadcast_to([30, 120, 210], image.shape))


@pytest.mark.parametrize('encoding', sorted(ENCODINGS))
def test_padding_of_rows_is_not_seen(encoding: str) -> None:
    kind = ENCODINGS[encoding]
    shape = (int(HEIGHT * kind.rows), WIDTH * kind.channels * kind.bits // 8)
    data = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    padded = np.pad(data, ((0, 0), (0, 10)), constant_values=255)
    plain = image_from_msg(message(encoding, data))
    assert plain.shape == (HEIGHT, WIDTH, 3)
    assert plain.dtype == np.uint8
    assert np.array_equal(image_from_msg(message(encoding, padded)), plain)


@pytest.mark.parametrize(
    ('changes', 'reason'),
    [
        ({'width': 0}, 'it is empty; width and height must be at least 1'),
        ({'height': 0}, 'it is empty'),
        ({'step': 23}, 'step is 23 bytes; a row needs at least 24'),
        ({'height': 7}, '144 bytes of data; it must be 168'),
        ({'height': 5}, '144 bytes of data; it must be 120'),
        ({'encoding': 'bgr9'}, "encoding 'bgr9' is unknown; known are bgr8, "),
        ({'encoding': 'bgra8'}, 'step is 24 bytes; a row needs at least 32'),
        ({'encoding': 'nv12', 'height': 5}, 'its size must be even'),
    ],
)
def test_what_does_not_agree_is_named(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        image_from_msg(message('bgr8', picture(), **changes))


def compressed(data: bytes, kind: str = 'jpeg') -> CompressedImage:
    return CompressedImage(format=f'bgr8; {kind} compressed bgr8', data=array.array('B', data))


def encoded(kind: str) -> bytes:
    return cv2.imencode(f'.{kind}', picture())[1].tobytes()


def test_png_is_read_exactly_and_jpeg_nearly() -> None:
    assert np.array_equal(image_from_compressed(compressed(encoded('png'), 'png')), picture())
    image = image_from_compressed(compressed(encoded('jpg')))
    assert image.astype(float) == pytest.approx(picture().astype(float), abs=12)


def test_zeros_after_the_end_of_a_jpeg_do_no_harm() -> None:
    image = image_from_compressed(compressed(encoded('jpg') + bytes(16)))
    assert image.shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize(
    ('data', 'reason'),
    [
        (b'', '0 bytes: there is no data'),
        (encoded('jpg')[:-20], 'the JPEG is cut off'),
        (b'this is no picture', 'OpenCV cannot decode it; JPEG and PNG are right'),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        image_from_compressed(compressed(data))


# Depth


def depth_message(values: np.ndarray, encoding: str, **changes: Any) -> Image:
    """A depth image of these numbers, with some fields changed."""
    size = {'height': values.shape[0], 'width': values.shape[1]}
    return message(encoding, values, **{**size, **changes})


@pytest.mark.parametrize('order', ['<', '>'], ids=['little endian', 'big endian'])
@pytest.mark.parametrize('kind', ['u2', 'f4'])
def test_depth_is_read_in_either_unit_and_byte_order(kind: str, order: str) -> None:
    values = np.arange(12).reshape(3, 4)
    encoding = {'u2': '16UC1', 'f4': '32FC1'}[kind]
    msg = depth_message(values.astype(order + kind), encoding, is_bigendian=order == '>')
    found = depth_from_msg(msg).values
    assert found.dtype == np.dtype(kind)
    np.testing.assert_array_equal(found, values)


def test_padding_of_depth_rows_is_not_seen() -> None:
    padded = np.arange(20, dtype=np.uint16).reshape(4, 5)
    found = depth_from_msg(depth_message(padded, '16UC1', width=3)).values
    np.testing.assert_array_equal(found, padded[:, :3])


@pytest.mark.parametrize(
    ('encoding', 'changes', 'reason'),
    [
        ('bgr8', {}, "encoding 'bgr8' is none of a depth image; those are 16UC1, mono16"),
        ('32FC1', {}, 'step is 8 bytes; a row needs at least 16'),
        ('16UC1', {'height': 4}, '24 bytes of data; it must be 32'),
        ('16UC1', {'width': 0}, 'it is empty'),
    ],
)
def test_what_is_no_depth_is_named(encoding: str, changes: dict[str, Any], reason: str) -> None:
    msg = depth_message(np.zeros((3, 4), np.uint16), encoding, **changes)
    with pytest.raises(ImageError, match=reason):
        depth_from_msg(msg)
