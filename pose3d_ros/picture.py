"""Pictures: images that are decoded when they are looked at, and no finer than is needed.

Reduced by k, a picture has a k-th of its rows and columns, rounded up. Pixel centres are at
integers, so what is at u in the whole picture is at (u + 0.5) / k - 0.5 in the reduced one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros import jpeg
from pose3d_ros.errors import ImageError

__all__ = ['Picture']

Image = NDArray[np.uint8]

_FLAGS = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


@dataclass(slots=True, eq=False)
class Picture:
    """An image, BGR, that knows its size before it is decoded.

    Attributes:
        shape: Of the whole picture: height, width, 3.
        dtype: Of its numbers.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    _decode: Callable[[int], Image]
    _decoded: dict[int, Image] = field(default_factory=dict)  # by reduction

    @classmethod
    def of(cls, image: 'Image | Picture') -> 'Picture':
        """Return an image that is decoded already as a picture; a picture is returned as it is.

        Args:
            image: BGR, shape (height, width, 3).
        """
        if isinstance(image, Picture):
            return image
        return cls(image.shape, image.dtype, lambda _: image, {1: image})

    @classmethod
    def from_code(cls, data: NDArray[np.uint8], name: str = 'picture') -> 'Picture':
        """Return the picture that is coded in some bytes: JPEG, PNG or whatever OpenCV reads.

        A JPEG is decoded later, unless EXIF may turn it; anything else is decoded now.

        Args:
            data: The bytes, shape (N,).
            name: What errors call it.

        Raises:
            ImageError: The data is no complete picture. Damage inside a JPEG is found only when
                it is decoded.
        """
        if not data.size:
            message = f'{name}: there is no data'
            raise ImageError(message)
        if jpeg.is_cut_off(data):
            message = f'{name}: the JPEG is cut off; it must end with the bytes ff d9'
            raise ImageError(message)
        size = jpeg.size_of(data)
        if size is None:
            return cls.of(_decode(data, name, 1))
        return cls((*size, 3), np.dtype(np.uint8), partial(_decode, data, name))

    @property
    def whole(self) -> Image:
        """The picture in its full size, shape (height, width, 3).

        Raises:
            ImageError: It cannot be decoded.
        """
        return self.at(1)[0]

    def is_decoded(self, reduction: int) -> bool:
        """Return whether it is there already, reduced by this much or less."""
        return any(each <= reduction for each in self._decoded)

    def at(self, reduction: int) -> tuple[Image, int]:
        """Return the picture reduced by this much or less, and by how much.

        What is decoded already is not decoded again.

        Args:
            reduction: 1, 2, 4, 8, ...

        Raises:
            ImageError: It cannot be decoded.
        """
        if not self.is_decoded(reduction):
            coarsest = min(reduction, max(_FLAGS))
            self._decoded[coarsest] = self._decode(coarsest)
        found = max(each for each in self._decoded if each <= reduction)
        return self._decoded[found], found


def _decode(data: NDArray[np.uint8], name: str, reduction: int) -> Image:
    try:
        image = cv2.imdecode(data, _FLAGS[reduction])
    except cv2.error:  # more pixels than OpenCV takes
        image = None
    if image is None:
        message = f'{name}: OpenCV cannot decode it; JPEG and PNG are right'
        raise ImageError(message)
    return image.astype(np.uint8, copy=False)
