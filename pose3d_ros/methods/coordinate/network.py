"""The coordinate network: one vector of all joints' coordinates.

This is what volumes and bones are measured against: "coordinate regression" in Pavlakos 2017.

Shape letters: N images, J joints.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from pose3d_ros.networks.contract import Prediction
from pose3d_ros.networks.regression import (
    SlimRegression,
    SlimRegressionConfig,
    from_crop_coordinates,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoordinatePrediction(Prediction):
    """A prediction with the numbers that were regressed.

    Attributes:
        offsets: Row 0 the root in the crop, the others relative to it; in units of the crop and
            of the depth range, shape (N, J, 3).
        depth_range_m: What a depth of 1 means [m].
    """

    offsets: Tensor
    depth_range_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig(SlimRegressionConfig):
    """The shape of the network."""

    method: ClassVar[str] = 'coordinate'

    def build(self) -> 'CoordinateNetwork':
        """Return the network with random weights."""
        return CoordinateNetwork(self)


class CoordinateNetwork(SlimRegression):
    """From crops to 2.5D joints, by regression."""

    def forward(self, image: Tensor) -> CoordinatePrediction:
        """Return the prediction for RGB crops, uint8, shape (N, H, W, 3)."""
        offsets, confidence, presence = self.see(image)
        joints = torch.cat([offsets[:, :1], offsets[:, 1:] + offsets[:, :1]], 1)
        depth_range_m = self.config.depth_range_m
        pixels, depth = from_crop_coordinates(joints, image.shape[1], depth_range_m)
        return CoordinatePrediction(
            pixels=pixels,
            depth=depth,
            confidence=confidence,
            presence=presence,
            offsets=offsets,
            depth_range_m=depth_range_m,
        )
