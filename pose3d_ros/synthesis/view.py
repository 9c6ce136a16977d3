"""Cameras that look at one person."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.synthesis.rotations import X_AXIS, Y_AXIS, Z_AXIS, Matrix, about

Generator = np.random.Generator
Array = NDArray[np.float32]

CAMERA_FROM_WORLD = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])  # looking along +y
FILL = 0.93  # share of the frame that a person fills
CLEARANCE_M = 0.5  # least distance from the camera to a person's nearest point


@dataclass(frozen=True, slots=True)
class View:
    """A pinhole camera: p_camera = rotation @ p_world + translation.

    Screen coordinates have the centre of the first pixel at 0.5.
    """

    rotation: Matrix
    translation: NDArray[np.float64]
    focal: float
    center: tuple[float, float]

    def to_camera(self, points: Array) -> NDArray[np.float64]:
        """Return points in the camera's optical frame, shape (..., 3) [m]."""
        return np.asarray(points @ self.rotation.T + self.translation)

    def project(self, points: Array) -> NDArray[np.float64]:
        """Return screen points (u, v, depth), shape (..., 3) [px, px, m]."""
        camera = self.to_camera(points)
        pixels = camera[..., :2] / camera[..., 2:] * self.focal + np.array(self.center)
        return np.concatenate([pixels, camera[..., 2:]], -1)

    @classmethod
    def around(cls, vertices: Array, rotation: Matrix, distance: float, size: int) -> 'View':
        """Return a camera whose frame a person fills.

        Args:
            vertices: What to see, shape (V, 3) [m].
            rotation: camera_from_world.
            distance: To the person's middle [m]; more if the person is too large for it.
            size: Width and height of the frame [px].
        """
        turned = vertices @ rotation.T
        low, high = turned.min(0), turned.max(0)
        middle = (low + high) / 2
        distance = max(distance, float(high[2] - low[2]) / 2 + CLEARANCE_M)
        translation = np.array([0, 0, distance]) - middle
        camera = turned + translation
        flat = camera[:, :2] / camera[:, 2:]
        left, right = flat.min(0), flat.max(0)
        focal = size * FILL / float((right - left).max())
        center = size / 2 - focal * (left + right) / 2
        return cls(rotation, translation, focal, (float(center[0]), float(center[1])))


def random_distance(generator: Generator) -> float:
    """Return a distance from 1.2 to 8 m: every ratio is as likely as every other."""
    return math.exp(generator.uniform(math.log(1.2), math.log(8)))


def random_orientation(generator: Generator) -> Matrix:
    """Return camera_from_world: any side, more often the front; mostly level; some lie down."""
    yaw = generator.normal(0, 50) if generator.random() < 0.45 else generator.uniform(-180, 180)
    pitch = float(np.clip(generator.normal(6, 12), -25, 45))
    roll = generator.normal(0, 5)
    upright = about(Z_AXIS, yaw)
    if generator.random() < 0.05:
        axis = about(Z_AXIS, generator.uniform(0, 360)) @ X_AXIS
        upright = upright @ about(axis, generator.uniform(50, 95))
    return np.asarray(
        CAMERA_FROM_WORLD @ about(Y_AXIS, roll) @ about(X_AXIS, pitch) @ upright, float
    )
