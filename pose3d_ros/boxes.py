"""Boxes: x, y of the upper left corner, width and height [px] of the full image.

A box covers whole pixels, whose centres are at integers: the box (0, 0, 1, 1) is the first
pixel of the image, and its middle is (0, 0).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pose3d_ros.errors import BoxError

__all__ = ['Box', 'checked_box', 'distinct_boxes', 'enclosing_box', 'middle_of_box', 'overlap']

Array = NDArray[np.float64]
Box = tuple[float, float, float, float]

_FEWEST_PX = 2.0  # boxes that show less of the image than this in either direction are nothing
_SAME_OVERLAP = 0.6


def checked_box(box: ArrayLike) -> Box:
    """Return the box as four plain numbers; it may lie outside the image.

    Raises:
        BoxError: The box is not four finite numbers, or does not enclose anything.
    """
    numbers = np.asarray(box, dtype=np.float64)
    if numbers.shape != (4,):
        msg = f'a box is four numbers x, y, width, height [px], not an array {numbers.shape}'
        raise BoxError(msg)
    x, y, width, height = (float(number) for number in numbers)
    if not np.isfinite(numbers).all():
        msg = f'the box x={x} y={y} width={width} height={height} is not finite'
        raise BoxError(msg)
    if width <= 0 or height <= 0:
        msg = f'the box at x={x} y={y} is {width} x {height} px; both must be above 0 px'
        raise BoxError(msg)
    return x, y, width, height


def middle_of_box(box: Box) -> tuple[float, float]:
    """Return the pixel u, v in the middle of the box."""
    x, y, width, height = box
    return x + (width - 1) / 2, y + (height - 1) / 2


def enclosing_box(pixels: Array) -> Box:
    """Return the smallest box around the pixels, shape (..., 2) [px], of which one is finite."""
    low = np.floor(np.nanmin(pixels.reshape(-1, 2), axis=0) + 0.5)
    high = np.floor(np.nanmax(pixels.reshape(-1, 2), axis=0) + 0.5)
    width, height = high - low + 1
    return float(low[0]), float(low[1]), float(width), float(height)


def overlap(boxes: ArrayLike, others: ArrayLike) -> Array:
    """Return intersection over union of each box with each other box.

    Args:
        boxes: Boxes, shape (N, 4) [px].
        others: Boxes, shape (M, 4) [px].

    Returns:
        Values 0..1, shape (N, M).
    """
    first = np.asarray(boxes, dtype=np.float64).reshape(-1, 1, 4)
    second = np.asarray(others, dtype=np.float64).reshape(1, -1, 4)
    low = np.maximum(first[..., :2], second[..., :2])
    high = np.minimum(first[..., :2] + first[..., 2:], second[..., :2] + second[..., 2:])
    shared = np.maximum(high - low, 0).prod(axis=-1)
    union = first[..., 2:].prod(axis=-1) + second[..., 2:].prod(axis=-1) - shared
    return np.asarray(shared / union)


def distinct_boxes(boxes: Array, width: int, height: int) -> Array:
    """Return the parts of the boxes in the image, without those that an earlier one covers.

    Args:
        boxes: Shape (N, 4), the best first [px].
        width: Of the image [px].
        height: Of the image [px].
    """
    low = np.clip(boxes[:, :2], 0, (width, height))
    high = np.clip(boxes[:, :2] + boxes[:, 2:], 0, (width, height))
    inside = np.concatenate([low, high - low], axis=1)
    inside = inside[(inside[:, 2:] >= _FEWEST_PX).all(axis=1)]
    kept: list[int] = []
    same = overlap(inside, inside) > _SAME_OVERLAP
    for index in range(len(inside)):
        if not same[index, kept].any():
            kept.append(index)
    return np.asarray(inside[kept])
