"""Mirror averaging: what an estimator says about crops and their mirror images, in one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.person import Estimates

__all__ = ['averaged', 'with_mirror_images']

_SURE = 1e-6  # probabilities this near to 0 or 1 count as that far away


def with_mirror_images(crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return crops (N, H, W, 3) and behind them their mirror images, shape (2 N, H, W, 3)."""
    return np.concatenate((crops, crops[:, :, ::-1]))


def averaged(both: Estimates, twins: Sequence[int], width: int) -> Estimates:
    """Return the mean of what is said about crops and about their mirror images.

    Probabilities are averaged as logits. This is part of the published decoding (Pavlakos 2017).

    Args:
        both: About `with_mirror_images`, 2 N of each.
        twins: For each joint its left or right twin.
        width: Of the crops [px].
    """
    count, order = len(both) // 2, list(twins)
    mirrored = both.pixels[count:, order]
    mirrored[..., 0] = (width - 1) - mirrored[..., 0]
    return Estimates(
        pixels=_half(both.pixels[:count] + mirrored),
        depth=_half(both.depth[:count] + both.depth[count:, order]),
        confidence=_mean(both.confidence[:count], both.confidence[count:, order]),
        presence=_mean(both.presence[:count], both.presence[count:]),
    )


def _half(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return values * np.float32(0.5)


def _mean(some: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities whose logits are the means of two."""
    first, second = np.clip((some, others), _SURE, 1 - _SURE)
    odds = np.sqrt(first * second / ((1 - first) * (1 - second)))
    return np.asarray(odds / (1 + odds), dtype=np.float32)
