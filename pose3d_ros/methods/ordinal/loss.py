"""What the ordinal network is trained to do.

Shape letters: N images, J joints, P pairs.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from pose3d_ros.methods.ordinal.network import OrdinalPrediction
from pose3d_ros.methods.ordinal.targets import Pairs, all_pairs, relations
from pose3d_ros.networks import terms
from pose3d_ros.networks.contract import Truth
from pose3d_ros.networks.lifter import Lifter, noisy, root_relative


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """L = L_rank + lambda L_heatmap (Pavlakos 2018), and what it is compared with.

    The defaults are weak supervision: places in the image and relations. `depth` above 0 is full
    supervision.

    Attributes:
        ranking, heatmap, image_marginal, depth, reconstruction, presence, confidence: Weights.
            The heatmap's is the paper's lambda; the cross-entropy of the marginal is ours, since
            the gradient of L2 through a softmax vanishes where the softmax does.
        pairs: The pairs of joints whose relations are known; None for all.
        tolerance_m: Depths that differ by no more than this are about the same [m].
        sigma: Width of the Gaussian heatmaps [cells].
        pixel_noise, order_noise: Standard deviation of the noise on true poses from which the
            reconstruction network learns, of a person's size in the image and in cells.
        order_stretch: True depths are stretched by a random factor between 1 - this and 1 + this:
            relations do not tell how far a cell is.
    """

    ranking: float = 1.0
    heatmap: float = 1.0
    image_marginal: float = 0.4
    depth: float = 0.0
    reconstruction: float = 4.0
    presence: float = 0.3
    confidence: float = 0.1
    pairs: Pairs | None = None
    tolerance_m: float = 0.1
    sigma: float = 0.75
    pixel_noise: float = 0.02
    order_noise: float = 0.7
    order_stretch: float = 0.5

    def __call__(self, prediction: OrdinalPrediction, truth: Truth) -> dict[str, Tensor]:
        """Return the weighted terms; their sum is what training minimises."""
        marginals, stride = prediction.marginals, prediction.stride
        in_image = terms.image_marginal_term(marginals, truth, stride, self.sigma)
        found = {
            'ranking': self.ranking * self._ranking(prediction, truth),
            'heatmap': self.heatmap * self._heatmap(prediction, truth),
            'image_marginal': self.image_marginal * in_image,
            'presence': self.presence * terms.presence_term(prediction, truth),
            'confidence': self.confidence * terms.confidence_term(prediction, truth),
        }
        if self.depth:
            error = (prediction.order * prediction.cell_m - truth.depth).abs()
            weights = terms.joint_weights(truth)
            found['depth'] = self.depth * terms.weighted_mean(error, weights)
        if prediction.reconstruct is not None:
            error = self._reconstructed(prediction.reconstruct, prediction, truth)
            found['reconstruction'] = self.reconstruction * error
        return found

    def _ranking(self, prediction: OrdinalPrediction, truth: Truth) -> Tensor:
        pairs = self.pairs or all_pairs(prediction.order.shape[1])
        known = relations(truth.depth, pairs, self.tolerance_m)
        losses = ranking_losses(prediction.order, pairs, known)
        return terms.weighted_mean(losses.mean(1), terms.persons(truth))

    def _heatmap(self, prediction: OrdinalPrediction, truth: Truth) -> Tensor:
        """Return the squared distance of p(x, y) and a Gaussian, both of sum 1."""
        found = prediction.marginals.image.exp()
        target = terms.image_target(truth.pixels, found.shape[-1], self.sigma, prediction.stride)
        distance = (found - target).square().sum((-1, -2))
        return terms.weighted_mean(distance, terms.persons(truth)[:, None] * terms.inside(truth))

    def _reconstructed(
        self, reconstruct: Lifter, prediction: OrdinalPrediction, truth: Truth
    ) -> Tensor:
        """Return the mean error of true poses reconstructed from noisy ones [m]."""
        order = truth.depth / prediction.cell_m
        stretch = 1 + self.order_stretch * (2 * torch.rand_like(order[:, :1]) - 1)
        side = (truth.pixels - truth.pixels[:, :1]).abs().flatten(1).amax(1)[:, None, None]
        pixels = truth.pixels + side * noisy(torch.zeros_like(truth.pixels), self.pixel_noise)
        known = prediction.known(pixels, noisy(order * stretch, self.order_noise))
        error = (reconstruct(known) - root_relative(truth)).norm(dim=-1).mean(1)
        return terms.weighted_mean(error, terms.persons(truth))


def ranking_losses(depth: Tensor, pairs: Pairs, known: Tensor) -> Tensor:
    """Return the loss of each pair, shape (N, P).

    Pavlakos 2018: log(1 + exp(z_i - z_j)) if i is the nearer one, the same with i and
    j exchanged if j is, and (z_i - z_j)^2 if both are about as far. softplus is the first without
    its overflow.

    Args:
        depth: z, larger is farther, shape (N, J).
        pairs: The pairs (i, j).
        known: Their relations r(i, j), shape (N, P).
    """
    first, second = torch.tensor(pairs, device=depth.device).reshape(-1, 2).T
    gap = depth[:, first] - depth[:, second]
    return torch.where(known == 0, gap.square(), functional.softplus(known * gap))
