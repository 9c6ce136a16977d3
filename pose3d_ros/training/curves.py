"""Pictures of numbers: curves of losses, and bars for tables."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 900, 480
LEFT, RIGHT, TOP, BOTTOM = 70, 220, 30, 40
COLOURS = (
    (180, 119, 31), (14, 127, 255), (44, 160, 44), (40, 39, 214), (189, 103, 148),
    (75, 86, 140), (194, 119, 227), (127, 127, 127), (34, 189, 188), (207, 190, 23),
)  # fmt: skip
_BLACK, _GREY, _WHITE = (0, 0, 0), (200, 200, 200), 255


def write_curves(logs: Mapping[str, Path], folder: Path) -> None:
    """Write `loss.png`: the loss of each log over the samples seen, over its first value.

    Args:
        logs: Files of one JSON object per line, by name.
        folder: Where the picture goes.
    """
    series = {name: read_log(path) for name, path in logs.items() if path.exists()}
    series = {name: curve for name, curve in series.items() if len(curve)}
    if series:
        cv2.imwrite(str(folder / 'loss.png'), curves(series))


def read_log(path: Path) -> NDArray[np.float64]:
    """Return samples seen and loss, shape (N, 2); a line cut off by a kill is left out."""
    points = []
    for line in path.read_text().splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        points.append((entry['samples'], entry['loss']))
    return np.array(points, float).reshape(-1, 2)


def curves(series: Mapping[str, NDArray[np.float64]]) -> Picture:
    """Return a picture of curves that all begin at 1, BGR.

    Args:
        series: x and y, shape (N, 2) each, by name.
    """
    picture = np.full((HEIGHT, WIDTH, 3), _WHITE, np.uint8)
    scaled = {name: curve / (1, max(curve[0, 1], 1e-9)) for name, curve in series.items()}
    right = max(float(curve[:, 0].max()) for curve in scaled.values())
    top = max(1.0, *(float(curve[:, 1].max()) for curve in scaled.values()))
    for tick in np.linspace(0, top, 6):
        y = _row(float(tick), top)
        cv2.line(picture, (LEFT, y), (WIDTH - RIGHT, y), _GREY, 1)
        _write(picture, f'{tick:.2f}', (10, y + 5))
    for tick in np.linspace(0, right, 5):
        x = _column(float(tick), right)
        _write(picture, f'{tick / 1000:.0f}k', (x - 12, HEIGHT - 15))
    for index, (name, curve) in enumerate(scaled.items()):
        colour = COLOURS[index % len(COLOURS)]
        points = np.array([(_column(x, right), _row(y, top)) for x, y in curve.tolist()], np.int32)
        cv2.polylines(picture, [points], False, colour, 2, cv2.LINE_AA)  # noqa: FBT003
        _write(picture, name, (WIDTH - RIGHT + 10, TOP + 20 * index + 10), colour)
    _write(picture, 'loss over its first value, by samples seen', (LEFT, 18))
    return picture


def bars(title: str, values: Sequence[tuple[str, float]]) -> Picture:
    """Return a picture of one horizontal bar per value, BGR.

    Args:
        title: What is shown.
        values: Labels and numbers; NaN has no bar.
    """
    left, row = 260, 30
    picture = np.full((TOP + row * len(values) + 20, WIDTH, 3), _WHITE, np.uint8)
    _write(picture, title, (10, 20))
    finite = [value for _, value in values if math.isfinite(value)]
    longest = max([*finite, 1e-9])
    for index, (label, value) in enumerate(values):
        y = TOP + row * index
        _write(picture, label, (10, y + 20))
        if math.isfinite(value):
            right = left + int((WIDTH - left - 90) * max(value, 0) / longest)
            cv2.rectangle(picture, (left, y + 6), (right, y + row - 4), COLOURS[0], -1)
            _write(picture, f'{value:.1f}', (right + 8, y + 20))
    return picture


def reliability_diagram(bins: NDArray[np.float64]) -> Picture:
    """Return a picture of how often joints are right against their confidence, BGR.

    On the diagonal confidence is honest; below it there is too much of it.

    Args:
        bins: From `evaluate.reliability`.
    """
    side, left, foot = 360, 60, 40
    picture = np.full((side + foot + TOP, side + left + 30, 3), _WHITE, np.uint8)
    base = TOP + side
    for index, (share, _, right) in enumerate(bins.tolist()):
        x = left + index * side // len(bins)
        end = x + side // len(bins) - 2
        if math.isfinite(right):
            cv2.rectangle(picture, (x, base - int(side * right)), (end, base), COLOURS[0], -1)
        cv2.rectangle(picture, (x, base - int(side * share)), (end, base), _GREY, -1)
        _write(picture, f'{index / len(bins):.1f}', (x - 8, base + 18))
    cv2.line(picture, (left, base), (left + side, TOP), COLOURS[3], 1, cv2.LINE_AA)
    for tick in np.linspace(0, 1, 6):
        _write(picture, f'{tick:.1f}', (20, base + 5 - int(side * tick)))
    error = float(np.nansum(bins[:, 0] * np.abs(bins[:, 1] - bins[:, 2])))
    _write(picture, f'blue: right, grey: share of joints; ECE {error:.3f}', (8, 18))
    _write(picture, 'confidence', (left + side // 2 - 40, base + 34))
    return picture


def _column(x: float, right: float) -> int:
    return LEFT + int((WIDTH - LEFT - RIGHT) * x / max(right, 1e-9))


def _row(y: float, top: float) -> int:
    return HEIGHT - BOTTOM - int((HEIGHT - TOP - BOTTOM) * y / top)


def _write(
    picture: Picture,
    text: str,
    at: tuple[int, int],
    colour: tuple[int, int, int] = _BLACK,
) -> None:
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)
