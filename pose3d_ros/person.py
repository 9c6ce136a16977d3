"""People: what an estimator hands over, and what the pipeline makes of it."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

__all__ = ['Estimates', 'JointState', 'Person', 'PersonState']


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """What every estimator returns for a batch of N crops and J joints.

    Attributes:
        pixels: Joints in the crop, pixel centres at integers, shape (N, J, 2) [px], float32.
        depth: Depth of the joints minus that of the root joint, along the crop's optical
            axis, shape (N, J) [m], float32.
        confidence: Probability that a joint, relative to the root, lies within 0.15 m of the
            truth, shape (N, J), 0..1, float32.
        presence: Probability that the crop shows a person, shape (N,), 0..1, float32.
    """

    pixels: NDArray[np.float32]
    depth: NDArray[np.float32]
    confidence: NDArray[np.float32]
    presence: NDArray[np.float32]

    def __len__(self) -> int:
        """Return the number of crops N."""
        return len(self.presence)


class JointState(IntEnum):
    """What is known about one joint."""

    UNKNOWN = 0
    """Never estimated: its numbers are NaN."""
    VISIBLE = 1
    """Estimated with confidence, inside the image."""
    OCCLUDED = 2
    """Estimated without confidence, inside the image."""
    OUT_OF_IMAGE = 3
    """Estimated to lie outside the image."""
    PREDICTED = 4
    """Not estimated in this image: carried over from an earlier one."""


class PersonState(IntEnum):
    """What is known about one person."""

    ENTERING = 0
    """Seen in this image for the first time."""
    SEEN = 1
    """Seen in this image and before."""
    PREDICTED = 2
    """Not seen in this image: the last known skeleton is carried over."""
    LOST = 3
    """Not seen for too long: reported once, then forgotten."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One person at one time.

    Attributes:
        id: Five lower-case letters, the same as long as the person is followed.
        state: Whether the person was seen in this image.
        presence: Probability that there is a person, 0..1; 0 when not seen in this image.
        box: Where the confident joints are in the image: x, y of the upper left corner, width
            and height [px].
        pixels: Joints in the full image, shape (J, 2) [px]; NaN where no pixel sees them.
        positions: Joints in the camera's optical frame (x right, y down, z forward), shape
            (J, 3) [m].
        confidence: Probability that a joint, relative to the root, lies within 0.15 m of the
            truth, shape (J,), 0..1.
        deviation: Standard deviation of each position per axis, shape (J,) [m].
        joint_states: The `JointState` of each joint, shape (J,), uint8.
        stamp: Time of the image [s].
    """

    id: str
    state: PersonState
    presence: float
    box: tuple[float, float, float, float]
    pixels: NDArray[np.float64]
    positions: NDArray[np.float64]
    confidence: NDArray[np.float64]
    deviation: NDArray[np.float64]
    joint_states: NDArray[np.uint8]
    stamp: float

    @property
    def is_seen(self) -> bool:
        """Whether the person was seen in this very image, not only carried over."""
        return self.state in (PersonState.ENTERING, PersonState.SEEN)
