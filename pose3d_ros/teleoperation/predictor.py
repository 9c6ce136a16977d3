"""Predictor: where angles are going, from where they were in images.

The fading-memory filter of first degree (N. Morrison, Introduction to Sequential Smoothing and
Prediction, 1969, chapter 13): the straight line that fits all past images best, old ones counting
less and less. It follows a steady motion without delay.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ['Predictor']

Array = NDArray[np.float64]

_GAP = 0.25  # an angle that was out of sight for longer begins anew [s]


class Predictor:
    """Follows N numbers of one person, each of which may be out of sight at times."""

    def __init__(self, count: int, smoothing: float, *, periodic: bool = True) -> None:
        """Know nothing yet.

        Args:
            count: How many numbers.
            smoothing: Time after which images count less by 1 / e [s]; 0 takes the newest only.
            periodic: Whether a whole turn more or less means the same.
        """
        self._smoothing, self._periodic = smoothing, periodic
        self._values: Array = np.full(count, np.nan)
        self._rates: Array = np.zeros(count)
        self._times: Array = np.full(count, -np.inf)

    def reset(self) -> None:
        """Forget everything."""
        self._values[:], self._rates[:], self._times[:] = np.nan, 0.0, -np.inf

    def update(self, time: float, values: Array) -> None:
        """Learn from an image.

        Args:
            time: Of the image, later than that of the last one [s].
            values: Shape (N,); NaN where out of sight.
        """
        seen = np.isfinite(values)
        elapsed = time - self._times
        going = seen & (elapsed <= _GAP) & (elapsed > 0)
        begun = seen & (elapsed > _GAP)
        elapsed = np.where(going, elapsed, 1.0)
        theta = np.exp(-elapsed / self._smoothing) if self._smoothing > 0 else np.zeros(len(seen))
        expected = self._values + self._rates * elapsed
        surprise = values - expected
        if self._periodic:
            surprise = (surprise + np.pi) % (2 * np.pi) - np.pi
        smoothed = expected + (1 - theta**2) * surprise
        rates = self._rates + (1 - theta) ** 2 * surprise / elapsed
        self._values = np.where(going, smoothed, np.where(begun, values, self._values))
        self._rates = np.where(going, rates, np.where(begun, 0.0, self._rates))
        self._times = np.where(going | begun, time, self._times)

    def at(self, time: float, horizon: float) -> tuple[Array, Array]:
        """Return values and rates at a time.

        Args:
            time: When [s].
            horizon: The motion goes on for up to this time after the newest image [s]; it is
                taken to rest after that.

        Returns:
            Shapes (N,) and (N,) [1/s]; NaN and 0 for what was never seen.
        """
        ahead = np.clip(time - self._times, 0.0, horizon)
        moving = (time - self._times <= horizon) & (horizon > 0)
        return self._values + self._rates * ahead, np.where(moving, self._rates, 0.0)
