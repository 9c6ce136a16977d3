"""What the volumetric networks are trained to do.

Two losses: ours for the soft-argmax, and the paper's L2 between volumes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from pose3d_ros.methods.volumetric.network import VolumetricPrediction
from pose3d_ros.methods.volumetric.targets import gaussian_volume
from pose3d_ros.networks import terms
from pose3d_ros.networks.contract import Truth
from pose3d_ros.networks.softargmax import marginals


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """L1 on the soft-argmax and cross-entropy on its marginals, after Sun 2018.

    Volumes before the last one, in a stack, learn by the cross-entropies alone; all are logits.

    Attributes:
        pixels, depth, image_marginal, depth_marginal, presence, confidence: Weights of the terms.
        sigma: Width of the Gaussians that the marginals are compared with [cells].
    """

    pixels: float = 10.0
    depth: float = 4.0
    image_marginal: float = 0.2
    depth_marginal: float = 0.1
    presence: float = 0.3
    confidence: float = 0.1
    sigma: float = 0.75

    def __call__(self, prediction: VolumetricPrediction, truth: Truth) -> dict[str, Tensor]:
        """Return the weighted terms; their sum is what training minimises."""
        spreads = [*map(marginals, prediction.volumes[:-1]), prediction.marginals]
        in_image = sum(
            terms.image_marginal_term(spread, truth, prediction.stride, self.sigma)
            for spread in spreads
        )
        in_depth = sum(
            self._in_depth(spread.depth, truth, prediction.depth_range_m) for spread in spreads
        )
        return {
            'pixels': self.pixels * terms.pixel_term(prediction, truth),
            'depth': self.depth * terms.depth_term(prediction, truth),
            'image_marginal': self.image_marginal * in_image,
            'depth_marginal': self.depth_marginal * in_depth,
            'presence': self.presence * terms.presence_term(prediction, truth),
            'confidence': self.confidence * terms.confidence_term(prediction, truth),
        }

    def _in_depth(self, found: Tensor, truth: Truth, depth_range_m: float) -> Tensor:
        """Return the cross-entropy of p(z), shape (N, J, D), and a Gaussian."""
        cells = found.shape[-1]
        plane = terms.plane_index(truth.depth, cells, depth_range_m)
        cross = -(terms.gaussian(plane, cells, self.sigma) * found).sum(-1)
        return terms.weighted_mean(cross, terms.joint_weights(truth))


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeLossConfig:
    """L2 between the volumes and 3D Gaussians, with the same weight for each stage.

    Pavlakos 2017 The mean over a volume of 64^3 cells would be tiny, so the squared
    distance is divided by the squared norm of the target: 1 is the loss of an empty volume.

    Attributes:
        volume, presence, confidence: Weights of the terms.
        sigma: Width of the Gaussians if there were 64 cells along each axis [cells].
    """

    volume: float = 1.0
    presence: float = 0.3
    confidence: float = 0.1
    sigma: float = 2.0

    def __call__(self, prediction: VolumetricPrediction, truth: Truth) -> dict[str, Tensor]:
        """Return the weighted terms; their sum is what training minimises."""
        seen = terms.persons(truth)[:, None] * terms.inside(truth)
        return {
            **{
                f'volume_{stage}': self.volume
                * terms.weighted_mean(self._distance(volume, prediction, truth), seen)
                for stage, volume in enumerate(prediction.volumes)
            },
            'presence': self.presence * terms.presence_term(prediction, truth),
            'confidence': self.confidence * terms.confidence_term(prediction, truth),
        }

    def _distance(self, volume: Tensor, prediction: VolumetricPrediction, truth: Truth) -> Tensor:
        """Return the relative squared distance of each joint's volume, shape (N, J)."""
        depth, height, width = volume.shape[2:]
        with torch.no_grad():
            target = gaussian_volume(
                terms.cell_index(truth.pixels, prediction.stride),
                terms.plane_index(truth.depth, depth, prediction.depth_range_m),
                (depth, height, width),
                self.sigma,
            )
            norm = target.square().flatten(2).sum(2).clamp(min=1e-3)
        distance = (volume.to(target.dtype) - target).square().flatten(2).sum(2)
        return distance / norm
