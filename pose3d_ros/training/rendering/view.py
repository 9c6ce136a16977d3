"""Cameras that look at one person each: `pose3d_ros.synthesis.view` for many at once."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pose3d_ros.synthesis.view import CLEARANCE_M, FILL


@dataclass(frozen=True, slots=True)
class Views:
    """N pinhole cameras: p_camera = rotation @ p_world + translation.

    Attributes:
        rotation: Shape (N, 3, 3).
        translation: Shape (N, 3) [m].
        focal: Shape (N,) [px].
        center: Shape (N, 2) [px]; the centre of the first pixel is at 0.5.
    """

    rotation: Tensor
    translation: Tensor
    focal: Tensor
    center: Tensor

    def to_camera(self, points: Tensor) -> Tensor:
        """Return points in the cameras' optical frames, shape (N, P, 3) [m]."""
        return points @ self.rotation.transpose(1, 2) + self.translation[:, None]

    def project(self, points: Tensor) -> Tensor:
        """Return screen points (u, v, depth), shape (N, P, 3) [px, px, m]."""
        camera = self.to_camera(points)
        pixels = camera[..., :2] / camera[..., 2:] * self.focal[:, None, None]
        return torch.cat([pixels + self.center[:, None], camera[..., 2:]], -1)

    @classmethod
    def around(cls, vertices: Tensor, rotation: Tensor, distance: Tensor, size: int) -> 'Views':
        """Return a camera for each person whose frame the person fills.

        Args:
            vertices: What to see, shape (N, V, 3) [m].
            rotation: camera_from_world, shape (N, 3, 3).
            distance: To each person's middle [m]; more if the person is too large for it.
            size: Width and height of the frames [px].
        """
        turned = vertices @ rotation.transpose(1, 2)
        low, high = turned.amin(1), turned.amax(1)
        middle = (low + high) / 2
        distance = torch.maximum(distance, (high - low)[:, 2] / 2 + CLEARANCE_M)
        ahead = torch.stack([torch.zeros_like(distance), torch.zeros_like(distance), distance], 1)
        translation = ahead - middle
        camera = turned + translation[:, None]
        flat = camera[..., :2] / camera[..., 2:]
        left, right = flat.amin(1), flat.amax(1)
        focal = size * FILL / (right - left).amax(1)
        center = size / 2 - focal[:, None] * (left + right) / 2
        return cls(rotation, translation, focal, center)
