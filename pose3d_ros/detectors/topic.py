"""The topic detector: boxes that another program found, for those who already run a detector."""

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.boxes import distinct_boxes
from pose3d_ros.camera import Camera
from pose3d_ros.config import PipelineConfig

__all__ = ['TopicDetector']

Array = NDArray[np.float64]


class TopicDetector:
    """A `Detector` that hands on the last boxes that it was told, while they are fresh.

    Without ROS, `receive` may be called by whatever else knows boxes.

    Attributes:
        for_one_camera: Each camera needs one of its own.
        needs_pixels: It does not look at images.
    """

    for_one_camera = True
    needs_pixels = False

    def __init__(self, config: PipelineConfig) -> None:
        """Know nothing yet.

        Args:
            config: Boxes further than `detections_age` from an image's stamp are not used for it.
        """
        self._age = config.detections_age
        self._told: tuple[Array, float] | None = None

    def receive(self, boxes: Array, stamp: float) -> str:
        """Take in the boxes of an image; those of an earlier one are forgotten.

        Args:
            boxes: x, y, width, height, the surest first, shape (N, 4) [px].
            stamp: When the image that they are from was taken [s].

        Returns:
            What is wrong with boxes that were left out; empty if nothing is.
        """
        rows = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
        finite: NDArray[np.bool_] = np.all(np.isfinite(rows), axis=1)
        sized: NDArray[np.bool_] = np.all(rows[:, 2:] > 0, axis=1)
        self._told = rows[finite & sized], stamp
        wrong = []
        if not finite.all():
            wrong.append(f'{int((~finite).sum())} of {len(rows)} boxes are not finite')
        if not sized[finite].all():
            wrong.append(f'{int((~sized[finite]).sum())} of {len(rows)} boxes have no size')
        return '; '.join(wrong)

    def __call__(self, image: NDArray[np.uint8], camera: Camera, stamp: float) -> Array:
        """Return the parts in the image of the boxes told last, those on one person once.

        Args:
            image: The full image, shape (height, width, 3).
            camera: Not used.
            stamp: When it was taken [s].

        Returns:
            x, y of the upper left corner, width and height, shape (N, 4) [px]; none while the
            boxes are too old, or too new, for this image.
        """
        del camera
        if self._told is None or abs(stamp - self._told[1]) > self._age:
            return np.empty((0, 4))
        return distinct_boxes(self._told[0], image.shape[1], image.shape[0])
