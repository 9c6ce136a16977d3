"""Cameras: between points in metres and pixels.

Points are in the camera's optical frame: x right, y down, z forward [m]. Pixel centres are at
integers: the first pixel is seen at (0, 0), and the image reaches from -0.5 to width - 0.5.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pose3d_ros.errors import CameraError
from pose3d_ros.lens import BrownLens, EquidistantLens, Lens, PinholeLens

__all__ = ['Camera']

Array = NDArray[np.float64]

_LENSES: dict[str, tuple[tuple[int, ...], Callable[[tuple[float, ...]], Lens]]] = {
    'plumb_bob': ((0, 4, 5), BrownLens),
    'rational_polynomial': ((8,), BrownLens),
    'equidistant': ((4,), EquidistantLens),
}
_LAYOUT = 'K is [[fx, 0, cx], [0, fy, cy], [0, 0, 1]] [px]'


@dataclass(frozen=True, slots=True)
class Camera:
    """A calibrated camera.

    Cameras are immutable, and equal when all their numbers are.

    Attributes:
        width: Width of the image [px].
        height: Height of the image [px].
        K: Intrinsic matrix [[fx, 0, cx], [0, fy, cy], [0, 0, 1]], shape (3, 3) [px], read-only.
        distortion: Coefficients in the order of OpenCV: 0, 4 or 5 for `plumb_bob`, 8 for
            `rational_polynomial`, 4 for `equidistant`.
        model: Name of the distortion model, as in `sensor_msgs/CameraInfo`.

    Raises:
        CameraError: The numbers cannot describe a camera.
    """

    width: int
    height: int
    K: Array = field(compare=False)
    distortion: tuple[float, ...] = ()
    model: str = 'plumb_bob'
    _intrinsics: tuple[float, float, float, float] = field(init=False, repr=False)
    _lens: Lens = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the numbers and freeze them."""
        matrix = np.array(self.K, dtype=np.float64)
        matrix.flags.writeable = False
        distortion = tuple(float(coefficient) for coefficient in self.distortion)
        _check_size(self.width, self.height)
        _check_intrinsics(matrix)
        _check_distortion(distortion, self.model)
        (fx, _, cx), (_, fy, cy), _ = matrix.tolist()
        object.__setattr__(self, 'K', matrix)
        object.__setattr__(self, 'distortion', distortion)
        object.__setattr__(self, '_intrinsics', (fx, fy, cx, cy))
        object.__setattr__(self, '_lens', _lens(distortion, self.model))

    @classmethod
    def from_fov(cls, width: int, height: int, fov_deg: float) -> 'Camera':
        """Return a camera without distortion that looks through the middle of the image.

        Args:
            width: Width of the image [px].
            height: Height of the image [px].
            fov_deg: Horizontal field of view, between 0 and 180 [deg].

        Raises:
            CameraError: There is no such camera.
        """
        half_angle = math.radians(fov_deg) / 2
        if not 0 < half_angle < math.pi / 2:
            msg = f'the field of view is {fov_deg} deg; it must lie between 0 and 180 deg'
            raise CameraError(msg)
        _check_size(width, height)
        focal = width / 2 / math.tan(half_angle)
        middle = ((width - 1) / 2, (height - 1) / 2)
        return cls(
            width, height, np.array([[focal, 0, middle[0]], [0, focal, middle[1]], [0, 0, 1]])
        )

    @property
    def is_pinhole(self) -> bool:
        """Whether straight lines stay straight in the image."""
        return isinstance(self._lens, PinholeLens)

    @property
    def limit(self) -> float:
        """Tangent of the largest angle to the optical axis that the lens images."""
        return self._lens.limit

    def project(self, points: ArrayLike) -> Array:
        """Return the pixels that see these points.

        Args:
            points: Points in the optical frame, shape (..., 3) [m].

        Returns:
            Pixels u, v, shape (..., 2) [px], also outside the image; NaN for points behind
            the camera or beyond the angle that the lens images.
        """
        points = np.asarray(points, dtype=np.float64)
        fx, fy, cx, cy = self._intrinsics
        depth = np.where(points[..., 2:] > 0, points[..., 2:], np.nan)
        return np.asarray(self._lens.distort(points[..., :2] / depth) * (fx, fy) + (cx, cy))

    def rays(self, pixels: ArrayLike) -> Array:
        """Return the points at a depth of 1 m that these pixels see.

        Args:
            pixels: Pixels u, v, shape (..., 2) [px].

        Returns:
            Points in the optical frame with z = 1, shape (..., 3) [m]; NaN for pixels that the
            lens does not reach, or where it looks sideways or backwards.
        """
        fx, fy, cx, cy = self._intrinsics
        normalised = (np.asarray(pixels, dtype=np.float64) - (cx, cy)) / (fx, fy)
        points = self._lens.undistort(normalised)
        ones = np.where(np.isnan(points[..., :1]), np.nan, 1.0)
        return np.concatenate((points, ones), axis=-1)

    def back_project(self, pixels: ArrayLike, depth: ArrayLike) -> Array:
        """Return the points seen at these pixels and depths.

        Args:
            pixels: Pixels u, v, shape (..., 2) [px].
            depth: Distance along the optical axis, shape (...) [m].

        Returns:
            Points in the optical frame, shape (..., 3) [m].
        """
        return self.rays(pixels) * np.asarray(depth, dtype=np.float64)[..., None]

    def contains(self, pixels: ArrayLike) -> NDArray[np.bool_]:
        """Return which of these pixels, shape (..., 2) [px], lie inside the image."""
        pixels = np.asarray(pixels, dtype=np.float64)
        nearest = np.floor(pixels + 0.5)
        inside = (nearest >= 0) & (nearest < (self.width, self.height))
        return np.asarray(inside.all(axis=-1))


def _lens(distortion: tuple[float, ...], model: str) -> Lens:
    if model != 'equidistant' and not any(distortion):
        return PinholeLens()
    return _LENSES[model][1](distortion)


def _check_size(width: int, height: int) -> None:
    for name, size in (('width', width), ('height', height)):
        if size < 1:
            msg = f'the {name} of the image is {size} px; it must be at least 1 px'
            raise CameraError(msg)


def _check_intrinsics(matrix: Array) -> None:
    if matrix.shape != (3, 3):
        msg = f'K has the shape {matrix.shape}; it must be (3, 3): {_LAYOUT}'
        raise CameraError(msg)
    names = (('fx', 'skew', 'cx'), ('K[1][0]', 'fy', 'cy'), ('K[2][0]', 'K[2][1]', 'K[2][2]'))
    right = {'fx': 'above 0', 'fy': 'above 0', 'cx': 'finite', 'cy': 'finite', 'K[2][2]': '1'}
    for row, line in enumerate(names):
        for column, name in enumerate(line):
            value, rule = float(matrix[row, column]), right.get(name, '0')
            if not _follows(value, rule):
                msg = f'{name} is {value}; it must be {rule}: {_LAYOUT}'
                raise CameraError(msg)


def _follows(value: float, rule: str) -> bool:
    if rule == 'above 0':
        return 0 < value < math.inf
    return math.isfinite(value) if rule == 'finite' else value == float(rule)


def _check_distortion(distortion: tuple[float, ...], model: str) -> None:
    if model not in _LENSES:
        msg = f'distortion model {model!r} is unknown; known are {", ".join(_LENSES)}'
        raise CameraError(msg)
    counts, _ = _LENSES[model]
    if len(distortion) not in counts:
        right = ' or '.join(str(count) for count in counts)
        msg = f'{model} has {len(distortion)} distortion coefficients; it must have {right}'
        raise CameraError(msg)
    for index, coefficient in enumerate(distortion):
        if not math.isfinite(coefficient):
            msg = f'distortion coefficient {index} of {model} is {coefficient}; it must be finite'
            raise CameraError(msg)
