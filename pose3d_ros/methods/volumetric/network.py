"""The volumetric networks: one volume of likelihoods per joint (Pavlakos 2017).

There are two forms. The light one is a slim trunk with one volume at stride 8. The one of the
paper is a stack of hourglasses with a volume after each, whose depth grows from stack to stack:
coarse to fine. Both are read out by soft-argmax (Sun 2018) or, as in the paper, by argmax.

Shape letters: N images, J joints, D depth cells, H rows, W columns.
"""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from pose3d_ros.networks import hourglass
from pose3d_ros.networks.contract import Network, Prediction
from pose3d_ros.networks.softargmax import Marginals
from pose3d_ros.networks.trunk import normalize
from pose3d_ros.networks.volume import (
    STRIDE,
    ConfidenceHead,
    Decode,
    SlimVolume,
    SlimVolumeConfig,
    read_volume,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumetricPrediction(Prediction):
    """A prediction with the volumes that it was read from.

    Attributes:
        marginals: log p(x, y) and log p(z) of the last volume.
        volumes: One of shape (N, J, D, H, W) per stage; D grows from coarse to fine.
        stride: Size of a cell in the image [px].
        depth_range_m: The volumes cover the root's depth plus and minus this [m].
    """

    marginals: Marginals
    volumes: tuple[Tensor, ...]
    stride: int
    depth_range_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig(SlimVolumeConfig):
    """The shape of the light form.

    Attributes:
        decode: How the volume is read out.
        sharpness: What the values of the volume are multiplied with before the softmax: 1 where
            they are trained as logits, about 30 where they are trained as heat between 0 and 1.
    """

    method: ClassVar[str] = 'volumetric'
    decode: Decode = 'soft'
    sharpness: float = 1.0

    def build(self) -> 'VolumetricNetwork':
        """Return the network with random weights."""
        return VolumetricNetwork(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class HourglassConfig:
    """The shape of the form of the paper; the defaults are the paper's, for crops of 256 px.

    Attributes:
        features: Channels of the hourglasses.
        levels: How often each hourglass halves its map, which has a quarter of the crop's size.
        depths: D of the volume after each hourglass. Growing is coarse to fine; the same number
            again and again is naive stacking.
        joints: J.
        depth_range_m: The volumes cover the root's depth plus and minus this [m].
        decode: How the last volume is read out.
        sharpness: As in `NetworkConfig`.
    """

    method: ClassVar[str] = 'volumetric'
    features: int = 256
    levels: int = 4
    depths: tuple[int, ...] = (1, 2, 4, 64)
    joints: int = 17
    depth_range_m: float = 1.0
    decode: Decode = 'hard'
    sharpness: float = 30.0

    def build(self) -> 'HourglassNetwork':
        """Return the network with random weights."""
        return HourglassNetwork(self)


class VolumetricNetwork(SlimVolume):
    """From crops to 2.5D joints, in the light form."""

    config: NetworkConfig

    def __init__(self, config: NetworkConfig) -> None:
        """Build the layers.

        Args:
            config: The shape of the network.
        """
        super().__init__(config)
        if config.sharpness != 1:  # heat begins at 0: most of a volume is empty
            nn.init.normal_(self.volume.weight, std=1e-3)
            nn.init.zeros_(self.volume.bias)

    def forward(self, image: Tensor) -> VolumetricPrediction:
        """Return the prediction for RGB crops, uint8, shape (N, H, W, 3)."""
        volume, presence = self.see(image)
        return predict((volume,), presence, self.confidence, self.config, STRIDE)


class HourglassNetwork(Network):
    """From crops to 2.5D joints, in the form of the paper."""

    def __init__(self, config: HourglassConfig) -> None:
        """Build the layers.

        Args:
            config: The shape of the network.
        """
        super().__init__()
        self.config = config
        outputs = [config.joints * depth for depth in config.depths]
        self.stack = hourglass.HourglassStack(config.features, config.levels, outputs)
        self.presence = nn.Linear(config.features, 1)
        self.confidence = ConfidenceHead(config.joints)

    def forward(self, image: Tensor) -> VolumetricPrediction:
        """Return the prediction for RGB crops, uint8, shape (N, H, W, 3)."""
        height, width = (side // hourglass.STRIDE for side in image.shape[1:3])
        outputs, features = self.stack(normalize(image))
        volumes = tuple(
            output.reshape(-1, self.config.joints, depth, height, width)
            for output, depth in zip(outputs, self.config.depths, strict=True)
        )
        presence = self.presence(features.float().mean((2, 3)))[:, 0]
        return predict(volumes, presence, self.confidence, self.config, hourglass.STRIDE)


def predict(
    volumes: tuple[Tensor, ...],
    presence: Tensor,
    confidence: ConfidenceHead,
    config: NetworkConfig | HourglassConfig,
    stride: int,
) -> VolumetricPrediction:
    """Return what the last volume says.

    Args:
        volumes: From coarse to fine, shape (N, J, D, H, W) each.
        presence: Logits, shape (N,).
        confidence: Tells from the spread of the marginals how far they can be trusted.
        config: How to read the volume.
        stride: Size of a cell in the image [px].
    """
    volume = volumes[-1].float() * config.sharpness
    reading = read_volume(volume, stride, config.decode)
    cell = 2 * config.depth_range_m / volume.shape[2]
    return VolumetricPrediction(
        pixels=reading.pixels,
        depth=(reading.plane - reading.plane[:, :1]) * cell,
        confidence=confidence(reading.features, presence),
        presence=presence,
        marginals=reading.spread,
        volumes=volumes,
        stride=stride,
        depth_range_m=config.depth_range_m,
    )
