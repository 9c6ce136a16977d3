"""What the compositional network is trained to do.

Shape letters: N images, J joints, P pairs.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from pose3d_ros.methods.compositional.network import CompositionalPrediction
from pose3d_ros.methods.compositional.targets import (
    PairSet,
    bone_matrix,
    offsets,
    pair_set,
    path_signs,
)
from pose3d_ros.networks import terms
from pose3d_ros.networks.contract import Truth
from pose3d_ros.networks.regression import crop_coordinates
from pose3d_ros.skeleton import H36M_17


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """L1 between relative offsets over their standard deviation (Sun 2017).

    Means cancel out of the difference of two normalised offsets. The mean over the pairs is
    taken, not the sum, so that one learning rate suits every set of pairs.

    Attributes:
        offsets, root, presence, confidence: Weights of the terms; the root's is for its place in
            the crop, which no offset tells.
        pairs: Which pairs of joints are compared.
        parents: For each joint the index of its parent.
    """

    offsets: float = 1.0
    root: float = 0.5
    presence: float = 0.3
    confidence: float = 0.1
    pairs: PairSet = 'all'
    parents: tuple[int, ...] = H36M_17.parents

    def __call__(self, prediction: CompositionalPrediction, truth: Truth) -> dict[str, Tensor]:
        """Return the weighted terms; their sum is what training minimises."""
        bones = true_bones(truth, prediction.depth_range_m, self.parents)
        deviation, weights = prediction.deviation, terms.joint_weights(truth)
        root = ((prediction.bones - bones)[:, 0].abs() / deviation[0, 0])[:, :2].sum(-1)
        return {
            'offsets': self.offsets * self._between(prediction.bones, bones, deviation, weights),
            'root': self.root * terms.weighted_mean(root, weights[:, 0]),
            'presence': self.presence * terms.presence_term(prediction, truth),
            'confidence': self.confidence * terms.confidence_term(prediction, truth),
        }

    def _between(self, found: Tensor, true: Tensor, deviation: Tensor, weights: Tensor) -> Tensor:
        pairs = pair_set(self.pairs, self.parents)
        first, second = torch.tensor(pairs).T
        error = offsets(found - true, path_signs(pairs, self.parents)).abs()
        distance = (error / deviation[first, second]).sum(-1)
        return terms.weighted_mean(distance, weights[:, first] * weights[:, second])


def true_bones(truth: Truth, depth_range_m: float, parents: tuple[int, ...]) -> Tensor:
    """Return b_k = J_k - J_parent(k) in units of the crop, shape (N, J, 3)."""
    joints = crop_coordinates(truth.pixels, truth.depth, truth.size, depth_range_m)
    return torch.einsum('jk,nkc->njc', bone_matrix(parents).to(joints), joints)
