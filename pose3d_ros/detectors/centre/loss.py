"""What the centre network is trained to do.

Shape letters: N frames, P people, H and W rows and columns of cells.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from pose3d_ros.detectors.centre.network import STRIDE, FramePrediction, cell_middles
from pose3d_ros.networks.contract import FrameTruth

SPREAD = 0.1  # standard deviation of a target over the side of the box ...
NARROWEST_PX = 5.0  # ... but at least this
NEAR = 0.3  # cells where the target is above this learn the box


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """The focal loss of "Objects as Points" on the heatmap, and 1 - IoU on the boxes.

    Attributes:
        heat, box: Weights of the terms.
    """

    heat: float = 1.0
    box: float = 1.5

    def __call__(self, prediction: FramePrediction, truth: FrameTruth) -> dict[str, Tensor]:
        """Return the weighted terms; their sum is what training minimises."""
        near, inside = _targets(prediction, truth)
        clear = (truth.clear > 0)[..., None, None]
        target, owner = torch.where(clear, near, 0.0).max(1)
        unclear = (inside & ~clear).any(1) & (target < NEAR)
        return {
            'heat': self.heat * _focal(prediction.heat, target, unclear),
            'box': self.box * _misses(prediction.reach, truth.boxes, target, owner),
        }


def _targets(prediction: FramePrediction, truth: FrameTruth) -> tuple[Tensor, Tensor]:
    """Return how near each cell is to each centre, 0..1, and whether it is in the box, NPHW."""
    rows, columns = prediction.heat.shape[1:]
    boxes = truth.boxes[..., None, None]  # (N, P, 4, 1, 1)
    middle = boxes[:, :, :2] + (boxes[:, :, 2:] - 1) / 2
    spread = (SPREAD * boxes[:, :, 2:]).clamp(min=NARROWEST_PX)
    # The cell that the centre is in is the peak.
    middle = (middle / STRIDE).floor() * STRIDE + (STRIDE - 1) / 2
    offset = cell_middles(rows, columns, prediction.heat) - middle
    near = torch.exp(-((offset / spread) ** 2).sum(2) / 2)
    inside = (offset.abs() <= boxes[:, :, 2:] / 2).all(2)
    return near.nan_to_num(0.0), inside


def _focal(heat: Tensor, target: Tensor, unclear: Tensor) -> Tensor:
    peak = target > 1 - 1e-4
    score = heat.sigmoid()
    hit = -((1 - score) ** 2) * functional.logsigmoid(heat)
    miss = -((1 - target) ** 4) * score**2 * functional.logsigmoid(-heat)
    total = torch.where(peak, hit, torch.where(unclear, 0.0, miss)).sum()
    return total / peak.sum().clamp(min=1)


def _misses(reach: Tensor, boxes: Tensor, target: Tensor, owner: Tensor) -> Tensor:
    """Return 1 - IoU between the boxes found and the true ones, near the centres."""
    weights = torch.where(target > NEAR, target, 0.0)
    rows, columns = target.shape[1:]
    chosen = owner.flatten(1)[..., None].expand(-1, -1, 4)
    true = boxes.gather(1, chosen).transpose(1, 2).unflatten(2, (rows, columns)).nan_to_num(0.0)
    middles = cell_middles(rows, columns, reach)
    wanted = torch.cat([middles - true[:, :2], true[:, :2] + true[:, 2:] - 1 - middles], 1)
    wanted = wanted.clamp(min=1.0)
    shared = torch.minimum(reach, wanted)
    area = (shared[:, :2] + shared[:, 2:]).prod(1)
    union = (reach[:, :2] + reach[:, 2:]).prod(1) + (wanted[:, :2] + wanted[:, 2:]).prod(1) - area
    far = (reach.log() - wanted.log()).abs().mean(1)
    return (weights * (1 - area / union + 0.3 * far)).sum() / weights.sum().clamp(min=1)
