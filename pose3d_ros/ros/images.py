"""Images: from messages to BGR arrays, without a copy where that is possible, and back."""

import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from pose3d_ros.depth import DepthImage
from pose3d_ros.errors import ImageError
from pose3d_ros.picture import Picture

__all__ = [
    'ENCODINGS',
    'depth_from_msg',
    'image_from_compressed',
    'image_from_msg',
    'msg_from_image',
    'picture_from_compressed',
]

BgrImage = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Encoding:
    """How pixels lie in the data of an image message.

    Attributes:
        channels: Numbers per pixel.
        to_bgr: Makes BGR of an array (rows, width, channels); None where it is BGR already.
        bits: Bits per number: 8, 16 or, of depth alone, 32.
        rows: How many rows the data has for each row of the image.
        even: Width and height must be even.
    """

    channels: int
    to_bgr: Callable[[NDArray[Any]], NDArray[Any]] | None = None
    bits: int = 8
    rows: float = 1.0
    even: bool = False


def _by(code: int) -> Callable[[NDArray[Any]], NDArray[Any]]:
    return lambda array: cv2.cvtColor(array, code)


_BGR = Encoding(3)
_MONO = Encoding(1, _by(cv2.COLOR_GRAY2BGR))
_UYVY = Encoding(2, _by(cv2.COLOR_YUV2BGR_UYVY), even=True)
_YUYV = Encoding(2, _by(cv2.COLOR_YUV2BGR_YUY2), even=True)

# OpenCV names a Bayer pattern by the second row and column, ROS by the first.
_BAYER = {
    'rggb': cv2.COLOR_BayerBG2BGR,
    'bggr': cv2.COLOR_BayerRG2BGR,
    'gbrg': cv2.COLOR_BayerGR2BGR,
    'grbg': cv2.COLOR_BayerGB2BGR,
}

ENCODINGS: dict[str, Encoding] = {
    'bgr8': _BGR,
    '8UC3': _BGR,
    'rgb8': Encoding(3, _by(cv2.COLOR_RGB2BGR)),
    'bgra8': Encoding(4, _by(cv2.COLOR_BGRA2BGR)),
    '8UC4': Encoding(4, _by(cv2.COLOR_BGRA2BGR)),
    'rgba8': Encoding(4, _by(cv2.COLOR_RGBA2BGR)),
    'mono8': _MONO,
    '8UC1': _MONO,
    'mono16': Encoding(1, _by(cv2.COLOR_GRAY2BGR), bits=16),
    'bgr16': Encoding(3, bits=16),
    'rgb16': Encoding(3, _by(cv2.COLOR_RGB2BGR), bits=16),
    'yuv422': _UYVY,
    'uyvy': _UYVY,
    'yuv422_yuy2': _YUYV,
    'yuyv': _YUYV,
    'nv12': Encoding(1, _by(cv2.COLOR_YUV2BGR_NV12), rows=1.5, even=True),
    'nv21': Encoding(1, _by(cv2.COLOR_YUV2BGR_NV21), rows=1.5, even=True),
    **{f'bayer_{name}8': Encoding(1, _by(code)) for name, code in _BAYER.items()},
    **{f'bayer_{name}16': Encoding(1, _by(code), bits=16) for name, code in _BAYER.items()},
}
"""The encodings of `sensor_msgs/Image` that can be read; 16 bits are shortened to 8."""

_DEPTHS: dict[str, tuple[Encoding, np.dtype[Any]]] = {
    '16UC1': (Encoding(1, bits=16), np.dtype(np.uint16)),
    'mono16': (Encoding(1, bits=16), np.dtype(np.uint16)),
    '32FC1': (Encoding(1, bits=32), np.dtype(np.float32)),
}


def image_from_msg(msg: Image) -> BgrImage:
    """Return the picture in an image message.

    Args:
        msg: An image in one of `ENCODINGS`; rows may be padded.

    Returns:
        The picture, BGR, shape (height, width, 3). For bgr8 it is a view of the message's data.

    Raises:
        ImageError: Size, step, encoding and data of the message do not agree.
    """
    encoding = ENCODINGS.get(msg.encoding)
    if encoding is None:
        message = f'encoding {msg.encoding!r} is unknown; known are {", ".join(ENCODINGS)}'
        raise ImageError(message)
    _check_layout(msg, encoding)
    rows = int(msg.height * encoding.rows)
    used = msg.width * encoding.channels * encoding.bits // 8
    array = np.frombuffer(msg.data, np.uint8).reshape(rows, msg.step)[:, :used]
    if encoding.bits == 16:
        array = _shortened(array, big_endian=bool(msg.is_bigendian))
    pixels = array.reshape(rows, msg.width, encoding.channels)
    return pixels if encoding.to_bgr is None else encoding.to_bgr(pixels)


def depth_from_msg(msg: Image) -> DepthImage:
    """Return the depth image in an image message, in millimetres or metres (REP-118).

    Args:
        msg: 16UC1 or mono16 [mm], or 32FC1 [m]; rows may be padded.

    Returns:
        A view of the message's data, unless its byte order is another.

    Raises:
        ImageError: It has another encoding, or size, step and data of the message do not agree.
    """
    if msg.encoding not in _DEPTHS:
        known = ', '.join(_DEPTHS)
        message = f'encoding {msg.encoding!r} is none of a depth image; those are {known}'
        raise ImageError(message)
    encoding, dtype = _DEPTHS[msg.encoding]
    _check_layout(msg, encoding)
    rows = np.frombuffer(msg.data, np.uint8).reshape(msg.height, msg.step)
    used = rows[:, : msg.width * dtype.itemsize]
    values = np.ascontiguousarray(used).view(dtype.newbyteorder('>' if msg.is_bigendian else '<'))
    return DepthImage(values.astype(dtype, copy=False))


def image_from_compressed(msg: CompressedImage) -> BgrImage:
    """Return the picture in a compressed image message: JPEG, PNG or whatever OpenCV reads.

    Returns:
        The picture, BGR, shape (height, width, 3).

    Raises:
        ImageError: The data is no complete picture.
    """
    return picture_from_compressed(msg).whole


def picture_from_compressed(msg: CompressedImage) -> Picture:
    """Return the picture in a compressed image message; a JPEG is decoded later.

    Raises:
        ImageError: The data is no complete picture, as far as that is seen without decoding it.
    """
    data = np.frombuffer(msg.data, np.uint8)
    return Picture.from_code(data, f'compressed image, format {msg.format!r}, {data.size} bytes')


def msg_from_image(image: BgrImage, header: Header) -> Image:
    """Return an image message.

    Args:
        image: BGR, shape (height, width, 3).
        header: Stamp and frame.
    """
    height, width = image.shape[:2]
    data = array.array('B')
    data.frombytes(np.ascontiguousarray(image).data.cast('B'))  # the fastest way in
    msg = Image(header=header, height=height, width=width, encoding='bgr8', step=3 * width)
    msg.data = data
    return msg


def _check_layout(msg: Image, encoding: Encoding) -> None:
    """Refuse an image whose width, height, step and data do not agree."""
    where = f'{msg.encoding} image of {msg.width}x{msg.height} px'
    if not msg.width or not msg.height:
        message = f'{where}: it is empty; width and height must be at least 1'
        raise ImageError(message)
    if encoding.even and (msg.width % 2 or (msg.height % 2 and encoding.rows > 1)):
        message = f'{where}: its size must be even in this encoding'
        raise ImageError(message)
    row = msg.width * encoding.channels * encoding.bits // 8
    if msg.step < row:
        message = f'{where}: step is {msg.step} bytes; a row needs at least {row}'
        raise ImageError(message)
    size = int(msg.height * encoding.rows) * msg.step
    if len(msg.data) != size:
        message = f'{where}, step {msg.step}: {len(msg.data)} bytes of data; it must be {size}'
        raise ImageError(message)


def _shortened(array: NDArray[np.uint8], *, big_endian: bool) -> NDArray[np.uint8]:
    """Return the more significant bytes of 16-bit numbers, given as bytes (rows, 2 * width)."""
    return np.ascontiguousarray(array[:, 0 if big_endian else 1 :: 2])
