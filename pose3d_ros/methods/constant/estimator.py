"""The constant estimator: everybody stands in a T-pose, facing the camera.

It needs no weights and no runtime, so that everything around an estimator can be tried alone.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.config import PipelineConfig
from pose3d_ros.person import Estimates
from pose3d_ros.skeleton import H36M_17, Skeleton

__all__ = ['ConstantEstimator']

# Where a bone points in the image: x right, y down; the person's right is the image's left.
_DIRECTIONS = {
    'hip': (1.0, 0.0),
    'knee': (0.0, 1.0),
    'ankle': (0.0, 1.0),
    'spine': (0.0, -1.0),
    'neck': (0.0, -1.0),
    'nose': (0.0, -1.0),
    'head_top': (0.0, -1.0),
    'shoulder': (1.0, 0.0),
    'elbow': (1.0, 0.0),
    'wrist': (1.0, 0.0),
}
_CONFIDENCE = 0.9


class ConstantEstimator:
    """An `Estimator` that does not look at the picture."""

    name = 'constant'
    skeleton: Skeleton = H36M_17
    input_size = (64, 64)
    crop_margin = 1.25
    digest = ''

    def __init__(self, config: PipelineConfig) -> None:
        """Draw the T-pose so that its box, grown by the margin, is the crop.

        Args:
            config: Not used: there are no settings.
        """
        del config
        pose = _t_pose(self.skeleton)
        upper_left, lower_right = pose.min(axis=0), pose.max(axis=0)
        side = self.crop_margin * (lower_right - upper_left).max()
        centred = (pose - (upper_left + lower_right) / 2) / side
        size = np.array(self.input_size)
        self._pixels = (centred * size + (size - 1) / 2).astype(np.float32)

    def describe(self) -> Mapping[str, str]:
        """Return what there is to say."""
        return {'method': self.name, 'model': 'none'}

    def __call__(self, crops: NDArray[np.uint8]) -> Estimates:
        """Return the T-pose for each crop, shape (N, height, width, 3)."""
        count, joints = len(crops), len(self.skeleton.joints)
        return Estimates(
            pixels=np.tile(self._pixels, (count, 1, 1)),
            depth=np.zeros((count, joints), np.float32),
            confidence=np.full((count, joints), _CONFIDENCE, np.float32),
            presence=np.ones(count, np.float32),
        )

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""


def _t_pose(skeleton: Skeleton) -> NDArray[np.float64]:
    """Return the joints x, y of a T-pose that faces the camera, shape (J, 2) [m]."""
    pose = np.zeros((len(skeleton.joints), 2))
    for child, parent in skeleton.bones:
        side, _, part = skeleton.joints[child].rpartition('_')
        x, y = _DIRECTIONS.get(part) or _DIRECTIONS[skeleton.joints[child]]
        direction = (-x if side == 'r' else x, y)
        pose[child] = pose[parent] + skeleton.bone_lengths[child] * np.array(direction)
    return pose
