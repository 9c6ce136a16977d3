"""The search for people that nobody follows yet."""

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.boxes import Box, checked_box
from pose3d_ros.camera import Camera
from pose3d_ros.estimator import Detector

__all__ = ['Search']


class Search:
    """Decides when to look at which of a detector's candidates.

    As long as nobody is there, every image is searched completely. Later a search begins in
    intervals only and looks at one candidate per image, so that it never delays those who are
    followed by more than one crop.
    """

    def __init__(self, detector: Detector) -> None:
        """Search where a detector proposes."""
        self._detector = detector
        self.reset()

    def reset(self) -> None:
        """Forget the search that is under way, and when it began."""
        self._begin = float('-inf')
        self._left: list[Box] = []

    def places(
        self,
        image: NDArray[np.uint8],
        camera: Camera,
        stamp: float,
        interval: float | None,
    ) -> list[Box]:
        """Return where to look in this image.

        Args:
            image: The full image, BGR, shape (height, width, 3).
            camera: The camera that took it.
            stamp: Time of the image [s].
            interval: Time from the beginning of one search to that of the next; None to look
                at all candidates now [s].

        Returns:
            Boxes x, y, width, height [px].
        """
        if interval is None:
            self._begin, self._left = stamp, []
            return self._propose(image, camera)
        if not self._left and not self._begin <= stamp < self._begin + interval:
            self._begin, self._left = stamp, self._propose(image, camera)
        now, self._left = self._left[:1], self._left[1:]
        return now

    def _propose(self, image: NDArray[np.uint8], camera: Camera) -> list[Box]:
        return [checked_box(box) for box in self._detector(image, camera)]
