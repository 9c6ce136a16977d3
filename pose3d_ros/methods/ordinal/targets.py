"""Relations: which of two joints is nearer.

Shape letters: N images, J joints, P pairs.
"""

from itertools import combinations

import torch
from torch import Tensor

Pairs = tuple[tuple[int, int], ...]


def all_pairs(joints: int) -> Pairs:
    """Return all J (J - 1) / 2 pairs of joints, the smaller index first."""
    return tuple(combinations(range(joints), 2))


def relations(depth: Tensor, pairs: Pairs, tolerance_m: float) -> Tensor:
    """Return r(i, j) of each pair: 1 if i is nearer, -1 if j is, 0 if both are about as far.

    Pavlakos 2018

    Args:
        depth: Of the joints, shape (N, J) [m].
        pairs: Any pairs (i, j).
        tolerance_m: Depths that differ by no more than this are about the same [m].

    Returns:
        Shape (N, P).
    """
    first, second = torch.tensor(pairs, device=depth.device).reshape(-1, 2).T
    farther = depth[:, second] - depth[:, first]
    return torch.where(farther.abs() > tolerance_m, farther.sign(), torch.zeros_like(farther))
