"""Stacked hourglasses with pre-activation residuals and an output after each.

Newell 2016, "Stacked hourglass networks"; residuals in pre-activation order, He 2016, "Identity
mappings in deep residual networks". Pavlakos 2017 let the outputs differ from stack to stack.

Shape letters: N images, C channels, H and W rows and columns of the feature map.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDE = 4


class PreActivationResidual(nn.Module):
    """A bottleneck of 1x1, 3x3 and 1x1 convolutions, each after its normalisation and ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        middle = outputs // 2
        self.body = nn.Sequential(
            *_activated(inputs, middle, 1),
            *_activated(middle, middle, 3),
            *_activated(middle, outputs, 1),
        )
        self.shortcut: nn.Module = nn.Identity()
        if inputs != outputs:
            self.shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Return features of `outputs` channels and the same size."""
        return self.shortcut(features) + self.body(features)


def _activated(inputs: int, outputs: int, kernel: int) -> list[nn.Module]:
    return [
        nn.BatchNorm2d(inputs),
        nn.ReLU(),
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2),
    ]


class Hourglass(nn.Module):
    """Down to a low resolution and up again, with a residual beside each level."""

    def __init__(self, levels: int, channels: int) -> None:
        super().__init__()
        self.beside = PreActivationResidual(channels, channels)
        self.down = PreActivationResidual(channels, channels)
        self.inner = (
            Hourglass(levels - 1, channels)
            if levels > 1
            else PreActivationResidual(channels, channels)
        )
        self.up = PreActivationResidual(channels, channels)

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape; H and W are divisible by 2 to the power `levels`."""
        low = self.up(self.inner(self.down(functional.max_pool2d(features, 2))))
        return self.beside(features) + functional.interpolate(low, scale_factor=2.0)


class HourglassStack(nn.Module):
    """Hourglasses one after another at stride 4, each with an output that the next one sees."""

    def __init__(self, channels: int, levels: int, outputs: Sequence[int]) -> None:
        """Build the layers.

        Args:
            channels: C between the stacks.
            levels: How often each hourglass halves its map.
            outputs: Channels of the output of each stack.
        """
        super().__init__()
        half = channels // 2
        self.stem = nn.Conv2d(3, half, 7, 2, 3)
        self.start = nn.Sequential(
            PreActivationResidual(half, half),
            nn.MaxPool2d(2),
            PreActivationResidual(half, channels),
        )
        self.hourglasses = nn.ModuleList(
            nn.Sequential(
                Hourglass(levels, channels),
                PreActivationResidual(channels, channels),
                *_activated(channels, channels, 1),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
            )
            for _ in outputs
        )
        self.outputs = nn.ModuleList(nn.Conv2d(channels, count, 1) for count in outputs)
        for output in self.outputs:  # heat begins at 0: most of a volume is empty
            nn.init.normal_(output.weight, std=1e-3)
            nn.init.zeros_(output.bias)
        self.from_features = nn.ModuleList(nn.Conv2d(channels, channels, 1) for _ in outputs[1:])
        self.from_outputs = nn.ModuleList(nn.Conv2d(n, channels, 1) for n in outputs[:-1])

    def forward(self, image: Tensor) -> tuple[list[Tensor], Tensor]:
        """Return the output of every stack and the last features (N, C, H / 4, W / 4).

        Args:
            image: Normalised RGB, shape (N, 3, H, W).
        """
        features = self.start(self.stem(image))
        found: list[Tensor] = []
        seen = torch.empty(0)
        for index, (hourglass, output) in enumerate(
            zip(self.hourglasses, self.outputs, strict=True)
        ):
            seen = hourglass(features)
            found.append(output(seen))
            if index < len(self.from_features):
                features = (
                    features
                    + self.from_features[index](seen)
                    + self.from_outputs[index](found[index])
                )
        return found, seen
