"""What the coordinate network is trained to do."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pose3d_ros.methods.coordinate.network import CoordinatePrediction
from pose3d_ros.networks import terms
from pose3d_ros.networks.contract import Truth
from pose3d_ros.networks.regression import crop_coordinates


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """L2: the sum over joints of |x_j - x*_j|^2 (Pavlakos 2017), relative to the root.

    Attributes:
        coordinates, presence, confidence: Weights of the terms.
    """

    coordinates: float = 10.0
    presence: float = 0.3
    confidence: float = 0.1

    def __call__(self, prediction: CoordinatePrediction, truth: Truth) -> dict[str, Tensor]:
        """Return the weighted terms; their sum is what training minimises."""
        target = root_offsets(truth, prediction.depth_range_m)
        squares = (prediction.offsets - target).square().sum(-1)
        distance = terms.weighted_mean(squares, terms.joint_weights(truth))
        return {
            'coordinates': self.coordinates * distance,
            'presence': self.presence * terms.presence_term(prediction, truth),
            'confidence': self.confidence * terms.confidence_term(prediction, truth),
        }


def root_offsets(truth: Truth, depth_range_m: float) -> Tensor:
    """Return the root in the crop, and the other joints relative to it, shape (N, J, 3)."""
    joints = crop_coordinates(truth.pixels, truth.depth, truth.size, depth_range_m)
    return torch.cat([joints[:, :1], joints[:, 1:] - joints[:, :1]], 1)
