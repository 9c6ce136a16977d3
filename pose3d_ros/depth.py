"""Depth: what a depth camera, aligned with the images, says about where a person is.

One image tells how far a person is only through the size of a body, which is not known. A depth
camera sees the surface of the body in front of each joint. It is fitted by one factor: the whole
placement grows or shrinks about the camera, so that joints stay at their pixels, until joints lie
as far behind the surface as they do in bodies. Joints that agree on nothing (hidden behind
something, before a hole, at the edge of the body) weigh little, by Cauchy's weights; what was
known without depth is the prior. A joint that lies further behind the surface than in any body
is hidden by something.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.camera import Camera
from pose3d_ros.errors import ImageError
from pose3d_ros.placement import joint_deviation

__all__ = ['DepthFit', 'DepthImage', 'behind_surface', 'fit_depth']

Array = NDArray[np.float64]

# How far joints lie behind the surface that a camera sees in front of them: medians over 300
# dressed, rendered people seen from all sides, where it is less than 0.25 m [m].
_BEHIND = {
    'pelvis': 0.165,
    'hip': 0.121,
    'knee': 0.071,
    'ankle': 0.052,
    'spine': 0.165,
    'neck': 0.076,
    'nose': -0.001,
    'head_top': 0.064,
    'shoulder': 0.075,
    'elbow': 0.048,
    'wrist': 0.025,
}
_BEHIND_OTHER = 0.06  # joints that are not in the list [m]
_BEHIND_DEVIATION = 0.045  # of one joint from the list [m]
_SHARED_DEVIATION = 0.035  # of all of them together: clothes, pixels, alignment [m]
_NOISE = 0.003  # of a depth camera, times the square of the distance [1/m]
_CAUCHY = 2.385  # 95 % as efficient as least squares where nothing is wrong
_FEWEST = 3  # joints that must agree
_FARTHEST = 5.0  # by how many deviations of the placement depth may correct it
_STEPS = 5
_HIDDEN = 0.15, 2.0  # a joint this far behind where it may be is hidden [m], [deviations]
_WINDOW = 0.02  # half the side of where the surface is looked up, at the person's distance [m]
_LARGEST_WINDOW = 12.0  # the same in pixels of the depth image
_SAMPLES = np.stack(np.meshgrid(*[np.linspace(-1, 1, 5)] * 2), axis=-1).reshape(-1, 2)
_ENOUGH_SAMPLES = 7  # of 25: with fewer there is a hole
_PROPORTION = 0.03  # by which the depth image may be wider or narrower than the image


@dataclass(frozen=True, slots=True, eq=False)
class DepthImage:
    """Distances along the optical axis, pixel by pixel, as the camera sees them.

    It is aligned with the images: the same view, in the same or in another resolution.

    Attributes:
        values: Shape (height, width): uint16 [mm], 0 where nothing is known, or float32 [m], where
            what is not finite and positive is not known.

    Raises:
        ImageError: It is something else.
    """

    values: NDArray[np.uint16] | NDArray[np.float32]

    def __post_init__(self) -> None:
        """Check shape and type."""
        shape, dtype = self.values.shape, self.values.dtype
        if len(shape) != 2 or not all(shape) or dtype not in (np.uint16, np.float32):
            msg = f'the depth image is {dtype} {shape}; it must be uint16 or float32, two axes'
            raise ImageError(msg)

    def check(self, camera: Camera) -> None:
        """Pass if it can be aligned with the images of a camera.

        Raises:
            ImageError: It has other proportions.
        """
        height, width = self.values.shape
        if abs(width * camera.height / (height * camera.width) - 1) > _PROPORTION:
            msg = (
                f'the depth image has {width}x{height} px, which are not the proportions of the '
                f'image, {camera.width}x{camera.height} px: it is not aligned'
            )
            raise ImageError(msg)

    def surfaces(self, pixels: Array, z: Array, camera: Camera) -> Array:
        """Return the distance of what is seen at some pixels, medians over small windows.

        Args:
            pixels: Of the image, shape (J, 2) [px]; NaN for none.
            z: About where it is expected, which decides the size of the window, shape (J,) [m].
            camera: The camera that took the image.

        Returns:
            Along the optical axis, shape (J,) [m]; NaN where it is not known.
        """
        size = np.array(self.values.shape[::-1])
        scale = size / (camera.width, camera.height)
        radius = np.minimum(_WINDOW * camera.K[0, 0] * scale[0] / z, _LARGEST_WINDOW)
        centres = (pixels + 0.5) * scale - 0.5  # pixel centres are at integers
        places = centres[:, None] + radius[:, None, None] * _SAMPLES
        inside = np.isfinite(places).all(axis=-1)
        places = np.rint(np.where(inside[..., None], places, -1))
        inside &= ((places >= 0) & (places < size)).all(axis=-1)
        columns, rows = np.moveaxis(np.where(inside[..., None], places, 0).astype(np.intp), -1, 0)
        found = self.values[rows, columns].astype(np.float64)
        if self.values.dtype == np.uint16:
            found *= 1e-3
        known = inside & np.isfinite(found) & (found > 0)
        enough = known.sum(axis=-1) >= _ENOUGH_SAMPLES
        result = np.full(len(pixels), np.nan)
        result[enough] = np.nanmedian(np.where(known, found, np.nan)[enough], axis=-1)
        return result


@dataclass(frozen=True, slots=True, eq=False)
class DepthFit:
    """What depth says about the placement of one person.

    Attributes:
        scale: By what the placement is to be multiplied.
        relative_deviation: Standard deviation of the root's distance after that, as a share of it.
        hidden: Whether something is in front of a joint, shape (J,).
    """

    scale: float
    relative_deviation: float
    hidden: NDArray[np.bool_]


def behind_surface(joints: Sequence[str]) -> Array:
    """Return how far joints lie behind the surface in front of them, shape (J,) [m].

    Args:
        joints: Their names, such as 'pelvis' or 'l_knee'.
    """
    parts = [name[2:] if name[:2] in {'l_', 'r_'} else name for name in joints]
    return np.array([_BEHIND.get(part, _BEHIND_OTHER) for part in parts])


def fit_depth(
    z: Array,
    surfaces: Array,
    confidence: Array,
    joints: Sequence[str],
    relative_deviation: float,
) -> DepthFit | None:
    """Return by what a placement must be multiplied to agree with depth.

    It is the factor f that minimises the sum of Cauchy's losses of f z_j - (s_j + b_j) over the
    joints j, with surfaces s and offsets b (`behind_surface`), and of the squared logarithm of
    f under the prior. It is found by Newton's steps with weights, from the joint that fits best.

    Args:
        z: Distances of the joints along the optical axis, by the placement, shape (J,) [m].
        surfaces: Distances of what is seen there, shape (J,) [m]; NaN where it is not known.
        confidence: Of the joints, as in `Estimates`, shape (J,), 0..1.
        joints: Their names.
        relative_deviation: Of the placement: standard deviation of the logarithm of its distance.

    Returns:
        None where fewer than three joints agree about where the person is.
    """
    targets = surfaces + behind_surface(joints)
    known = np.isfinite(targets) & (z > 0)
    if known.sum() < _FEWEST:
        return None
    noise = np.hypot(_BEHIND_DEVIATION, _NOISE * np.nan_to_num(targets) ** 2)
    deviation = np.hypot(joint_deviation(confidence), noise)
    ratio, spread = targets[known] / z[known], deviation[known] / z[known]

    def excess(scale: Array | float) -> Array:
        return np.asarray((ratio - np.asarray(scale)[..., None]) / spread)

    reach = math.exp(_FARTHEST * relative_deviation)
    trials = np.concatenate((ratio[(ratio > 1 / reach) & (ratio < reach)], (1.0,)))
    losses = _CAUCHY**2 * np.log1p((excess(trials) / _CAUCHY) ** 2).sum(axis=-1)
    scale = float(trials[np.argmin(losses + (np.log(trials) / relative_deviation) ** 2)])
    for _ in range(_STEPS):
        weights = 1 / (1 + (excess(scale) / _CAUCHY) ** 2) / spread**2
        prior = 1 / (relative_deviation * scale) ** 2
        mean = (weights @ ratio + prior * scale * (1 - math.log(scale))) / (weights.sum() + prior)
        scale = min(max(float(mean), 1 / reach), reach)
    if (np.abs(excess(scale)) < _CAUCHY).sum() < _FEWEST:
        return None
    root = scale * float(z[0])
    behind = np.where(known, scale * z - targets, 0.0)
    return DepthFit(
        scale=scale,
        relative_deviation=math.hypot(
            1 / math.sqrt(float(weights.sum()) + prior) / scale, _SHARED_DEVIATION / root
        ),
        hidden=behind > np.maximum(_HIDDEN[0], _HIDDEN[1] * deviation),
    )
