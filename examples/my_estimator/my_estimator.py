"""An estimator for `pose3d_ros` in a package of its own.

It looks for whatever differs from the colour of the crop's rim and stands a skeleton into it:
useless on a robot, but all that an estimator has to be.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.config import PipelineConfig
from pose3d_ros.person import Estimates
from pose3d_ros.skeleton import H36M_17, Skeleton

# Where a standing person's joints are in the person's box, from its upper left corner, 0..1.
STANDING = {
    'pelvis': (0.50, 0.50),
    'r_hip': (0.36, 0.50),
    'r_knee': (0.34, 0.73),
    'r_ankle': (0.32, 0.96),
    'l_hip': (0.64, 0.50),
    'l_knee': (0.66, 0.73),
    'l_ankle': (0.68, 0.96),
    'spine': (0.50, 0.36),
    'neck': (0.50, 0.19),
    'nose': (0.50, 0.10),
    'head_top': (0.50, 0.00),
    'l_shoulder': (0.80, 0.20),
    'l_elbow': (0.92, 0.36),
    'l_wrist': (0.95, 0.51),
    'r_shoulder': (0.20, 0.20),
    'r_elbow': (0.08, 0.36),
    'r_wrist': (0.05, 0.51),
}


class SilhouetteEstimator:
    """Stands a flat skeleton into the silhouette of each crop."""

    name = 'silhouette'
    skeleton: Skeleton = H36M_17
    input_size = (96, 96)
    crop_margin = 1.25
    digest = ''

    def __init__(self, config: PipelineConfig) -> None:
        """Take what is needed from the settings: here nothing."""
        del config
        self._standing = np.array([STANDING[joint] for joint in self.skeleton.joints])

    def describe(self) -> Mapping[str, str]:
        """Return what `pose3d doctor` and the diagnostics say about this estimator."""
        return {'method': self.name, 'model': 'none'}

    def __call__(self, crops: NDArray[np.uint8]) -> Estimates:
        """Return one skeleton per crop, RGB, shape (N, height, width, 3)."""
        count, joints = len(crops), len(self.skeleton.joints)
        pixels = np.zeros((count, joints, 2), np.float32)
        presence = np.zeros(count, np.float32)
        for index, crop in enumerate(crops):
            rows, columns = np.nonzero(_silhouette(crop))
            if len(rows):
                corner = np.array((columns.min(), rows.min()))
                size = np.array((np.ptp(columns), np.ptp(rows)))
                pixels[index] = corner + self._standing * size
                presence[index] = 1.0
        return Estimates(
            pixels=pixels,
            depth=np.zeros((count, joints), np.float32),
            confidence=np.repeat(0.5 * presence[:, None], joints, axis=1),
            presence=presence,
        )

    def close(self) -> None:
        """Give back what was taken: here nothing."""


def _silhouette(crop: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which pixels differ from the upper left one, shape (height, width)."""
    difference = np.abs(crop.astype(np.int16) - crop[0, 0].astype(np.int16))
    return np.asarray(difference.max(axis=-1) > 40)
