"""The search for people that nobody follows yet."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.boxes import Box, checked_box, overlap
from pose3d_ros.camera import Camera
from pose3d_ros.estimator import Detector

__all__ = ['Search']

_SAME = 0.5  # boxes that overlap by more than this hold the same person


class Search:
    """Decides when to look at which of a detector's candidates.

    The first image is searched completely. Later a search is spread over several images, one
    candidate in each, so that it delays nobody; only when images are so rare that it would take
    longer than an interval, there are more of them in each.
    """

    def __init__(self, detector: Detector) -> None:
        """Search where a detector proposes."""
        self._detector = detector
        self.reset()

    def reset(self) -> None:
        """Forget the search that is under way: the next image is the first one."""
        self._last = self._begin = -math.inf
        self._count = 0
        self._left: list[Box] = []

    def places(
        self,
        image: Callable[[], NDArray[np.uint8]],
        camera: Camera,
        stamp: float,
        *,
        interval: float,
        followed: Sequence[Box],
    ) -> list[Box]:
        """Return where to look in this image.

        Args:
            image: Gives the full image, BGR, shape (height, width, 3), to the detector alone.
            camera: The camera that took it.
            stamp: Time of the image; before the last one is a new beginning [s].
            interval: Time in which everything is searched once [s].
            followed: Where those who are followed are looked for already. If there is nobody,
                the next search begins as soon as the last one is complete.

        Returns:
            Boxes x, y, width, height [px].
        """
        if stamp < self._last:
            self.reset()
        if not self._left and (not followed or stamp >= self._begin + interval):
            self._left = [checked_box(box) for box in self._detector(image(), camera, stamp)]
            self._begin, self._count = stamp, len(self._left)
        self._left = _beside(self._left, followed)
        share = (stamp - self._last) / interval if interval else 1.0
        self._last = stamp
        if not self._left:
            return []
        number = math.ceil(min(max(share * self._count, 1.0), self._count))
        now, self._left = self._left[:number], self._left[number:]
        return now


def _beside(boxes: list[Box], followed: Sequence[Box]) -> list[Box]:
    """Return the boxes that do not hold what is looked at anyway."""
    if not boxes or not followed:
        return boxes
    overlaps = overlap(boxes, followed).max(axis=1)
    return [box for box, most in zip(boxes, overlaps.tolist(), strict=True) if most <= _SAME]
