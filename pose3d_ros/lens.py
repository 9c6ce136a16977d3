"""Lenses: how far an image point lies from where a pinhole would put it.

Lenses work on coordinates normalised by the focal length, x/z and y/z. A distortion polynomial
describes a lens only up to the angle where its radius stops growing; beyond that fold it would
put things that the lens never sees back into the image. So all answer NaN from the fold on.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.polynomial import polynomial
from numpy.typing import NDArray

__all__ = ['BrownLens', 'EquidistantLens', 'Lens', 'PinholeLens']

Array = NDArray[np.float64]

_STEPS = 30
_CONVERGED = 1e-12
_ACCEPTED = 1e-9


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

    limit: float = np.inf

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
    _above: tuple[float, ...] = field(init=False, repr=False)
    _below: tuple[float, ...] = field(init=False, repr=False)
    _tangential: tuple[float, float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Sort the coefficients and find the fold."""
        missing = 8 - len(self.coefficients)
        k1, k2, p1, p2, k3, k4, k5, k6 = self.coefficients + (0.0,) * missing
        object.__setattr__(self, '_above', (1.0, k1, k2, k3))
        object.__setattr__(self, '_below', (1.0, k4, k5, k6))
        object.__setattr__(self, '_tangential', (p2, p1))
        object.__setattr__(self, 'limit', self._find_fold())

    def distort(self, points: Array) -> Array:
        """Return where the lens puts these pinhole points, shape (..., 2), NaN if nowhere."""
        squares = (points**2).sum(axis=-1, keepdims=True)
        squares = np.where(squares < self.limit**2, squares, np.nan)
        gain = polynomial.polyval(squares, self._above) / polynomial.polyval(squares, self._below)
        shift = np.array(self._tangential)
        along = 2 * (points @ shift)[..., None]
        return (gain + along) * points + squares * shift

    def undistort(self, points: Array) -> Array:
        """Return the pinhole points that the lens puts here, shape (..., 2), NaN if none.

        Newton's method, started at the given points drawn into the domain. For barrel
        distortion these lie nearer to the axis than the solution, and the steps cannot
        overshoot.
        """
        radii = np.linalg.norm(points, axis=-1, keepdims=True)
        with np.errstate(all='ignore'):
            found = points * np.fmin(1.0, 0.9 * self.limit / radii)
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
        squares = x**2 + y**2
        above = polynomial.polyval(squares, self._above)
        below = polynomial.polyval(squares, self._below)
        above_slope = polynomial.polyval(squares, polynomial.polyder(self._above))
        below_slope = polynomial.polyval(squares, polynomial.polyder(self._below))
        gain = above / below
        slope = 2 * (above_slope - gain * below_slope) / below
        wx, wy = self._tangential
        common = gain + 2 * (wx * x + wy * y)
        jxx = common + slope * x**2 + 4 * wx * x
        jyy = common + slope * y**2 + 4 * wy * y
        jxy = slope * x * y + 2 * (wx * y + wy * x)
        miss_x = common * x + squares * wx - wanted[..., 0]
        miss_y = common * y + squares * wy - wanted[..., 1]
        steps = np.stack((jyy * miss_x - jxy * miss_y, jxx * miss_y - jxy * miss_x), axis=-1)
        return np.asarray(steps / (jxx * jyy - jxy**2)[..., None])

    def _find_fold(self) -> float:
        # The radius r g(r^2), g = n/d, grows while n d + 2 s (n' d - n d') > 0 and d > 0.
        above, below = self._above, self._below
        bend = polynomial.polysub(
            polynomial.polymul(polynomial.polyder(above), below),
            polynomial.polymul(above, polynomial.polyder(below)),
        )
        product = polynomial.polymul(above, below)
        growth = polynomial.polyadd(product, polynomial.polymul((0.0, 2.0), bend))
        return float(np.sqrt(min(_first_positive_root(growth), _first_positive_root(below))))


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
    _radius: tuple[float, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Find the fold."""
        k1, k2, k3, k4 = self.coefficients
        radius = (0.0, 1.0, 0.0, k1, 0.0, k2, 0.0, k3, 0.0, k4)
        object.__setattr__(self, '_radius', radius)
        fold = _first_positive_root(polynomial.polyder(radius))
        object.__setattr__(self, 'limit', float(np.tan(fold)) if fold < np.pi / 2 else np.inf)

    def distort(self, points: Array) -> Array:
        """Return where the lens puts these pinhole points, shape (..., 2), NaN if nowhere."""
        tangents = np.linalg.norm(points, axis=-1, keepdims=True)
        angles = np.arctan(np.where(tangents < self.limit, tangents, np.nan))
        return points * _ratio(polynomial.polyval(angles, self._radius), tangents)

    def undistort(self, points: Array) -> Array:
        """Return the pinhole points that the lens puts here, shape (..., 2), NaN if none.

        Newton's method on the angle.
        """
        radii = np.linalg.norm(points, axis=-1, keepdims=True)
        last = np.arctan(self.limit)
        angles = np.minimum(radii, 0.9 * last)
        slope = polynomial.polyder(self._radius)
        with np.errstate(all='ignore'):
            for _ in range(_STEPS):
                misses = polynomial.polyval(angles, self._radius) - radii
                step = misses / polynomial.polyval(angles, slope)
                angles = angles - step
                if not np.any(np.abs(step) > _CONVERGED):
                    break
            misses = np.abs(polynomial.polyval(angles, self._radius) - radii)
        good = (misses < _ACCEPTED) & (angles >= 0) & (angles < last)
        return points * _ratio(np.tan(np.where(good, angles, np.nan)), radii)


def _ratio(numerator: Array, denominator: Array) -> Array:
    """Return the quotient, and 1 where both are 0."""
    ones = np.ones_like(numerator)
    return np.divide(numerator, denominator, out=ones, where=denominator != 0)


def _first_positive_root(coefficients: tuple[float, ...] | Array) -> float:
    """Return the smallest positive real root of a polynomial, infinity if it has none."""
    roots = polynomial.polyroots(polynomial.polytrim(coefficients))
    real = roots[np.abs(roots.imag) <= _ACCEPTED * np.abs(roots)].real
    return float(min(real[real > 0], default=np.inf))
