"""The volumetric network: one volume of likelihoods per joint (Pavlakos 2017).

This is its light form: a slim trunk, one volume at stride 8, read out by soft-argmax.

Shape letters: N images, J joints, D depth cells, H rows, W columns.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from pose3d_ros.networks.softargmax import Marginals, cell_center, expectation, marginals
from pose3d_ros.networks.trunk import SlimTrunk, normalize

STRIDE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """The shape of the network.

    Attributes:
        widths: Channels at strides 2, 4, 8 and 16.
        blocks: Residual blocks at strides 4, 8 and 16.
        joints: J.
        depth_cells: D.
        depth_range_m: The volume covers the root's depth plus and minus this [m].
    """

    widths: tuple[int, int, int, int] = (32, 64, 128, 192)
    blocks: tuple[int, int, int] = (1, 2, 3)
    joints: int = 17
    depth_cells: int = 16
    depth_range_m: float = 1.2


class Prediction(NamedTuple):
    """What the network says about N crops.

    Attributes:
        pixels: Shape (N, J, 2) [px], pixel centres at integers.
        depth: Relative to the root, shape (N, J) [m].
        confidence: Logit of the joint being within 150 mm of the truth, shape (N, J).
        presence: Logit of a person being there, shape (N,).
        marginals: log p(x, y) and log p(z).
    """

    pixels: Tensor
    depth: Tensor
    confidence: Tensor
    presence: Tensor
    marginals: Marginals


class VolumetricNetwork(nn.Module):
    """From crops to 2.5D joints."""

    def __init__(self, config: NetworkConfig) -> None:
        """Build the layers.

        Args:
            config: The shape of the network.
        """
        super().__init__()
        self.config = config
        self.trunk = SlimTrunk(config.widths, config.blocks)
        eighth, sixteenth = self.trunk.channels
        self.volume = nn.Conv2d(eighth, config.joints * config.depth_cells, 1)
        self.presence = nn.Linear(sixteenth, 1)
        # A joint's spread and peak, and the person's presence, tell how far it can be trusted.
        self.confidence = nn.Linear(6, config.joints)

    def forward(self, image: Tensor) -> Prediction:
        """Return the prediction for RGB crops, uint8, shape (N, H, W, 3)."""
        size = image.shape[1:3]
        fine, coarse = self.trunk(normalize(image))
        joints, cells = self.config.joints, self.config.depth_cells
        logits = self.volume(fine)
        volume = logits.reshape(-1, joints, cells, size[0] // STRIDE, size[1] // STRIDE)
        presence = self.presence(coarse.float().mean((2, 3)))[:, 0]
        return self._decode(marginals(volume), presence)

    def _decode(self, spread: Marginals, presence: Tensor) -> Prediction:
        in_image, in_depth = spread.image.exp(), spread.depth.exp()
        column, column_variance = expectation(in_image.sum(2))
        row, row_variance = expectation(in_image.sum(3))
        plane, depth_variance = expectation(in_depth)
        cell = 2 * self.config.depth_range_m / self.config.depth_cells
        depth = (plane - plane[:, :1]) * cell
        features = torch.stack(
            [
                (column_variance + 0.01).log(),
                (row_variance + 0.01).log(),
                (depth_variance + 0.01).log(),
                spread.image.flatten(2).amax(2),
                spread.depth.amax(2),
                presence[:, None].expand_as(depth),
            ],
            -1,
        ).detach()
        # One linear map per joint: row j of the layer, applied to joint j's features.
        confidence = (features * self.confidence.weight).sum(-1) + self.confidence.bias
        return Prediction(
            torch.stack([cell_center(column, STRIDE), cell_center(row, STRIDE)], -1),
            depth,
            confidence,
            presence,
            spread,
        )
