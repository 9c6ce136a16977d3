"""Contracts of the exchangeable parts: estimators, detectors and runtimes.

They are protocols: a part need not import or inherit from anything here. How a part is made and
found by name is in `pose3d_ros.plugins`; `examples/my_estimator` is a complete one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.camera import Camera
from pose3d_ros.person import Estimates
from pose3d_ros.skeleton import Skeleton

__all__ = ['Detector', 'Estimator', 'Port', 'Runtime']


class Estimator(Protocol):
    """Turns crops of people into 2.5D skeletons."""

    @property
    def name(self) -> str:
        """The method, such as 'volumetric'."""

    @property
    def skeleton(self) -> Skeleton:
        """The joints that it estimates, in the order of its arrays."""

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height of the crops that it takes [px]."""

    @property
    def crop_margin(self) -> float:
        """Side of the crops that it takes, as a multiple of the person's box."""

    @property
    def digest(self) -> str:
        """What tells its weights from others': hexadecimal, empty when it has none."""

    def describe(self) -> Mapping[str, str]:
        """Return facts for people to read, such as the model and the runtime."""

    def __call__(self, crops: NDArray[np.uint8]) -> Estimates:
        """Return the estimates for a batch of crops, which stay as they are.

        Args:
            crops: Pictures of one person each, RGB, shape (N, height, width, 3); N may be 0.
        """

    def close(self) -> None:
        """Give back memory and devices; it is not called again."""


class Detector(Protocol):
    """Proposes where in an image people may be.

    Two attributes are optional. `for_one_camera = True`: it keeps something from one image to the
    next, so that each camera needs one of its own. `needs_pixels = False`: it looks at the shape
    of an image only, and is given blank pixels, so that nothing need be decoded for it.
    """

    def __call__(
        self, image: NDArray[np.uint8], camera: Camera, stamp: float
    ) -> NDArray[np.float64]:
        """Return boxes that may hold a person each.

        The boxes are only candidates: the estimator's presence decides.

        Args:
            image: The full image, BGR, shape (height, width, 3); it stays as it is.
            camera: The camera that took it.
            stamp: When it was taken [s].

        Returns:
            x, y of the upper left corner, width and height, shape (N, 4) [px].
        """


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output of a model.

    Attributes:
        name: Its name.
        dtype: Its numpy name, such as 'uint8' or 'float32'.
        shape: Its length along each axis; None where any length goes.
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...]


class Runtime(Protocol):
    """An open model file, ready to run."""

    @property
    def path(self) -> Path:
        """The file that runs: the one that was asked for, or its twin of another precision."""

    @property
    def inputs(self) -> tuple[Port, ...]:
        """What the model takes."""

    @property
    def outputs(self) -> tuple[Port, ...]:
        """What the model gives."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """The texts stored in the file, by key."""

    def describe(self) -> Mapping[str, str]:
        """Return facts for people to read, such as version, device and threads."""

    def run(self, image: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Return all outputs by name for a batch of one or more crops.

        Args:
            image: The crops, RGB, shape (N, height, width, 3); they stay as they are.
        """

    def close(self) -> None:
        """Give back memory and devices; it is not run again."""
