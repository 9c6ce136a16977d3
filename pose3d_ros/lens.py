"""Lenses: how far an image point lies from where a pinhole would put it.

Lenses work on coordinates normalised by the focal length, x/z and y/z. A distortion polynomial
describes a lens only up to the angle where its radius stops growing; beyond that fold it would
put things that the lens never sees back into the image. So all answer NaN from the fold on.
"""

import math
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

__all__ = ['BrownLens', 'EquidistantLens', 'Lens', 'PinholeLens']

Array = NDArray[np.float64]
Coefficients = tuple[float, ...]

_STEPS = 30
_CONVERGED = 1e-9
_ACCEPTED = 1e-9
_TABLE_SIZE = 256
_TABLE_ALMOST = 0.999  # of the way to the fold, where the slope is 0
_TABLE_END = 12.0  # tangent of the last angle in the table, about 85 deg


class Lens(Protocol):
    """What a camera needs to know of its lens."""

    @property
    def limit(self) -> float:
        """Tangent of the largest angle to the optical axis that the lens images."""

    def distort(self, points: Array) -> Array:
        """Return where the lens puts these pinhole points, shape (..., 2), NaN if nowhere."""

    def undistort(self, points: Array) -> Array:
        """Return the pinhole points that the lens puts here, shape (..., 2), NaN if none."""


@dataclass(frozen=True, slots=True)
class PinholeLens:
    """No distortion at all."""

    limit: float = math.inf

    def distort(self, points: Array) -> Array:
        """Return the points themselves."""
        return points

    def undistort(self, points: Array) -> Array:
        """Return the points themselves."""
        return points


@dataclass(frozen=True, slots=True)
class BrownLens:
    """Radial and tangential distortion: `plumb_bob` and `rational_polynomial` in ROS.

    With p = (x, y), s = x^2 + y^2, w = (p2, p1) and the gain
    g(s) = (1 + k1 s + k2 s^2 + k3 s^3) / (1 + k4 s + k5 s^2 + k6 s^3),
    the lens moves p to g(s) p + 2 (w.p) p + s w. This is OpenCV's model.

    Attributes:
        coefficients: k1, k2, p1, p2, k3, k4, k5, k6; missing ones at the end are 0.
        limit: Tangent of the largest angle to the optical axis that the lens images.
    """

    coefficients: tuple[float, ...]
    limit: float = field(init=False)
    _above: Coefficients = field(init=False, repr=False)
    _below: Coefficients = field(init=False, repr=False)
    _tangential: tuple[float, float] = field(init=False, repr=False)
    _table: tuple[Array, Array] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the coefficients and find the fold."""
        missing = 8 - len(self.coefficients)
        k1, k2, p1, p2, k3, k4, k5, k6 = self.coefficients + (0.0,) * missing
        object.__setattr__(self, '_above', (1.0, k1, k2, k3))
        object.__setattr__(self, '_below', (1.0, k4, k5, k6))
        object.__setattr__(self, '_tangential', (p2, p1))
        object.__setattr__(self, 'limit', self._find_fold())
        radii = np.linspace(0, min(_TABLE_ALMOST * self.limit, _TABLE_END), _TABLE_SIZE)
        object.__setattr__(self, '_table', (radii * self._gain(radii * radii), radii))

    def distort(self, points: Array) -> Array:
        """Return where the lens puts these pinhole points, shape (..., 2), NaN if nowhere."""
        x, y = points[..., 0], points[..., 1]
        squares = x * x + y * y
        squares = np.where(squares < self.limit**2, squares, np.nan)
        wx, wy = self._tangential
        along = self._gain(squares) + 2 * (wx * x + wy * y)
        return np.stack((along * x + squares * wx, along * y + squares * wy), axis=-1)

    def undistort(self, points: Array) -> Array:
        """Return the pinhole points that the lens puts here, shape (..., 2), NaN if none.

        Newton's method, started where a table of radii puts them without tangential distortion.
        """
        radii = np.linalg.norm(points, axis=-1, keepdims=True)
        with np.errstate(all='ignore'):
            found = points * _ratio(np.interp(radii, *self._table), radii)
            for _ in range(_STEPS):
                step = self._newton_step(found, points)
                found = found - step
                if not np.any(np.abs(step) > _CONVERGED):
                    break
            misses = np.abs(self.distort(found) - points).max(axis=-1, keepdims=True)
        return np.where(misses < _ACCEPTED, found, np.nan)

    def _newton_step(self, points: Array, wanted: Array) -> Array:
        # The Jacobian is symmetric: (g + 2 w.p) I + 2 g' p p^T + 2 (w p^T + p w^T).
        x, y = points[..., 0], points[..., 1]
        squares = x * x + y * y
        wx, wy = self._tangential
        along = self._gain(squares) + 2 * (wx * x + wy * y)
        bend = 2 * self._gain_slope(squares)
        jxx = along + bend * x * x + 4 * wx * x
        jyy = along + bend * y * y + 4 * wy * y
        jxy = bend * x * y + 2 * (wx * y + wy * x)
        miss_x = along * x + squares * wx - wanted[..., 0]
        miss_y = along * y + squares * wy - wanted[..., 1]
        steps = np.stack((jyy * miss_x - jxy * miss_y, jxx * miss_y - jxy * miss_x), axis=-1)
        return np.asarray(steps / (jxx * jyy - jxy * jxy)[..., None])

    def _gain(self, squares: Array) -> Array:
        """Return g."""
        above = _evaluate(self._above, squares)
        return above / _evaluate(self._below, squares) if any(self._below[1:]) else above

    def _gain_slope(self, squares: Array) -> Array:
        """Return g'."""
        slope = _evaluate(_derivative(self._above), squares)
        if not any(self._below[1:]):
            return slope
        below = _evaluate(self._below, squares)
        gain = _evaluate(self._above, squares) / below
        return (slope - gain * _evaluate(_derivative(self._below), squares)) / below

    def _find_fold(self) -> float:
        # The radius r g(r^2), g = n/d, grows while n d + 2 s (n' d - n d') > 0 and d > 0.
        above, below = Polynomial(self._above), Polynomial(self._below)
        bend = above.deriv() * below - above * below.deriv()
        growth = above * below + Polynomial((0.0, 2.0)) * bend
        return math.sqrt(min(_first_positive_root(growth), _first_positive_root(below)))


@dataclass(frozen=True, slots=True)
class EquidistantLens:
    """A fisheye lens: `equidistant` in ROS, `fisheye` in OpenCV.

    A ray at the angle t to the optical axis lands at the radius
    t (1 + k1 t^2 + k2 t^4 + k3 t^6 + k4 t^8); Kannala and Brandt 2006.

    Attributes:
        coefficients: k1, k2, k3, k4.
        limit: Tangent of the largest angle to the optical axis that the lens images, up to a
            right angle.
    """

    coefficients: tuple[float, ...]
    limit: float = field(init=False)
    _radius: Coefficients = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Find the fold."""
        k1, k2, k3, k4 = self.coefficients
        radius = (0.0, 1.0, 0.0, k1, 0.0, k2, 0.0, k3, 0.0, k4)
        fold = _first_positive_root(Polynomial(radius).deriv())
        object.__setattr__(self, '_radius', radius)
        object.__setattr__(self, 'limit', math.tan(fold) if fold < math.pi / 2 else math.inf)

    def distort(self, points: Array) -> Array:
        """Return where the lens puts these pinhole points, shape (..., 2), NaN if nowhere."""
        tangents = np.linalg.norm(points, axis=-1, keepdims=True)
        angles = np.arctan(np.where(tangents < self.limit, tangents, np.nan))
        return points * _ratio(_evaluate(self._radius, angles), tangents)

    def undistort(self, points: Array) -> Array:
        """Return the pinhole points that the lens puts here, shape (..., 2), NaN if none.

        Newton's method on the angle.
        """
        radii = np.linalg.norm(points, axis=-1, keepdims=True)
        last = math.atan(self.limit)
        angles = np.minimum(radii, 0.9 * last)
        slope = _derivative(self._radius)
        with np.errstate(all='ignore'):
            for _ in range(_STEPS):
                step = (_evaluate(self._radius, angles) - radii) / _evaluate(slope, angles)
                angles = angles - step
                if not np.any(np.abs(step) > _CONVERGED):
                    break
            misses = np.abs(_evaluate(self._radius, angles) - radii)
        good = (misses < _ACCEPTED) & (angles >= 0) & (angles < last)
        return points * _ratio(np.tan(np.where(good, angles, np.nan)), radii)


def _evaluate(coefficients: Coefficients, x: Array) -> Array:
    """Return c0 + c1 x + c2 x^2 + ... by Horner's rule."""
    value = np.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        value *= x
        value += coefficient
    return value


def _derivative(coefficients: Coefficients) -> Coefficients:
    """Return the coefficients of the derivative."""
    return tuple(power * value for power, value in enumerate(coefficients))[1:]


def _ratio(numerator: Array, denominator: Array) -> Array:
    """Return the quotient, and 1 where the denominator is 0."""
    ones = np.ones_like(numerator)
    return np.divide(numerator, denominator, out=ones, where=denominator != 0)


def _first_positive_root(function: Polynomial) -> float:
    """Return the smallest positive real root of 1 + c1 x + ..., infinity if there is none."""
    # With x = 1/y the leading coefficient is 1, whatever is tiny or missing at the other end.
    inverses = np.asarray(Polynomial(function.coef[::-1]).roots(), dtype=np.complex128)
    real = inverses.real[np.abs(inverses.imag) <= _ACCEPTED * np.abs(inverses)]
    return min((1 / real[real > _ACCEPTED]).tolist(), default=math.inf)
