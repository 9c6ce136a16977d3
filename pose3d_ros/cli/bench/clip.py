"""What is measured on: the demo's clip as 1280 x 720 JPEGs, with a camera and a box that fit."""

from collections.abc import Iterator
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.camera import Camera
from pose3d_ros.errors import DataError
from pose3d_ros.shipped import ASSETS

__all__ = ['HEIGHT', 'WIDTH', 'box_of', 'camera_of', 'clip_of', 'jpegs']

WIDTH, HEIGHT = 1280, 720
_QUALITY = 90
_MARGIN = 20.0  # around the joints [px]


def jpegs(count: int) -> list[NDArray[np.uint8]]:
    """Return so many frames as JPEGs, the clip again and again, enlarged to the image's height."""
    encoded = []
    for frame in islice(clip_of(), count):
        enlarged = cv2.resize(frame, None, fx=_scale(), fy=_scale())
        side = (WIDTH - enlarged.shape[1]) // 2
        whole = cv2.copyMakeBorder(enlarged, 0, 0, side, side, cv2.BORDER_REPLICATE)
        _, data = cv2.imencode('.jpg', whole, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
        encoded.append(np.asarray(data, np.uint8))
    return [encoded[index % len(encoded)] for index in range(count)]


def clip_of() -> Iterator[NDArray[np.uint8]]:
    """Yield the frames of the clip, BGR.

    Raises:
        DataError: The clip cannot be played here.
    """
    clip = cv2.VideoCapture(str(ASSETS / 'demo_clip.mp4'))
    read, frame = clip.read()
    if not read:
        message = 'the demo clip cannot be played: this OpenCV decodes no MPEG-4'
        raise DataError(message)
    while read:
        yield np.asarray(frame, np.uint8)
        read, frame = clip.read()
    clip.release()


def camera_of() -> Camera:
    """Return the camera of the JPEGs."""
    truth = _truth()
    matrix = truth['K'] * _scale()
    matrix[2, 2] = 1.0
    matrix[0, 2] += (WIDTH - _scale() * float(truth['width'])) / 2
    return Camera(WIDTH, HEIGHT, matrix)


def box_of(index: int) -> tuple[float, float, float, float]:
    """Return the box of the person in a frame of the clip itself, in its own pixels."""
    pixels = _truth()['pixels'][index]
    low, high = pixels.min(axis=0) - _MARGIN, pixels.max(axis=0) + _MARGIN
    width, height = (high - low).tolist()
    return float(low[0]), float(low[1]), float(width), float(height)


def _truth() -> dict[str, NDArray[np.float64]]:
    with np.load(ASSETS / 'demo_clip.npz') as stored:
        return {
            name: stored[name].astype(np.float64) for name in ('K', 'width', 'height', 'pixels')
        }


def _scale() -> float:
    return float(HEIGHT / _truth()['height'])
