"""Angles: what a body does, as the 20 angles of the human model, by closed form.

The frames of the joints (`pose3d_ros.kinematics`) say where limbs that are nearly straight are
bent to, so that nothing flips there. Near a hanging arm yaw and roll of the shoulder turn about
the same axis and only their sum is known; of the two solutions that every arm has, the one nearer
to the image before is taken unless it is far less natural.
"""

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.human_model import ANGLES, LIMITS
from pose3d_ros.kinematics import unit
from pose3d_ros.skeleton import H36M_17

__all__ = ['HEAD_TILT', 'angles_of']

Array = NDArray[np.float64]

HEAD_TILT = np.radians(11.0)
"""How far the top of the head is before the neck when an upright person looks ahead [rad]."""

_CLEAR = 0.35  # sine of a bend below which the joint's frame decides to which side it is
_STRAIGHT = 1e-4  # sine of a bend below which there is no side
_ALIGNED = 5e-4  # sine of an arm's elevation below which it has no azimuth
_UNNATURAL = 0.7  # beyond its limits by so much more, a solution is given up [rad]
_MIRROR = np.diag((1.0, -1.0, 1.0))
_SIDES = np.stack((np.eye(3), _MIRROR))  # makes a left limb of each
_SHOULDER = ('y_shoulder', 'p_shoulder', 'r_shoulder')


def angles_of(positions: Array, rotations: Array, previous: Array | None = None) -> Array:
    """Return the angles of the human model.

    Args:
        positions: The 17 joints in some frame, shape (..., 17, 3) [m].
        rotations: How their frames are turned, shape (..., 17, 3, 3): `joint_rotations`.
        previous: The angles in the image before, shape (..., 20); None if there was none.

    Returns:
        In the order of `ANGLES`, shape (..., 20) [rad]; NaN where they are not known.
    """
    root, neck, top, nose = (H36M_17.index(n) for n in ('pelvis', 'neck', 'head_top', 'nose'))
    body = rotations[..., root, :, :]
    spine = _in_frame(body, positions[..., neck, :] - positions[..., root, :])
    waist = np.arctan2(spine[..., 0], spine[..., 2])
    torso = body @ _about_y(waist)
    found = np.empty((*waist.shape, len(ANGLES)))
    found[..., ANGLES.index('waist')] = waist
    up = positions[..., top, :] - positions[..., neck, :]
    ahead = positions[..., nose, :] - positions[..., neck, :]
    head = _frame(up, ahead, rotations[..., top, :, 0], signs=np.array(1.0), clear=0.0)[0]
    tilted = head @ _about_y(np.full_like(waist, -HEAD_TILT))
    for name, value in zip(
        ('r_head', 'y_head', 'p_head'), _xzy(_transposed(torso) @ tilted), strict=True
    ):
        found[..., ANGLES.index(name)] = value
    _add_arms(found, positions, rotations, torso, previous)
    _add_legs(found, positions, rotations, body)
    return found


def _add_arms(
    found: Array, positions: Array, rotations: Array, torso: Array, previous: Array | None
) -> None:
    bones, following, x = _limb(positions, rotations, ('shoulder', 'elbow', 'wrist'))
    links, elbow = _frame(-bones, following, x, signs=np.array(1.0), clear=_CLEAR)
    local = _SIDES @ _transposed(torso)[..., None, :, :] @ links @ _SIDES
    before = None if previous is None else previous[..., _columns(*_SHOULDER)]
    found[..., _columns(*_SHOULDER)] = _shoulder(local, before)
    found[..., _columns('elbow')[:, 0]] = elbow


def _add_legs(found: Array, positions: Array, rotations: Array, body: Array) -> None:
    bones, following, x = _limb(positions, rotations, ('hip', 'knee', 'ankle'))
    links, knee = _frame(-bones, following, x, signs=np.array(-1.0), clear=_CLEAR)
    local = _SIDES @ _transposed(body)[..., None, :, :] @ links @ _SIDES
    yaw = np.arctan2(-local[..., 0, 1], local[..., 1, 1])
    pitch = np.arcsin(np.clip(local[..., 2, 1], -1, 1))
    roll = np.arctan2(-local[..., 2, 0], local[..., 2, 2])
    both = np.array((-1.0, 1.0))  # the yaw of the hips has the same axis on both sides
    found[..., _columns('y_hip', 'p_hip', 'r_hip')] = np.stack((both * yaw, pitch, -roll), axis=-1)
    found[..., _columns('knee')[:, 0]] = knee


def _columns(*names: str) -> NDArray[np.int64]:
    """Return where the angles of the left and the right side are, shape (2, N)."""
    return np.array([[ANGLES.index(f'{side}_{name}') for name in names] for side in 'lr'])


def _limb(
    positions: Array, rotations: Array, names: tuple[str, str, str]
) -> tuple[Array, Array, Array]:
    """Return for the left and the right limb both bones, and the x axis of the first frame."""
    starts, middles, ends = ([H36M_17.index(f'{s}_{name}') for s in 'lr'] for name in names)
    bones = positions[..., middles, :] - positions[..., starts, :]
    following = positions[..., ends, :] - positions[..., middles, :]
    return bones, following, rotations[..., 0][..., starts, :]


def _frame(
    up: Array, towards: Array, x: Array, *, signs: Array, clear: float
) -> tuple[Array, Array]:
    """Return how a link is turned, and by which angle the next one is bent towards x.

    Args:
        up: The z axis, not normalised, shape (..., 3).
        towards: Where the next bone points, shape (..., 3).
        x: About where the x axis points, shape (..., 3); decides while nearly straight.
        signs: 1 where the next bone bends to x, -1 where away from it.
        clear: The sine of a bend from which on `x` does not matter.

    Returns:
        Rotations, (..., 3, 3), and angles, (...) [rad].
    """
    up, towards = unit(up), unit(towards)
    down = -np.sum(towards * up, axis=-1)
    bend = towards + down[..., None] * up
    sines = np.linalg.norm(bend, axis=-1)
    guess = np.where(np.sum(bend * x, axis=-1) < 0, -1.0, 1.0)
    nearly = (sines < clear) & (down > 0)
    side = np.where(nearly, guess, signs)
    rough = np.where((sines < _STRAIGHT)[..., None], x, side[..., None] * bend)
    axis = unit(rough - np.sum(rough * up, axis=-1, keepdims=True) * up)
    frame = np.stack((axis, np.cross(up, axis), up), axis=-1)
    return frame, np.arctan2(np.sum(towards * axis, axis=-1), down)


def _shoulder(local: Array, previous: Array | None) -> Array:
    """Return yaw, pitch and roll of arms: local = Rz(-yaw) Rx(pitch) Rz(roll), shape (..., 3)."""
    pitch = np.arctan2(np.hypot(local[..., 0, 2], local[..., 1, 2]), local[..., 2, 2])
    before = np.zeros((*pitch.shape, 3)) if previous is None else np.nan_to_num(previous)
    azimuth = np.arctan2(local[..., 0, 2], -local[..., 1, 2])
    azimuth = np.where(np.sin(pitch) < _ALIGNED, -before[..., 0], azimuth)
    cos_a, sin_a = np.cos(azimuth), np.sin(azimuth)
    cos_r = cos_a * local[..., 0, 0] + sin_a * local[..., 1, 0]
    across = cos_a * local[..., 1, 0] - sin_a * local[..., 0, 0]
    sin_r = np.cos(pitch) * across + np.sin(pitch) * local[..., 2, 0]
    one = np.stack((-azimuth, pitch, np.arctan2(sin_r, cos_r)), axis=-1)
    other = _wrapped(one * (1, -1, 1) + (np.pi, 0, np.pi))
    limits = np.array([LIMITS[f'l_{name}'] for name in _SHOULDER])
    worse = _beyond(other, limits) - _beyond(one, limits)
    if previous is None:
        return np.where((worse < 0)[..., None], other, one)
    change = [np.abs(_wrapped(each - before)).sum(axis=-1) for each in (one, other)]
    farther = np.where(np.abs(worse) > _UNNATURAL, worse, change[1] - change[0])
    return np.where((farther < 0)[..., None], other, one)


def _beyond(angles: Array, limits: Array) -> Array:
    """Return by how much angles exceed limits, in sum (...) [rad]."""
    excess = np.maximum(limits[:, 0] - angles, 0) + np.maximum(angles - limits[:, 1], 0)
    return np.asarray(excess.sum(axis=-1))


def _xzy(local: Array) -> tuple[Array, Array, Array]:
    """Return roll, yaw and pitch of the head: local = Rx(roll) Rz(yaw) Ry(-pitch) [rad]."""
    yaw = np.arcsin(np.clip(-local[..., 0, 1], -1, 1))
    roll = np.arctan2(local[..., 2, 1], local[..., 1, 1])
    return roll, yaw, -np.arctan2(local[..., 0, 2], local[..., 0, 0])


def _about_y(angles: Array) -> Array:
    cos, sin, zero = np.cos(angles), np.sin(angles), np.zeros_like(angles)
    rows = ((cos, zero, sin), (zero, zero + 1, zero), (-sin, zero, cos))
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def _in_frame(rotation: Array, vector: Array) -> Array:
    return np.asarray(np.einsum('...ij,...i->...j', rotation, vector))


def _transposed(rotations: Array) -> Array:
    return rotations.swapaxes(-1, -2)


def _wrapped(angles: Array) -> Array:
    return np.asarray((angles + np.pi) % (2 * np.pi) - np.pi)
