"""The lifting network: joints in the image, and a network over their coordinates alone.

The part that sees may be given: that of another estimator, which stays as it is.

Martinez 2017, "A simple yet effective baseline for 3d human pose estimation".

Shape letters: N images, J joints.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from pose3d_ros.networks.contract import Prediction
from pose3d_ros.networks.lifter import Lifter, scale_free
from pose3d_ros.networks.softargmax import Marginals
from pose3d_ros.networks.volume import STRIDE, SlimVolume, SlimVolumeConfig, read_volume


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftingPrediction(Prediction):
    """A prediction with its parts.

    Attributes:
        marginals: log p(x, y); its depth has a single cell.
        stride: Size of a cell in the image [px].
        lift: The network over coordinates.
    """

    marginals: Marginals
    stride: int
    lift: Lifter


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig(SlimVolumeConfig):
    """The shape of the network.

    Attributes:
        lifter: Features of the lifter's hidden layers.
        given: Whether trunk, volume and presence stay as they were at the start.
    """

    method: ClassVar[str] = 'lifting'
    lifter: int = 1024
    given: bool = False

    def build(self) -> 'LiftingNetwork':
        """Return the network with random weights."""
        return LiftingNetwork(self)


class LiftingNetwork(SlimVolume):
    """From crops to 2D joints, and from these alone to depths."""

    config: NetworkConfig

    def __init__(self, config: NetworkConfig) -> None:
        """Build the layers.

        Args:
            config: The shape of the network.
        """
        super().__init__(config)
        self.lift = Lifter(2, config.joints, config.lifter)

    def train(self, mode: bool = True) -> 'LiftingNetwork':  # noqa: FBT001, FBT002 as in torch
        """Switch to training or back; a given trunk keeps its statistics."""
        super().train(mode)
        if self.config.given:
            self.trunk.eval()
        return self

    def forward(self, image: Tensor) -> LiftingPrediction:
        """Return the prediction for RGB crops, uint8, shape (N, H, W, 3)."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.config.given):
            volume, presence = self.see(image)
            reading = read_volume(volume, STRIDE)
        return LiftingPrediction(
            pixels=reading.pixels,
            depth=self.lift.deployed(scale_free(reading.pixels))[..., 2],
            confidence=self.confidence(reading.features, presence),
            presence=presence,
            marginals=reading.spread,
            stride=STRIDE,
            lift=self.lift,
        )
