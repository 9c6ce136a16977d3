"""Soft-argmax: the expected position under a softmax, differentiable and finer than a cell.

Luvizon 2019, and Sun 2018 (integral regression). Everything here runs in float32: the sum of a
flat volume's exponentials does not fit into half precision.

Shape letters: N images, J joints, D depth cells, H rows, W columns.
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Marginals(NamedTuple):
    """Log-probabilities of a joint's place, from one volume.

    Attributes:
        image: log p(x, y), shape (N, J, H, W).
        depth: log p(z), shape (N, J, D).
    """

    image: Tensor
    depth: Tensor


def marginals(volume: Tensor) -> Marginals:
    """Return log p(x, y) and log p(z) of the softmax over each joint's volume.

    Pavlakos 2018, equation 5: p(x, y) = sum_z p(x, y, z), p(z) = sum_xy p(x, y, z).

    Args:
        volume: Logits, shape (N, J, D, H, W).
    """
    volume = volume.float()
    total = volume.flatten(2).logsumexp(2)
    image = volume.logsumexp(2) - total[..., None, None]
    depth = volume.flatten(3).logsumexp(3) - total[..., None]
    return Marginals(image, depth)


def expectation(probability: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and variance of the cell index along the last axis, shape (...)."""
    cells = torch.arange(probability.shape[-1], dtype=torch.float32, device=probability.device)
    mean = (probability * cells).sum(-1)
    variance = (probability * (cells - mean[..., None]) ** 2).sum(-1)
    return mean, variance


def cell_center(cell: Tensor, cell_size: float) -> Tensor:
    """Return the pixel (centres at integers) at the middle of a cell index."""
    return (cell + 0.5) * cell_size - 0.5
