"""Footage: the images of a video file, one after another."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.errors import ImageError

__all__ = ['Footage', 'read_video']


class Footage:
    """An open video file.

    Attributes:
        size: Width and height of the images [px].
        fps: Images per second; 30 where the file does not say.
        count: How many images the file says it has; 0 if it does not.
    """

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            ImageError: There is no such file, or it holds no images that OpenCV can read.
        """
        if not path.is_file():
            msg = f'there is no video {path}'
            raise ImageError(msg)
        self._path, self._capture = path, cv2.VideoCapture(str(path))
        good, first = self._capture.read() if self._capture.isOpened() else (False, None)
        if not good or first is None:
            self._capture.release()
            msg = f'{path} is not a video, a damaged one, or of a codec that OpenCV cannot read'
            raise ImageError(msg)
        self._next: NDArray[np.uint8] | None = np.asarray(first, np.uint8)
        self.size = first.shape[1], first.shape[0]
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = float(fps) if 0 < fps < 1000 else 30.0
        self.count = max(int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)), 0)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the images that are left, BGR, shape (height, width, 3)."""
        while self._next is not None:
            image = self._next
            good, following = self._capture.read()
            self._next = np.asarray(following, np.uint8) if good else None
            yield image

    def close(self) -> None:
        """Close the file."""
        self._capture.release()


def read_video(path: Path) -> Iterator[NDArray[np.uint8]]:
    """Yield the images of a video file, BGR.

    Raises:
        ImageError: There is no such file, or it is not a video.
    """
    footage = Footage(path)
    try:
        yield from footage
    finally:
        footage.close()
