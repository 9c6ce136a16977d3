"""From joints in the image to joints in metres: a small network over numbers alone.

Martinez 2017, "A simple yet effective baseline for 3d human pose estimation".

Shape letters: N poses, J joints.
"""

import torch
from torch import Tensor, nn

from pose3d_ros.networks.contract import Truth, full_precision

SMALLEST_PX = 1.0  # no person is smaller in a crop


class Lifter(nn.Module):
    """Residual blocks of two linear layers, each with normalisation, ReLU and dropout."""

    def __init__(
        self, inputs: int, joints: int, width: int, *, blocks: int = 2, dropout: float = 0.25
    ) -> None:
        """Build the layers.

        Args:
            inputs: Numbers per joint that go in.
            joints: J.
            width: Features of the hidden layers; the paper has 1024.
            blocks: Residual blocks.
            dropout: Share of the features dropped in training; the paper has 0.5.
        """
        super().__init__()
        self.joints = joints
        self.start = _layer(inputs * joints, width, dropout)
        self.blocks = nn.ModuleList(
            nn.Sequential(*_layer(width, width, dropout), *_layer(width, width, dropout))
            for _ in range(blocks)
        )
        self.end = nn.Linear(width, 3 * joints)

    def forward(self, known: Tensor) -> Tensor:
        """Return joints relative to the root, shape (N, J, 3) [m], for (N, J, inputs)."""
        with full_precision(known):
            features = self.start(known.float().flatten(1))
            for block in self.blocks:
                features = features + block(features)
            joints = self.end(features).reshape(-1, self.joints, 3)
            return joints - joints[:, :1]

    def deployed(self, known: Tensor) -> Tensor:
        """Return what it would say outside training; nothing is learned from it."""
        training = self.training
        self.eval()
        joints = self(known.detach()).detach()
        self.train(training)
        return joints


def _layer(inputs: int, outputs: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU(), nn.Dropout(dropout)
    )


def scale_free(pixels: Tensor) -> Tensor:
    """Return pixels relative to the root, over the largest of them, shape (N, J, 2), -1..1.

    Pavlakos 2018: neither where a person is nor how far away matters.
    """
    centred = pixels - pixels[:, :1]
    largest = centred.abs().flatten(1).amax(1).clamp(min=SMALLEST_PX)
    return centred / largest[:, None, None]


def noisy(values: Tensor, deviation: float) -> Tensor:
    """Return the values with Gaussian noise of this standard deviation."""
    return values + deviation * torch.randn_like(values)


def root_relative(truth: Truth) -> Tensor:
    """Return the true joints relative to the root, shape (N, J, 3) [m]."""
    return truth.points - truth.points[:, :1]
