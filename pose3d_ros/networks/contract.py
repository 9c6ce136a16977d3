"""What a method's network and loss promise, so that training and export need not know the method.

A network turns uint8 crops into a `Prediction`: what the model-file contract asks for (before the
sigmoids) and, in a class derived from it, whatever else its own loss looks at. A loss turns a
prediction and the `Truth` into named terms whose sum is minimised.

Shape letters: N images, J joints.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Truth:
    """Labels of N crops as tensors; see `pose3d_ros.synthesis.compose.Sample`.

    Attributes:
        pixels: Joints, pixel centres at integers, shape (N, J, 2) [px].
        depth: Relative to the root, shape (N, J) [m].
        points: Joints in the crop's optical frame, shape (N, J, 3) [m].
        focal: Focal length of each crop, shape (N,) [px].
        presence: 1 a person, 0 nobody, NaN neither clearly, shape (N,).
        size: Width and height of the crops [px].
    """

    pixels: Tensor
    depth: Tensor
    points: Tensor
    focal: Tensor
    presence: Tensor
    size: int


@dataclass(frozen=True, slots=True)
class FrameTruth:
    """Labels of N full frames as tensors; see `pose3d_ros.synthesis.frames.Frame`.

    Attributes:
        boxes: x, y, width and height of P people each, NaN for nobody, shape (N, P, 4) [px].
        clear: 1 where the person is clearly to be seen, 0 where hardly, shape (N, P).
        size: Height of the frames [px].
    """

    boxes: Tensor
    clear: Tensor
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a network says about N crops.

    Attributes:
        pixels: Shape (N, J, 2) [px], pixel centres at integers.
        depth: Relative to the root, shape (N, J) [m].
        confidence: Logit of the joint being within 150 mm of the truth, shape (N, J).
        presence: Logit of a person being there, shape (N,).
    """

    pixels: Tensor
    depth: Tensor
    confidence: Tensor
    presence: Tensor


class Network(nn.Module):
    """From RGB crops, uint8, shape (N, H, W, 3), to a `Prediction`."""

    def prepare(self, truth: Any) -> None:  # noqa: ANN401 - a `Truth` or a `FrameTruth`
        """Set what depends on the data alone, such as means; called once, before the first step.

        Args:
            truth: Labels of some hundred training pictures of the final size.
        """


class NetworkConfig(Protocol):
    """The shape of a network."""

    @property
    def method(self) -> str:
        """The name of the method, as in the model file."""

    @property
    def depth_range_m(self) -> float:
        """Depths of plus and minus this, relative to the root, can be expressed [m]."""

    def build(self) -> Network:
        """Return the network with random weights."""


class Loss(Protocol):
    """What a network is trained to do."""

    def __call__(self, prediction: Any, truth: Any) -> dict[str, Tensor]:  # noqa: ANN401
        """Return the weighted terms, scalars; their sum is what training minimises.

        Args:
            prediction: From the network that the loss is for.
            truth: Labels of the same pictures: a `Truth` or a `FrameTruth`.
        """


def full_precision(like: Tensor) -> torch.autocast:
    """Return a context that computes in float32, even where training uses half precision."""
    return torch.autocast(like.device.type, enabled=False)
