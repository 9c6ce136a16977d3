"""A slim residual trunk: fast to train and to run on a CPU.

Shape letters: N images, C channels, H and W rows and columns of the feature map.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


def convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Return a 3x3 convolution with batch normalisation and ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut (He 2016); it starts as the identity."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        normalization = nn.BatchNorm2d(outputs)
        nn.init.zeros_(normalization.weight)
        self.body = nn.Sequential(
            convolution(inputs, outputs, stride),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            normalization,
        )
        self.shortcut: nn.Module = nn.Identity()
        if inputs != outputs or stride != 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, features: Tensor) -> Tensor:
        """Return features of `outputs` channels, H and W divided by the stride."""
        return functional.relu(self.body(features) + self.shortcut(features))


class SlimTrunk(nn.Module):
    """Residual stages to stride 16 and one lateral connection back to stride 8.

    Attributes:
        channels: Channels of the returned maps at stride 8 and stride 16.
    """

    def __init__(self, widths: Sequence[int], blocks: Sequence[int]) -> None:
        """Build the stages.

        Args:
            widths: Channels at strides 2, 4, 8 and 16.
            blocks: Residual blocks at strides 4, 8 and 16.
        """
        super().__init__()
        self.channels = (widths[2], widths[3])
        self.stem = convolution(3, widths[0], 2)
        self.to_quarter = _stage(widths[0], widths[1], blocks[0])
        self.to_eighth = _stage(widths[1], widths[2], blocks[1])
        self.to_sixteenth = _stage(widths[2], widths[3], blocks[2])
        self.lateral = nn.Conv2d(widths[3], widths[2], 1)
        self.merge = ResidualBlock(widths[2], widths[2])

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return features at stride 8 (N, C8, H/8, W/8) and stride 16 (N, C16, H/16, W/16).

        Args:
            image: Normalised RGB, shape (N, 3, H, W).
        """
        eighth = self.to_eighth(self.to_quarter(self.stem(image)))
        sixteenth = self.to_sixteenth(eighth)
        raised = functional.interpolate(self.lateral(sixteenth), scale_factor=2.0)
        return self.merge(eighth + raised), sixteenth


def _stage(inputs: int, outputs: int, count: int) -> nn.Sequential:
    first = ResidualBlock(inputs, outputs, 2)
    return nn.Sequential(first, *(ResidualBlock(outputs, outputs) for _ in range(count - 1)))


def normalize(image: Tensor) -> Tensor:
    """Return an RGB uint8 batch (N, H, W, 3) as a float batch (N, 3, H, W) around zero."""
    # The cast comes first: TensorRT accepts uint8 inputs only where a cast follows at once.
    return ((image.to(torch.float32) - 118.0) / 64.0).permute(0, 3, 1, 2)
