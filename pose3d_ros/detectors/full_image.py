"""The full-image detector: proposes the whole image and squares that overlap."""

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.camera import Camera
from pose3d_ros.config import PipelineConfig

__all__ = ['FullImageDetector']

_MOST_SQUARES = 8


class FullImageDetector:
    """A `Detector` without weights: it looks at the image's size only.

    The estimator itself says which of the candidates hold a person.

    Attributes:
        needs_pixels: So nothing need be decoded for it.
    """

    needs_pixels = False

    def __init__(self, config: PipelineConfig) -> None:
        """Make the detector.

        Args:
            config: Not used: there are no settings.
        """
        del config

    def __call__(
        self, image: NDArray[np.uint8], camera: Camera, stamp: float
    ) -> NDArray[np.float64]:
        """Return the whole image and the squares of its short side, half overlapping.

        Args:
            image: The full image, shape (height, width, 3).
            camera: Not used.
            stamp: Not used.

        Returns:
            x, y of the upper left corner, width and height, shape (N, 4) [px].
        """
        del camera, stamp
        height, width = image.shape[:2]
        side, excess = min(width, height), abs(width - height)
        whole = (0.0, 0.0, float(width), float(height))
        count = 1 if not excess else min(1 + int(np.ceil(2 * excess / side)), _MOST_SQUARES)
        starts = np.linspace(0, excess, count)
        squares = [
            (start, 0.0, side, side) if width > height else (0.0, start, side, side)
            for start in starts
        ]
        return np.array([whole, *squares] if excess else [whole], dtype=np.float64)
