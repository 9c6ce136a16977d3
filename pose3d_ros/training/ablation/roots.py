"""Other ways to find where the root of a body is than by the lengths of its limbs.

Shape letters: N crops, J joints.
"""

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.synthesis.compose import Sample

Array = NDArray[np.float64]
Float = NDArray[np.floating]

SIDE_M = 2.0  # RootNet takes the box around a person to be 2 m x 2 m
BOX_MARGIN = 1.25
RIDGE = 1e-5


def by_box(pixels: Float, crops: Sample) -> Array:
    """Return the root at the depth k = sqrt(f_x f_y A_real / A_image), shape (N, 3) [m].

    Moon 2019, "Camera distance-aware top-down approach", without the learned correction. The box
    is the square around the joints with a margin.

    Args:
        pixels: Joints in the crops, shape (N, J, 2) [px].
        crops: With their focal lengths.
    """
    side = BOX_MARGIN * np.ptp(pixels, axis=1).max(axis=-1)
    depth = crops.focal * SIDE_M / np.maximum(side, 1)
    return np.concatenate([_rays(pixels, crops)[:, 0] * depth[:, None], depth[:, None]], -1)


def by_least_squares(pixels: Float, joints: Float, confidence: Float, crops: Sample) -> Array:
    """Return the root t for which X + t is seen at the pixels, shape (N, 3) [m].

    With the ray (x, y) of a joint at X relative to the root, t_x - x t_z = x X_z - X_x, and the
    same for y: linear, weighted by confidence, with a small ridge; Sarandi 2021, "MeTRAbs".

    Args:
        pixels: Joints in the crops, shape (N, J, 2) [px].
        joints: The same joints relative to the root, shape (N, J, 3) [m].
        confidence: Of each joint, shape (N, J).
        crops: With their focal lengths.
    """
    rays = _rays(pixels, crops)
    count, number = rays.shape[:2]
    matrix = np.zeros((count, number, 2, 3))
    matrix[..., 0, 0] = matrix[..., 1, 1] = 1
    matrix[..., 2] = -rays
    right = rays * joints[..., 2:] - joints[..., :2]
    weights = np.sqrt(np.clip(confidence, 0.05, 1))[..., None]
    rows = (matrix * weights[..., None]).reshape(count, 2 * number, 3)
    values = (right * weights).reshape(count, 2 * number, 1)
    turned = rows.transpose(0, 2, 1)
    normal = turned @ rows + RIDGE * np.eye(3) * np.array([0, 0, 1])
    root = np.linalg.solve(normal, turned @ values)[..., 0]
    return np.asarray(root)


def _rays(pixels: Float, crops: Sample) -> Array:
    middle = (crops.image.shape[1] - 1) / 2
    return np.asarray((pixels - middle) / crops.focal[:, None, None], np.float64)
