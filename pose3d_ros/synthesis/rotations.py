"""Rotation matrices from axes, angles and directions."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]

X_AXIS, Y_AXIS, Z_AXIS = np.eye(3)
MIRROR = np.diag([-1.0, 1.0, 1.0])  # swaps left (+x) and right (-x)


def about(axis: ArrayLike, degrees: float) -> Matrix:
    """Return the rotation about an axis (Rodrigues' formula), shape (3, 3)."""
    axis = np.asarray(axis, float)
    x, y, z = axis / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = math.radians(degrees)
    return np.asarray(np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross)


def shortest(start: ArrayLike, end: ArrayLike) -> Matrix:
    """Return the smallest rotation that takes one unit direction to another, shape (3, 3)."""
    axis = np.cross(np.asarray(start, float), np.asarray(end, float))
    sine = float(np.linalg.norm(axis))
    if sine < 1e-9:
        return np.eye(3)
    return about(axis, math.degrees(math.atan2(sine, float(np.dot(start, end)))))


def frame(direction: ArrayLike, hinge: ArrayLike) -> Matrix:
    """Return the rotation whose columns are a direction, its hinge and their cross product."""
    first = np.asarray(direction, float) / np.linalg.norm(direction)
    second = np.asarray(hinge, float) - np.dot(hinge, first) * first
    second /= np.linalg.norm(second)
    return np.stack([first, second, np.cross(first, second)], 1)


def mirrored(rotation: Matrix) -> Matrix:
    """Return the rotation seen in a mirror that swaps left and right."""
    return np.asarray(MIRROR @ rotation @ MIRROR)


def slerp(start: Matrix, end: Matrix, fraction: float) -> Matrix:
    """Return the rotation a fraction of the way along the shortest arc."""
    delta = start.T @ end
    cosine = np.clip((np.trace(delta) - 1) / 2, -1, 1)
    angle = math.degrees(math.acos(cosine))
    axis = np.array(
        [delta[2, 1] - delta[1, 2], delta[0, 2] - delta[2, 0], delta[1, 0] - delta[0, 1]]
    )
    if np.linalg.norm(axis) < 1e-9:
        return end if fraction > 0.5 else start
    return start @ about(axis, angle * fraction)
