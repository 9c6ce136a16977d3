"""What the volumetric network is trained to do.

Shape letters: N images, J joints, D depth cells, H rows, W columns.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from pose3d_ros.methods.volumetric.network import STRIDE, Prediction

CONFIDENCE_RADIUS_M = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """The weight of each term, and the width of the Gaussian targets in cells."""

    pixels: float = 10.0
    depth: float = 4.0
    image_marginal: float = 0.2
    depth_marginal: float = 0.1
    presence: float = 0.3
    confidence: float = 0.1
    sigma: float = 0.75


@dataclass(frozen=True, slots=True)
class Truth:
    """Labels of N crops as tensors; see `pose3d_ros.synthesis.compose.Sample`."""

    pixels: Tensor
    depth: Tensor
    points: Tensor
    focal: Tensor
    presence: Tensor


def losses(
    prediction: Prediction, truth: Truth, size: int, depth_range_m: float, config: LossConfig
) -> dict[str, Tensor]:
    """Return the weighted terms; their sum is what training minimises.

    Args:
        prediction: From the network.
        truth: Labels of the same crops.
        size: Width and height of the crops [px].
        depth_range_m: Half the depth of the volume [m].
        config: Weights.
    """
    person = (truth.presence != 0).float()  # unclear ones still teach where the joints are
    inside = ((truth.pixels >= 0) & (truth.pixels <= size - 1)).all(-1).float()
    weight = person[:, None] * (0.3 + 0.7 * inside)
    count = weight.sum().clamp(min=1)
    clamped = truth.pixels.clamp(-0.5, size - 0.5)
    distance = (prediction.pixels - clamped).abs().sum(-1) / size
    cells = prediction.marginals.depth.shape[-1]
    plane = (truth.depth / (2 * depth_range_m) + 0.5) * cells - 0.5
    cross_image = -(
        image_target(truth.pixels, size // STRIDE, config.sigma) * prediction.marginals.image
    ).sum((-1, -2))
    cross_depth = -(gaussian(plane, cells, config.sigma) * prediction.marginals.depth).sum(-1)
    seen = person[:, None] * inside
    return {
        'pixels': config.pixels * (distance * weight).sum() / count,
        'depth': config.depth * ((prediction.depth - truth.depth).abs() * weight).sum() / count,
        'image_marginal': config.image_marginal
        * (cross_image * seen).sum()
        / seen.sum().clamp(min=1),
        'depth_marginal': config.depth_marginal * (cross_depth * weight).sum() / count,
        'presence': config.presence * _presence_loss(prediction.presence, truth.presence),
        'confidence': config.confidence * _confidence_loss(prediction, truth, person, size),
    }


def gaussian(center: Tensor, cells: int, sigma: float) -> Tensor:
    """Return a Gaussian over cell indices, normalised on the grid, shape (..., cells)."""
    index = torch.arange(cells, dtype=torch.float32, device=center.device)
    density = torch.exp(-((index - center[..., None]) ** 2) / (2 * sigma**2))
    return density / (density.sum(-1, keepdim=True) + 1e-6)


def image_target(pixels: Tensor, cells: int, sigma: float) -> Tensor:
    """Return the product of a Gaussian per axis around each pixel, shape (N, J, cells, cells)."""
    center = (pixels + 0.5) / STRIDE - 0.5
    columns = gaussian(center[..., 0], cells, sigma)
    rows = gaussian(center[..., 1], cells, sigma)
    return rows[..., :, None] * columns[..., None, :]


def _presence_loss(logit: Tensor, presence: Tensor) -> Tensor:
    clear = ~presence.isnan()
    return functional.binary_cross_entropy_with_logits(logit[clear], presence[clear])


def metric_joints(pixels: Tensor, depth: Tensor, truth: Truth, size: int) -> Tensor:
    """Return root-relative joints [m] at the true root depth, shape (N, J, 3)."""
    distance = truth.points[:, :1, 2] + depth
    flat = (pixels - (size - 1) / 2) / truth.focal[:, None, None]
    points = torch.cat([flat * distance[..., None], distance[..., None]], -1)
    return points - points[:, :1]


def _confidence_loss(prediction: Prediction, truth: Truth, person: Tensor, size: int) -> Tensor:
    """Train the confidence to be the probability of an error below 150 mm."""
    with torch.no_grad():
        joints = metric_joints(prediction.pixels, prediction.depth, truth, size)
        error = (joints - (truth.points - truth.points[:, :1])).norm(dim=-1)
        good = (error < CONFIDENCE_RADIUS_M).float() * person[:, None]
    return functional.binary_cross_entropy_with_logits(prediction.confidence, good)
