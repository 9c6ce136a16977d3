"""The centre network: where in a full frame people are, as peaks of one heatmap with a box each.

After X. Zhou, D. Wang and P. Krähenbühl, "Objects as Points", 2019. A cell covers 8 x 8 pixels.

Shape letters: N frames, K proposals, H and W rows and columns of cells.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from pose3d_ros.networks.contract import Network
from pose3d_ros.networks.trunk import SlimTrunk, convolution, normalize

STRIDE = 8
TYPICAL_PX = 40.0  # from a person's centre to the sides of the box, when nothing is known
LARGEST_LOG = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FramePrediction:
    """What the network says about N frames.

    Attributes:
        heat: Logit of a person's centre being in a cell, shape (N, H, W).
        reach: Distance from the middle of the cell to the left, upper, right and lower side of
            the person's box, shape (N, 4, H, W) [px].
    """

    heat: Tensor
    reach: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """The shape of the network.

    Attributes:
        widths: Channels at strides 2, 4, 8 and 16.
        blocks: Residual blocks at strides 4, 8 and 16.
        features: Channels of the head.
    """

    method: ClassVar[str] = 'centre'
    depth_range_m: ClassVar[float] = 0.0  # it knows nothing of depth

    widths: tuple[int, ...] = (16, 24, 40, 80)
    blocks: tuple[int, ...] = (1, 2, 2)
    features: int = 40

    def build(self) -> 'CentreNetwork':
        """Return the network with random weights."""
        return CentreNetwork(self)


class CentreNetwork(Network):
    """From frames to centres and boxes."""

    def __init__(self, config: NetworkConfig) -> None:
        """Build the layers."""
        super().__init__()
        self.trunk = SlimTrunk(config.widths, config.blocks)
        eighth, sixteenth = self.trunk.channels
        # What the whole frame looks like: the light, the place.
        self.context = nn.Linear(sixteenth, eighth)
        self.head = convolution(eighth, config.features)
        self.out = nn.Conv2d(config.features, 5, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.constant_(self.out.bias[:1], -math.log(99))  # one cell in a hundred is a centre

    def forward(self, image: Tensor) -> FramePrediction:
        """Return the prediction for RGB frames, uint8, shape (N, height, width, 3)."""
        eighth, sixteenth = self.trunk(normalize(image))
        context = self.context(sixteenth.mean((2, 3)))
        seen = self.out(self.head(functional.relu(eighth + context[..., None, None]))).float()
        reach = TYPICAL_PX * torch.exp(seen[:, 1:].clamp(-LARGEST_LOG, LARGEST_LOG))
        return FramePrediction(heat=seen[:, 0], reach=reach)


def cell_middles(rows: int, columns: int, like: Tensor) -> Tensor:
    """Return the pixel u, v in the middle of each cell, shape (2, H, W) [px]."""
    v, u = torch.meshgrid(
        torch.arange(rows, device=like.device, dtype=torch.float32),
        torch.arange(columns, device=like.device, dtype=torch.float32),
        indexing='ij',
    )
    return torch.stack([u, v]) * STRIDE + (STRIDE - 1) / 2


def proposals(found: FramePrediction, count: int) -> tuple[Tensor, Tensor]:
    """Return the boxes of the highest peaks and their scores, the best first.

    A peak is a cell that is not below its eight neighbours.

    Args:
        found: From the network.
        count: How many proposals K.

    Returns:
        x, y of the upper left corner, width and height, shape (N, K, 4) [px], and the scores
        0..1, shape (N, K).
    """
    heat = found.heat.sigmoid()
    peaks = heat * (functional.max_pool2d(heat[:, None], 3, 1, 1)[:, 0] <= heat)
    scores, places = peaks.flatten(1).topk(count)
    middles = cell_middles(heat.shape[1], heat.shape[2], heat)
    low, high = middles - found.reach[:, :2], middles + found.reach[:, 2:]
    boxes = torch.cat([low, high - low + 1], 1).flatten(2).transpose(1, 2)
    return boxes.gather(1, places[..., None].expand(-1, -1, 4)), scores
