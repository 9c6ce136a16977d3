"""The compositional network: it regresses bones, and the graph adds them up to joints.

Sun 2017, "Compositional human pose regression".

Shape letters: N images, J joints.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from pose3d_ros.methods.compositional.targets import bone_matrix, mean_and_deviation, path_matrix
from pose3d_ros.networks import terms
from pose3d_ros.networks.contract import Prediction, Truth, full_precision
from pose3d_ros.networks.regression import (
    SlimRegression,
    SlimRegressionConfig,
    crop_coordinates,
    from_crop_coordinates,
)
from pose3d_ros.skeleton import H36M_17


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositionalPrediction(Prediction):
    """A prediction with its bones.

    Attributes:
        bones: In units of the crop and of the depth range, shape (N, J, 3).
        deviation: Standard deviation of the offset of any two joints, shape (J, J, 3); on the
            diagonal that of the bones.
        depth_range_m: What a depth of 1 means [m].
    """

    bones: Tensor
    deviation: Tensor
    depth_range_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig(SlimRegressionConfig):
    """The shape of the network."""

    method: ClassVar[str] = 'compositional'
    parents: tuple[int, ...] = H36M_17.parents

    def build(self) -> 'CompositionalNetwork':
        """Return the network with random weights."""
        return CompositionalNetwork(self)


class CompositionalNetwork(SlimRegression):
    """From crops to 2.5D joints, by way of bones."""

    config: NetworkConfig

    def __init__(self, config: NetworkConfig) -> None:
        """Build the layers; statistics come from `prepare`.

        Args:
            config: The shape of the network.
        """
        super().__init__(config)
        joints = config.joints
        self.register_buffer('paths', path_matrix(config.parents), persistent=False)
        self.register_buffer('bone_mean', torch.zeros(joints, 3))
        self.register_buffer('deviation', torch.ones(joints, joints, 3))

    def prepare(self, truth: Truth) -> None:
        """Measure mean and deviation of bones, and the deviation between any two joints.

        Sun 2017: normalisation per component, and per pair.
        """
        people = terms.persons(truth) > 0
        pixels, depth = truth.pixels[people], truth.depth[people]
        joints = crop_coordinates(pixels, depth, truth.size, self.config.depth_range_m)
        bones = torch.einsum('jk,nkc->njc', bone_matrix(self.config.parents).to(joints), joints)
        mean, of_bones = mean_and_deviation(bones)
        _, deviation = mean_and_deviation(joints[:, None] - joints[:, :, None])
        diagonal = torch.arange(len(of_bones))
        deviation[diagonal, diagonal] = of_bones
        self.bone_mean.copy_(mean)
        self.deviation.copy_(deviation)

    def forward(self, image: Tensor) -> CompositionalPrediction:
        """Return the prediction for RGB crops, uint8, shape (N, H, W, 3)."""
        normalized, confidence, presence = self.see(image)
        diagonal = torch.arange(self.config.joints, device=normalized.device)
        with full_precision(normalized):
            bones = normalized * self.deviation[diagonal, diagonal] + self.bone_mean
            joints = torch.matmul(self.paths, bones)
        depth_range_m = self.config.depth_range_m
        pixels, depth = from_crop_coordinates(joints, image.shape[1], depth_range_m)
        return CompositionalPrediction(
            pixels=pixels,
            depth=depth,
            confidence=confidence,
            presence=presence,
            bones=bones,
            deviation=self.deviation,
            depth_range_m=depth_range_m,
        )
