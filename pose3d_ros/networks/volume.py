"""Volumes: how one is read out, and the light network that gives one per joint.

Shape letters: N images, J joints, D depth cells, H rows, W columns.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from pose3d_ros.networks.contract import Network
from pose3d_ros.networks.softargmax import Marginals, cell_center, expectation, marginals
from pose3d_ros.networks.trunk import SlimTrunk, normalize

STRIDE = 8

Decode = Literal['soft', 'hard']
"""'soft': the expectation under the softmax; 'hard': the middle of the most likely cell."""


class Reading(NamedTuple):
    """What one volume per joint says.

    Attributes:
        pixels: Shape (N, J, 2) [px].
        plane: Depth, shape (N, J) [cells].
        spread: log p(x, y) and log p(z).
        features: Logarithms of the spreads (3) and of the peaks (2), which tell how far a joint
            can be trusted, shape (N, J, 5).
    """

    pixels: Tensor
    plane: Tensor
    spread: Marginals
    features: Tensor


def read_volume(volume: Tensor, stride: int, decode: Decode = 'soft') -> Reading:
    """Return where the joints are.

    Args:
        volume: Logits, shape (N, J, D, H, W).
        stride: Size of a cell in the image [px].
        decode: How.
    """
    spread = marginals(volume)
    in_image, in_depth = spread.image.exp(), spread.depth.exp()
    column, column_variance = expectation(in_image.sum(2))
    row, row_variance = expectation(in_image.sum(3))
    plane, depth_variance = expectation(in_depth)
    if decode == 'hard':
        plane, row, column = most_likely(volume)
    features = torch.stack(
        [
            (column_variance + 0.01).log(),
            (row_variance + 0.01).log(),
            (depth_variance + 0.01).log(),
            spread.image.flatten(2).amax(2),
            spread.depth.amax(2),
        ],
        -1,
    )
    pixels = torch.stack([cell_center(column, stride), cell_center(row, stride)], -1)
    return Reading(pixels, plane, spread, features)


def most_likely(volume: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return plane, row and column of each volume's largest value, shape (N, J) each [cells]."""
    scores = volume.float()
    plane = scores.flatten(3).amax(3).argmax(2)
    slices = _chosen(scores, plane)
    row = slices.amax(3).argmax(2)
    column = _chosen(slices, row).argmax(2)
    return plane.float(), row.float(), column.float()


def _chosen(values: Tensor, index: Tensor) -> Tensor:
    """Return the slice of axis 2 that each joint's index names."""
    chosen = index[..., None] == torch.arange(values.shape[2], device=values.device)
    shape = (*chosen.shape, *[1] * (values.ndim - 3))
    return torch.where(chosen.reshape(shape), values, -torch.inf).amax(2)


class ConfidenceHead(nn.Linear):
    """From the features of a joint's marginals, and the presence, to the logit of trust in it.

    One linear map per joint: row j of the layer is applied to joint j's features.
    """

    def __init__(self, joints: int) -> None:
        super().__init__(6, joints)

    def forward(self, features: Tensor, presence: Tensor) -> Tensor:
        """Return logits, shape (N, J), for features (N, J, 5) and presence logits (N,)."""
        seen = presence[:, None, None].expand(-1, features.shape[1], 1)
        known = torch.cat([features, seen], -1).detach()
        return (known * self.weight).sum(-1) + self.bias


@dataclass(frozen=True, slots=True, kw_only=True)
class SlimVolumeConfig:
    """The shape of a light volumetric network.

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

    @property
    def cell_m(self) -> float:
        """Depth of a cell [m]."""
        return 2 * self.depth_range_m / self.depth_cells


class SlimVolume(Network):
    """A slim trunk with one volume per joint at stride 8, and the heads that all methods need."""

    def __init__(self, config: SlimVolumeConfig) -> None:
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
        self.confidence = ConfidenceHead(config.joints)

    def see(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (N, J, D, H / 8, W / 8) and presence logits (N,) of crops (N, H, W, 3)."""
        height, width = image.shape[1:3]
        fine, coarse = self.trunk(normalize(image))
        joints, cells = self.config.joints, self.config.depth_cells
        logits = self.volume(fine)
        volume = logits.reshape(-1, joints, cells, height // STRIDE, width // STRIDE)
        return volume, self.presence(coarse.float().mean((2, 3)))[:, 0]
