"""Rotations: turns about axes and between directions, for many at once.

For arrays as small as one person's, `numpy.cross` takes six times as long as the arithmetic.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ['cross', 'dot', 'smallest_turns', 'transposed', 'turned_along', 'turns_about', 'unit']

Array = NDArray[np.float64]

_SHORTEST = 1e-6  # vectors below this length have no direction [m]
_PARALLEL = 1e-9  # 1 + cosine below which two directions count as opposite
_EYE = np.eye(3)
_NEXT, _LAST = np.array((1, 2, 0)), np.array((2, 0, 1))


def cross(left: Array, right: Array) -> Array:
    """Return the vector product of vectors (..., 3)."""
    return np.asarray(
        left.take(_NEXT, -1) * right.take(_LAST, -1) - left.take(_LAST, -1) * right.take(_NEXT, -1)
    )


def dot(left: Array, right: Array) -> Array:
    """Return the scalar product of vectors (..., 3), shape (...)."""
    return np.asarray(np.einsum('...i,...i->...', left, right))


def unit(vectors: Array) -> Array:
    """Return the vectors (..., 3) with a length of 1, NaN where they have none."""
    lengths = np.sqrt(dot(vectors, vectors))[..., None]
    return np.asarray(vectors / np.where(lengths > _SHORTEST, lengths, np.nan))


def transposed(rotations: Array) -> Array:
    """Return the inverse turns, shape (..., 3, 3)."""
    return rotations.swapaxes(-1, -2)


def turns_about(axes: Array, angles: Array) -> Array:
    """Return the rotations about axes, by Rodrigues' formula R = I + sin [v] + (1 - cos) [v]^2.

    Args:
        axes: Unit vectors, shape (..., 3).
        angles: Shape (...) [rad].

    Returns:
        Shape (..., 3, 3).
    """
    matrices = _cross_matrices(axes)
    sines, versines = np.sin(angles)[..., None, None], 1 - np.cos(angles)[..., None, None]
    return np.asarray(_EYE + sines * matrices + versines * (matrices @ matrices))


def smallest_turns(starts: Array, ends: Array) -> Array:
    """Return the rotations that take directions to others on the shortest way.

    Rodrigues' formula about v = start x end: R = I + [v] + [v]^2 / (1 + cos). Opposite
    directions need half a turn, about any axis across them.

    Args:
        starts: Unit vectors, shape (..., 3).
        ends: Unit vectors, shape (..., 3).

    Returns:
        Shape (..., 3, 3).
    """
    cosines = dot(starts, ends)[..., None, None]
    matrices = _cross_matrices(cross(starts, ends))
    turns = _EYE + matrices + matrices @ matrices / np.maximum(1 + cosines, _PARALLEL)
    opposite = cosines < _PARALLEL - 1
    if not opposite.any():
        return np.asarray(turns)
    least = _EYE[np.abs(np.nan_to_num(starts)).argmin(axis=-1)]
    axes = unit(cross(starts, least))
    return np.where(opposite, 2 * axes[..., :, None] * axes[..., None, :] - _EYE, turns)


def turned_along(starts: Array, ends: Array, vectors: Array) -> Array:
    """Return vectors turned by `smallest_turns`: w - (b w) / (1 + a b) (a + b), for w across a.

    Args:
        starts: Unit vectors a, shape (..., 3).
        ends: Unit vectors b, shape (..., 3); not opposite.
        vectors: At right angles to the starts, shape (..., 3).
    """
    both = starts + ends
    share = dot(ends, vectors) / np.maximum(dot(ends, both), _PARALLEL)
    return np.asarray(vectors - share[..., None] * both)


def _cross_matrices(vectors: Array) -> Array:
    """Return the matrices [v], with [v] w = v x w, of vectors (..., 3)."""
    return transposed(cross(vectors[..., None, :], _EYE))
