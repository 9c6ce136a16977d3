"""Terms of losses and targets that several methods share.

Shape letters: N images, J joints, H rows, W columns.
"""

import torch
from torch import Tensor
from torch.nn import functional

from pose3d_ros.networks.contract import Prediction, Truth
from pose3d_ros.networks.softargmax import Marginals

CONFIDENCE_RADIUS_M = 0.15
OUTSIDE_WEIGHT = 0.3  # of a joint outside the crop against one in it


def persons(truth: Truth) -> Tensor:
    """Return 1 where joints can be learned from, 0 where nobody is, shape (N,)."""
    return (truth.presence != 0).to(truth.depth.dtype)  # unclear ones teach where joints are


def inside(truth: Truth) -> Tensor:
    """Return 1 for each joint within the crop, else 0, shape (N, J)."""
    within = (truth.pixels >= 0) & (truth.pixels <= truth.size - 1)
    return within.all(-1).to(truth.depth.dtype)


def joint_weights(truth: Truth) -> Tensor:
    """Return how much each joint counts, shape (N, J)."""
    return persons(truth)[:, None] * (OUTSIDE_WEIGHT + (1 - OUTSIDE_WEIGHT) * inside(truth))


def weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """Return the mean of values of which the weights say how much they count; 0 if none does."""
    return (values * weights).sum() / weights.sum().clamp(min=1)


def gaussian(center: Tensor, cells: int, sigma: float) -> Tensor:
    """Return a Gaussian over cell indices, normalised on the grid, shape (..., cells)."""
    index = torch.arange(cells, dtype=torch.float32, device=center.device)
    density = torch.exp(-((index - center[..., None]) ** 2) / (2 * sigma**2))
    return density / (density.sum(-1, keepdim=True) + 1e-6)


def image_target(pixels: Tensor, cells: int, sigma: float, stride: int) -> Tensor:
    """Return the product of a Gaussian per axis around each pixel, shape (N, J, cells, cells).

    Args:
        pixels: Joints, shape (N, J, 2) [px].
        cells: Rows and columns.
        sigma: Width of the Gaussian [cells].
        stride: Size of a cell [px].
    """
    center = cell_index(pixels, stride)
    columns = gaussian(center[..., 0], cells, sigma)
    rows = gaussian(center[..., 1], cells, sigma)
    return rows[..., :, None] * columns[..., None, :]


def cell_index(pixels: Tensor, stride: int) -> Tensor:
    """Return pixels (centres at integers) as indices of cells, the middle of a cell at integers.

    Args:
        pixels: Any shape [px].
        stride: Size of a cell [px].
    """
    return (pixels + 0.5) / stride - 0.5


def plane_index(depth: Tensor, cells: int, depth_range_m: float) -> Tensor:
    """Return depths relative to the root as indices of depth cells.

    Args:
        depth: Any shape [m].
        cells: How many cells there are.
        depth_range_m: They cover plus and minus this [m].
    """
    return (depth / (2 * depth_range_m) + 0.5) * cells - 0.5


def pixel_term(prediction: Prediction, truth: Truth) -> Tensor:
    """Return the mean L1 distance in the image as a fraction of the crop."""
    clamped = truth.pixels.clamp(-0.5, truth.size - 0.5)
    distance = (prediction.pixels - clamped).abs().sum(-1) / truth.size
    return weighted_mean(distance, joint_weights(truth))


def depth_term(prediction: Prediction, truth: Truth) -> Tensor:
    """Return the mean L1 distance in depth [m]."""
    return weighted_mean((prediction.depth - truth.depth).abs(), joint_weights(truth))


def image_marginal_term(spread: Marginals, truth: Truth, stride: int, sigma: float) -> Tensor:
    """Return the cross-entropy of p(x, y) and a Gaussian around each joint in the crop."""
    target = image_target(truth.pixels, truth.size // stride, sigma, stride)
    cross = -(target * spread.image).sum((-1, -2))
    return weighted_mean(cross, persons(truth)[:, None] * inside(truth))


def presence_term(prediction: Prediction, truth: Truth) -> Tensor:
    """Return the cross-entropy of the presence; crops that are neither clearly do not count."""
    clear = ~truth.presence.isnan()
    return functional.binary_cross_entropy_with_logits(
        prediction.presence[clear], truth.presence[clear]
    )


def metric_joints(pixels: Tensor, depth: Tensor, truth: Truth) -> Tensor:
    """Return root-relative joints at the true root depth, shape (N, J, 3) [m]."""
    distance = truth.points[:, :1, 2] + depth
    flat = (pixels - (truth.size - 1) / 2) / truth.focal[:, None, None]
    points = torch.cat([flat * distance[..., None], distance[..., None]], -1)
    return points - points[:, :1]


def confidence_term(prediction: Prediction, truth: Truth) -> Tensor:
    """Return the cross-entropy of the confidence and of an error below 150 mm."""
    with torch.no_grad():
        joints = metric_joints(prediction.pixels, prediction.depth, truth)
        error = (joints - (truth.points - truth.points[:, :1])).norm(dim=-1)
        near = (error < CONFIDENCE_RADIUS_M).to(error.dtype)
        good = near * persons(truth)[:, None]
    return functional.binary_cross_entropy_with_logits(prediction.confidence, good)
