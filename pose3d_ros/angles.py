"""Angles: what a body does, as the 20 angles of the human model, by closed form.

The frames of the joints (`pose3d_ros.kinematics`) are turned into the links of the model. Each
shoulder, each hip and the head is a ball joint of three angles in a row. Where its first and its
third axis are nearly one (a hanging arm: yaw and roll of the shoulder), only the sum of both is
seen. There the first angle follows what is measured the more slowly the less it can be seen, and
the other two are the best ones for it, so that the sum stays right.

Of the two triples that turn a ball joint alike, the one nearer to the image before is taken unless
it is far less natural.
"""

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.human_model import ANGLES, LIMITS, LINKS
from pose3d_ros.rotations import cross, dot, transposed, turns_about, unit
from pose3d_ros.skeleton import H36M_17

__all__ = ['HEAD_TILT', 'angles_of']

Array = NDArray[np.float64]

HEAD_TILT = np.radians(11.0)
"""How far the top of the head is before the neck when an upright person looks ahead [rad]."""

_ALIGNED = 0.15  # sine between first and third axis at which the first angle follows half way
_SINGULAR = 5e-4  # sine below which the first angle is not seen at all
_FASTEST = np.radians(25.0)  # first angle per image
_UNNATURAL = 1.2  # beyond its limits by so much more, a triple is given up [rad]

_ROOT, _NECK = H36M_17.index('pelvis'), H36M_17.index('neck')
_UP = np.array((0.0, 0.0, 1.0))
_FORWARD = np.array((0.0, 1.0, 0.0))  # about y, z turns forward

_BALLS = (
    ('r_head', 'y_head', 'p_head'),
    *(tuple(f'{s}_{kind}_shoulder' for kind in 'ypr') for s in 'lr'),
    *(tuple(f'{s}_{kind}_hip' for kind in 'ypr') for s in 'lr'),
)
_TRIPLES = np.array([[ANGLES.index(name) for name in ball] for ball in _BALLS])
_HINGES = [ANGLES.index(f'{side}_{name}') for name in ('elbow', 'knee') for side in 'lr']
_TWISTS = np.concatenate((_TRIPLES[1:3, [2, 2, 2]], _TRIPLES[3:]))  # what the hinges show
_WAIST = ANGLES.index('waist')
_BALL_LIMITS = np.array([[LIMITS[name] for name in ball] for ball in _BALLS])
_AXES = np.array(
    [[next(link.axis for link in LINKS if link.angle == name) for name in ball] for ball in _BALLS]
).astype(np.float64)
_FIRST, _SECOND, _THIRD = _AXES.swapaxes(0, 1)
_FIRST_SECOND, _SECOND_THIRD = cross(_FIRST, _SECOND), cross(_SECOND, _THIRD)
_OTHER = np.full((5, 3), np.pi)  # of two triples that turn alike: where second angles mirror
_OTHER[:, 1] *= 1 - np.abs(dot(_FIRST, _THIRD))
_THIRD_CROSS = transposed(cross(_THIRD[:, None, :], np.eye(3)))
_ACROSS_THIRD = np.eye(3) - _THIRD[:, :, None] * _THIRD[:, None, :]

_JOINTS = [H36M_17.index(n) for n in ('head_top', 'l_shoulder', 'r_shoulder', 'l_hip', 'r_hip')]
_LINKS = turns_about(
    np.array([(0, 1, 0), (1, 0, 0), (1, 0, 0), (1, 0, 0), (1, 0, 0)], np.float64),
    np.array((-HEAD_TILT, np.pi / 2, -np.pi / 2, 0, 0)),
)
"""joint_from_link: the arms of a T-pose hang when all angles are zero."""
_MIDDLES = [H36M_17.index(f'{side}_{name}') for name in ('elbow', 'knee') for side in 'lr']
_ENDS = [H36M_17.index(f'{side}_{name}') for name in ('wrist', 'ankle') for side in 'lr']


def angles_of(positions: Array, rotations: Array, previous: Array | None = None) -> Array:
    """Return the angles of the human model.

    Args:
        positions: The 17 joints in some frame, shape (..., 17, 3) [m].
        rotations: How their frames are turned, shape (..., 17, 3, 3): `joint_rotations`.
        previous: The angles in the image before, shape (..., 20); None if there was none.

    Returns:
        In the order of `ANGLES`, shape (..., 20) [rad]; NaN where they are not known.
    """
    body = rotations[..., _ROOT, :, :]
    spine = positions[..., _NECK, :] - positions[..., _ROOT, :]
    waist = np.arctan2(dot(spine, body[..., 0]), dot(spine, body[..., 2]))
    torso = body @ turns_about(_FORWARD, waist)
    parents = np.stack((torso, torso, torso, body, body), axis=-3)
    links = rotations[..., _JOINTS, :, :] @ _LINKS
    before = None if previous is None else previous[..., _TRIPLES]
    found = np.empty((*waist.shape, len(ANGLES)))
    found[..., _WAIST] = waist
    found[..., _TRIPLES] = _ball_angles(transposed(parents) @ links, before)
    limbs = links[..., 1:, :, :]
    bones = unit(positions[..., _ENDS, :] - positions[..., _MIDDLES, :])
    found[..., _HINGES] = np.arctan2(dot(bones, limbs[..., 0]), -dot(bones, limbs[..., 2]))
    twistless = np.isnan(found[..., _HINGES])
    found[..., _TWISTS] = np.where(twistless[..., None], np.nan, found[..., _TWISTS])
    return found


def _ball_angles(turns: Array, before: Array | None) -> Array:
    """Return the three angles of each ball joint, shape (..., 5, 3) [rad].

    Rotations about the axes k1, k2, k3 in a row take k3 into the plane across k2, turned about k1:
    there the first angle is seen.

    Args:
        turns: parent_from_link, shape (..., 5, 3, 3).
        before: The angles in the image before, shape (..., 5, 3).
    """
    third = np.einsum('...ij,...j->...i', turns, _THIRD)
    across, along = -dot(third, _SECOND), dot(third, _FIRST_SECOND)
    sines = np.hypot(across, along)
    first = np.where(sines < _SINGULAR, 0.0, np.arctan2(across, along))
    seen = np.zeros(first.shape, np.bool_)
    if before is not None:
        seen = np.isfinite(before[..., 0])
        step = (first - before[..., 0] + np.pi / 2) % np.pi - np.pi / 2
        weight = np.where(sines < _SINGULAR, 0.0, sines**2 / (sines**2 + _ALIGNED**2))
        damped = before[..., 0] + np.clip(weight * step, -_FASTEST, _FASTEST)
        first = np.where(seen, damped, first)
    near = _wrapped(_completed(turns, first))
    far = _wrapped(_OTHER - near * (-1, 1, -1))
    worse = _excess(far) - _excess(near)
    return np.where((worse < np.where(seen, -_UNNATURAL, 0.0))[..., None], far, near)


def _completed(turns: Array, first: Array) -> Array:
    """Return all three angles, the second and the third the best for the first, (..., 5, 3)."""
    rest = transposed(turns_about(_FIRST, first)) @ turns
    third = np.einsum('...ij,...j->...i', rest, _THIRD)
    second = np.arctan2(dot(third, _SECOND_THIRD), dot(third, _THIRD))
    rest = transposed(turns_about(_SECOND, second)) @ rest
    last = np.arctan2(
        np.einsum('...ij,...ij->...', rest, _THIRD_CROSS),
        np.einsum('...ij,...ij->...', rest, _ACROSS_THIRD),
    )
    return np.stack((first, second, last), axis=-1)


def _excess(angles: Array) -> Array:
    """Return by how much angles exceed limits, in sum, shape (..., 5) [rad]."""
    low, high = _BALL_LIMITS[..., 0], _BALL_LIMITS[..., 1]
    excess = np.maximum(low - angles, 0) + np.maximum(angles - high, 0)
    return np.asarray(excess.sum(axis=-1))


def _wrapped(angles: Array) -> Array:
    return np.asarray((angles + np.pi) % (2 * np.pi) - np.pi)
