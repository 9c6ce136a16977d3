"""The light network of the methods that regress coordinates: a slim trunk, pooled.

Shape letters: N images, J joints.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from pose3d_ros.networks.contract import Network, full_precision
from pose3d_ros.networks.trunk import SlimTrunk, normalize


@dataclass(frozen=True, slots=True, kw_only=True)
class SlimRegressionConfig:
    """The shape of a light regression network.

    Attributes:
        widths: Channels at strides 2, 4, 8 and 16.
        blocks: Residual blocks at strides 4, 8 and 16.
        joints: J.
        depth_range_m: What a depth of 1 means [m].
    """

    widths: tuple[int, int, int, int] = (32, 64, 128, 192)
    blocks: tuple[int, int, int] = (1, 2, 3)
    joints: int = 17
    depth_range_m: float = 1.2


class Regressed(NamedTuple):
    """The heads over the pooled features.

    Attributes:
        vectors: Three numbers per joint, shape (N, J, 3).
        confidence: Logits, shape (N, J).
        presence: Logits, shape (N,).
    """

    vectors: Tensor
    confidence: Tensor
    presence: Tensor


class SlimRegression(Network):
    """A slim trunk, global average pooling, and linear heads (Sun 2017)."""

    def __init__(self, config: SlimRegressionConfig) -> None:
        """Build the layers.

        Args:
            config: The shape of the network.
        """
        super().__init__()
        self.config = config
        self.trunk = SlimTrunk(config.widths, config.blocks)
        channels = sum(self.trunk.channels)
        self.vectors = nn.Linear(channels, 3 * config.joints)
        nn.init.normal_(self.vectors.weight, std=1e-3)
        nn.init.zeros_(self.vectors.bias)
        self.presence = nn.Linear(channels, 1)
        self.confidence = nn.Linear(channels, config.joints)

    def see(self, image: Tensor) -> Regressed:
        """Return what the heads say about crops (N, H, W, 3)."""
        fine, coarse = self.trunk(normalize(image))
        with full_precision(coarse):
            pooled = torch.cat([fine.float().mean((2, 3)), coarse.float().mean((2, 3))], 1)
            vectors = self.vectors(pooled).reshape(-1, self.config.joints, 3)
            presence = self.presence(pooled)[:, 0]
            return Regressed(vectors, self.confidence(pooled.detach()), presence)


def crop_coordinates(pixels: Tensor, depth: Tensor, size: int, depth_range_m: float) -> Tensor:
    """Return joints in units of the crop: 0 is its middle and the root's depth, shape (N, J, 3).

    Sun 2017 regress image coordinates and depth together, so that one network serves 2D and 3D.

    Args:
        pixels: Shape (N, J, 2) [px].
        depth: Relative to the root, shape (N, J) [m].
        size: Width and height of the crop, which become 1 [px].
        depth_range_m: What becomes 1 [m].
    """
    flat = (pixels - (size - 1) / 2) / size
    return torch.cat([flat, depth[..., None] / depth_range_m], -1)


def from_crop_coordinates(
    coordinates: Tensor, size: int, depth_range_m: float
) -> tuple[Tensor, Tensor]:
    """Return pixels (N, J, 2) and depths relative to joint 0 (N, J) [m]; see above."""
    depth = coordinates[..., 2] * depth_range_m
    return coordinates[..., :2] * size + (size - 1) / 2, depth - depth[:, :1]
