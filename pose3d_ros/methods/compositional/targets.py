"""Bones, paths between joints, and how both are distributed.

One convention throughout: the bone of joint k is b_k = J_k - J_parent(k), and that of the root is
the root's own place.

Shape letters: N images, J joints, P pairs.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

import torch
from torch import Tensor

PairSet = Literal['joint', 'bone', 'both', 'all']
Pairs = tuple[tuple[int, int], ...]

SMALLEST_DEVIATION = 0.01  # what hardly varies is not blown up


def path_matrix(parents: Sequence[int]) -> Tensor:
    """Return A with J = A b: A[k, m] is 1 if joint m lies on the path from the root to k, else 0.

    Sun 2017; shape (J, J).

    Args:
        parents: For each joint the index of its parent, which comes before it; -1 for the root.
    """
    paths = torch.eye(len(parents))
    for joint, parent in enumerate(parents):
        if parent >= 0:
            paths[joint] += paths[parent]
    return paths


def bone_matrix(parents: Sequence[int]) -> Tensor:
    """Return the inverse of A: b = B J with B[k, k] = 1 and B[k, parent(k)] = -1, shape (J, J)."""
    bones = torch.eye(len(parents))
    for joint, parent in enumerate(parents):
        if parent >= 0:
            bones[joint, parent] = -1
    return bones


def pair_set(name: PairSet, parents: Sequence[int]) -> Pairs:
    """Return pairs of joints (u, v) with u < v.

    Sun 2017

    Args:
        name: 'joint' pairs the root with every other joint, 'bone' every joint with its parent;
            'both' is their union, and 'all' are all J (J - 1) / 2 pairs.
        parents: For each joint the index of its parent.
    """
    joint = {(0, k) for k in range(1, len(parents))}
    bone = {(parent, k) for k, parent in enumerate(parents) if parent >= 0}
    every = set(combinations(range(len(parents)), 2))
    return tuple(sorted({'joint': joint, 'bone': bone, 'both': joint | bone, 'all': every}[name]))


def path_signs(pairs: Pairs, parents: Sequence[int]) -> Tensor:
    """Return the matrix that takes bones to relative offsets J_v - J_u, shape (P, J).

    Sun 2017: the path from u to v goes backward along the bones up to the nearest
    common ancestor (-1), and forward from there (+1). That is A_v - A_u.
    """
    paths = path_matrix(parents)
    first, second = torch.tensor(pairs).reshape(-1, 2).T
    return paths[second] - paths[first]


def offsets(bones: Tensor, signs: Tensor) -> Tensor:
    """Return the relative offsets of pairs, shape (N, P, 3).

    Args:
        bones: Shape (N, J, 3).
        signs: From `path_signs`, shape (P, J).
    """
    return torch.einsum('pj,njc->npc', signs.to(bones), bones)


def mean_and_deviation(vectors: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of each component over N, the latter never too small."""
    return vectors.mean(0), vectors.std(0, unbiased=False).clamp(min=SMALLEST_DEVIATION)
