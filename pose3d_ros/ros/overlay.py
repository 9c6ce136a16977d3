"""Overlay: the image with skeletons over it, small enough for a remote operator."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from pose3d_ros.drawing import draw_people
from pose3d_ros.person import Person
from pose3d_ros.skeleton import Skeleton

__all__ = ['overlay_of']

_QUALITY = 80  # of the JPEG, 0..100


def overlay_of(
    image: NDArray[np.uint8], people: Sequence[Person], skeleton: Skeleton, header: Header
) -> CompressedImage:
    """Return a JPEG of the image with everybody drawn over it.

    Args:
        image: BGR, shape (height, width, 3); it stays as it is.
        people: As the pipeline returns them.
        skeleton: The joints.
        header: The image's.
    """
    picture = draw_people(image, people, skeleton)
    data = cv2.imencode('.jpg', picture, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))[1]
    return CompressedImage(header=header, format='bgr8; jpeg compressed bgr8', data=data.tobytes())
