"""Silhouettes of what stands in front of people: things, tables, chairs, screens, plants."""

import cv2
import numpy as np
from numpy.typing import NDArray

Generator = np.random.Generator
Mask = NDArray[np.bool_]


def thing(size: int, generator: Generator) -> Mask:
    """Return the pixels of a box, a disc or a pole, shape (size, size)."""
    mask = np.zeros((size, size), np.uint8)
    x, y = (int(v) for v in generator.integers(0, size, 2))
    w, h = (int(v) for v in generator.integers(size // 14, int(size * 0.36), 2))
    kind = generator.random()
    if kind < 0.45:
        corners = cv2.boxPoints(((x + w / 2, y + h / 2), (w, h), generator.normal(0, 8)))
        cv2.fillPoly(mask, [np.rint(corners).astype(np.int32)], 1)
    elif kind < 0.75:
        angle = float(generator.uniform(0, 180))
        cv2.ellipse(mask, (x, y), (w // 2 + 1, h // 2 + 1), angle, 0, 360, 1, -1)
    else:
        dx, dy = (int(v) for v in generator.integers(-size // 2, size // 2, 2))
        width = int(generator.integers(2, max(3, size // 12)))
        cv2.line(mask, (x, y), (x + dx, y + dy), 1, width)
    return mask > 0


def furniture(size: int, generator: Generator) -> list[Mask]:
    """Return the pixels of each part of a piece of furniture before the lower part of a crop."""
    level = int(size * generator.uniform(0.45, 0.9))
    match generator.integers(5):
        case 0:  # a counter
            return [_box(size, 0, level, size, size)]
        case 1:
            return _table(size, level, generator)
        case 2:
            return _screen(size, level, generator)
        case 3:
            return _chair(size, level, generator)
        case _:
            return [_plant(size, level, generator)]


def _box(size: int, left: int, top: int, right: int, bottom: int) -> Mask:
    mask = np.zeros((size, size), bool)
    mask[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True
    return mask


def _polygon(size: int, corners: list[tuple[int, int]]) -> Mask:
    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [np.array(corners, np.int32)], 1)
    return mask > 0


def _table(size: int, level: int, generator: Generator) -> list[Mask]:
    """Return its top, its front edge and its legs."""
    left, right = (
        int(size * generator.uniform(-0.3, 0.25)),
        int(size * generator.uniform(0.7, 1.3)),
    )
    deep, slant = int(size * generator.uniform(0.02, 0.18)), int(size * generator.uniform(0, 0.15))
    thick, leg = max(2, int(size * generator.uniform(0.015, 0.06))), max(2, size // 24)
    front = level + deep
    corners = [(left + slant, level), (right - slant, level), (right, front), (left, front)]
    legs = _box(size, left, front, left + leg, size) | _box(size, right - leg, front, right, size)
    edge = _box(size, left, front, right, front + thick)
    return [legs, _polygon(size, corners), edge]


def _screen(size: int, level: int, generator: Generator) -> list[Mask]:
    """Return a desk and the monitor or laptop on it."""
    width, height = (int(v) for v in size * generator.uniform((0.25, 0.15), (0.6, 0.4)))
    left = int(generator.uniform(-0.1, 1.0) * size - width / 2)
    desk = _box(size, 0, level, size, size)
    return [desk, _box(size, left, level - height, left + width, level - size // 50)]


def _chair(size: int, level: int, generator: Generator) -> list[Mask]:
    """Return the back of a chair: bars between two posts, or one plate."""
    width, height = (int(v) for v in size * generator.uniform((0.2, 0.2), (0.5, 0.45)))
    left = int(generator.uniform(0, 1) * size - width / 2)
    bar = max(2, size // 26)
    if generator.random() < 0.5:
        return [_box(size, left, level, left + width, level + height)]
    mask = _box(size, left, level, left + bar, size)
    mask |= _box(size, left + width - bar, level, left + width, size)
    for top in np.linspace(level, level + height, generator.integers(2, 5)).astype(int):
        mask |= _box(size, left, top, left + width, top + bar)
    return [mask]


def _plant(size: int, level: int, generator: Generator) -> Mask:
    """Return leaves that rise from one point below."""
    mask = np.zeros((size, size), np.uint8)
    root = np.array([generator.uniform(0, size), size])
    for _ in range(generator.integers(6, 18)):
        tip = np.array([root[0] + generator.normal(0, 0.2 * size), level])
        tip[1] += generator.uniform(0, 0.3) * size
        middle = tuple(int(v) for v in (root + 2 * tip) / 3)
        length = int(np.linalg.norm(tip - root) / 2.5) + 1
        angle = float(np.degrees(np.arctan2(*(tip - root)[::-1])))
        cv2.ellipse(mask, middle, (length, max(1, length // 6)), angle, 0, 360, 1, -1)
    return mask > 0
