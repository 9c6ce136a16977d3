"""Footage: what the demo's camera sees, and what is known to be true about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.camera import Camera
from pose3d_ros.errors import DataError
from pose3d_ros.shipped import ASSETS

__all__ = ['Footage', 'Truth', 'demo_clip', 'open_footage']

Array = NDArray[np.float64]

_FRAME_RATES = (1.0, 120.0)  # believable ones [Hz]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Where one person really is in every frame.

    Attributes:
        camera: The camera that sees it.
        joints: Names of the joints.
        positions: In the camera's optical frame, shape (T, J, 3) [m].
    """

    camera: Camera
    joints: tuple[str, ...]
    positions: Array


@dataclass(frozen=True, slots=True)
class Footage:
    """A video file or a device.

    Attributes:
        source: Path of a video file, or number of a device.
        rate_hz: Frames per second.
        truth: What is known about it; None for real footage.
    """

    source: str
    rate_hz: float
    truth: Truth | None = None

    @property
    def is_device(self) -> bool:
        """Whether this is a camera, whose frames are gone when they have been seen."""
        return self.source.isdigit()

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames one after another, BGR, shape (height, width, 3).

        Raises:
            DataError: There are none.
        """
        capture = _opened(self.source)
        found = False
        try:
            while (frame := capture.read()[1]) is not None:
                found = True
                yield frame.astype(np.uint8, copy=False)
        finally:
            capture.release()
        if not found:
            message = f'{self.source!r} has no frames'
            raise DataError(message)


def demo_clip() -> Path:
    """Return the path of the clip that comes with the package.

    Raises:
        DataError: There is none.
    """
    path = ASSETS / 'demo_clip.mp4'
    if not path.exists():
        message = f'there is no demo clip in {ASSETS}'
        raise DataError(message)
    return path


def open_footage(source: str) -> Footage:
    """Return the footage of a file or a device, with its truth if an .npz file lies beside it.

    Args:
        source: Path of a video file, or number of a device.

    Raises:
        DataError: It cannot be opened.
    """
    capture = _opened(source)
    rate_hz = float(capture.get(cv2.CAP_PROP_FPS))
    capture.release()
    low, high = _FRAME_RATES
    if not low <= rate_hz <= high:
        rate_hz = 30.0  # many devices do not know
    beside = Path(source).with_suffix('.npz')
    if source.isdigit() or not beside.exists():
        return Footage(source, rate_hz)
    truth, rate_hz = _truth(beside)
    return Footage(source, rate_hz, truth)


def _truth(path: Path) -> tuple[Truth, float]:
    with np.load(path) as data:
        camera = Camera(int(data['width']), int(data['height']), data['K'])
        joints = tuple(str(joint) for joint in data['joints'])
        return Truth(camera, joints, data['positions'].astype(np.float64)), float(data['fps'])


def _opened(source: str) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(int(source) if source.isdigit() else source)
    if not capture.isOpened():
        message = f'{source!r} is neither a video that can be read nor the number of a camera'
        raise DataError(message)
    return capture
