"""The ordinal network: a volume read out by its marginals, and a reconstruction network.

Pavlakos 2018, "Ordinal depth supervision for 3D human pose estimation". The volume gives places
in the image and an order in depth; what that order means in metres, the reconstruction network
knows from poses alone. Both are one graph.

Shape letters: N images, J joints, D depth cells.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from pose3d_ros.networks.contract import Prediction
from pose3d_ros.networks.lifter import Lifter, scale_free
from pose3d_ros.networks.softargmax import Marginals
from pose3d_ros.networks.volume import STRIDE, SlimVolume, SlimVolumeConfig, read_volume


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalPrediction(Prediction):
    """A prediction with what its losses look at.

    Attributes:
        marginals: log p(x, y) and log p(z).
        order: Depth relative to the root as the volume tells it, shape (N, J) [cells].
        cell_m: Depth of a cell, where the volume is trained in metres [m].
        stride: Size of a cell in the image [px].
        reconstruct: The reconstruction network; None where there is none.
        known: What goes into it, from pixels [px] and order [cells].
    """

    marginals: Marginals
    order: Tensor
    cell_m: float
    stride: int
    reconstruct: Lifter | None
    known: Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig(SlimVolumeConfig):
    """The shape of the network.

    Attributes:
        reconstruction: Features of the reconstruction network's hidden layers; 0 for none, which
            takes the order in cells for metres. The paper has 4096.
    """

    method: ClassVar[str] = 'ordinal'
    reconstruction: int = 512

    def build(self) -> 'OrdinalNetwork':
        """Return the network with random weights."""
        return OrdinalNetwork(self)


class OrdinalNetwork(SlimVolume):
    """From crops to 2.5D joints, by way of an order in depth."""

    config: NetworkConfig

    def __init__(self, config: NetworkConfig) -> None:
        """Build the layers.

        Args:
            config: The shape of the network.
        """
        super().__init__(config)
        width = config.reconstruction
        self.reconstruct = Lifter(3, config.joints, width) if width else None

    def forward(self, image: Tensor) -> OrdinalPrediction:
        """Return the prediction for RGB crops, uint8, shape (N, H, W, 3)."""
        volume, presence = self.see(image)
        reading = read_volume(volume, STRIDE)
        order = reading.plane - reading.plane[:, :1]
        depth = order * self.config.cell_m
        if self.reconstruct is not None:
            depth = self.reconstruct.deployed(self._known(reading.pixels, order))[..., 2]
        return OrdinalPrediction(
            pixels=reading.pixels,
            depth=depth,
            confidence=self.confidence(reading.features, presence),
            presence=presence,
            marginals=reading.spread,
            order=order,
            cell_m=self.config.cell_m,
            stride=STRIDE,
            reconstruct=self.reconstruct,
            known=self._known,
        )

    def _known(self, pixels: Tensor, order: Tensor) -> Tensor:
        """Return x, y in -1..1 and z over half the depth of the volume, shape (N, J, 3).

        Pavlakos 2018: z is the index of one of 64 cells, over 32.
        """
        depth = order / (self.config.depth_cells / 2)
        return torch.cat([scale_free(pixels), depth[..., None]], -1)
