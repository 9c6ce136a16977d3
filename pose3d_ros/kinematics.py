"""Kinematics: how a body and its joints are turned.

Every joint carries a right-handed frame. In a T-pose all frames are parallel to the body's: x
forward, y left, z up. A frame turns with the bone that begins in its joint (with the bone that
ends there, where none begins); so along that bone points y of the left arm, -y of the right arm,
-z of the legs and z of the trunk. The twist about a bone is that of the next one:

- shoulder and hip: x points to where the forearm bends, and away from where the shin bends;
- elbow and knee follow the shoulder and the hip by the smallest turn, wrist and ankle go along;
- nose and head_top: z points from the neck to the top of the head, x to the side of the nose;
- neck: z points up the spine, y to the left shoulder.

A limb that is nearly straight does not show its twist. There the frame of the image before
decides; without one, the frame that turned with the bone from the T-pose by the smallest turn.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.rotations import cross, dot, smallest_turns, turned_along, unit
from pose3d_ros.skeleton import Skeleton

__all__ = ['body_rotation', 'joint_rotations']

Array = NDArray[np.float64]

_UP, _DOWN = (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)
_LEFT, _RIGHT = (0.0, 1.0, 0.0), (0.0, -1.0, 0.0)
_BENT = 0.2  # sine of the bend that counts as much as the image before
_STRAIGHT = 1e-4  # sine of a bend below which there is no side
_CLEAR = 0.2  # below this sine a limb may be bent the wrong way a little; half as much at first
_HOMING = 0.03  # share of the way per image to the twist of the T-pose while straight
_FASTEST = np.radians(20.0)  # twist per image [rad]: 600 deg/s at 30 Hz


class _Chains(NamedTuple):
    """Bones whose twist the next one shows: arms, legs and head.

    Attributes:
        starts: Where the first bones begin.
        middles: Where they end; for the head its top.
        ends: Where the next bones end; for the head the nose.
        next_starts: Where the next bones begin.
        firsts: Which joints have the frames of the first bones.
        lasts: Which joints go along with the last frames.
        signs: 1 where x points to the bend, -1 where away from it.
        rest: Where the first bones point in a T-pose, shape (5, 3).
    """

    starts: list[int]
    middles: list[int]
    ends: list[int]
    next_starts: list[int]
    firsts: list[int]
    lasts: list[int]
    signs: Array
    rest: Array


def body_rotation(positions: Array, skeleton: Skeleton) -> Array:
    """Return how the body is turned: x forward, y left, z up along the spine.

    Args:
        positions: Joints in some frame, shape (..., J, 3) [m].
        skeleton: The joints; the root's children must be two hips and a spine.

    Returns:
        Rotation frame_from_body, shape (..., 3, 3); NaN where hips or spine are unknown or lie on
        one line.
    """
    left, right, spine = _pelvis(skeleton)
    up = positions[..., spine, :] - positions[..., skeleton.root, :]
    return _upright(up, positions[..., left, :] - positions[..., right, :])


def joint_rotations(positions: Array, skeleton: Skeleton, previous: Array | None = None) -> Array:
    """Return how the frame of each joint is turned.

    Args:
        positions: Joints in some frame, shape (..., J, 3) [m].
        skeleton: The joints.
        previous: What was returned for the image before; None if there was none.

    Returns:
        Rotations frame_from_joint, shape (..., J, 3, 3); NaN where they are not known. The root's
        is that of the body.
    """
    frame_from_body = body_rotation(positions, skeleton)
    starts, ends, rest = _bones(skeleton)
    bones = unit(positions[..., ends, :] - positions[..., starts, :])
    turned = smallest_turns(rest, bones @ frame_from_body)
    rotations: Array = frame_from_body[..., None, :, :] @ turned
    rotations[..., skeleton.root, :, :] = frame_from_body
    chains = _chains(skeleton)
    if chains is not None:
        _twist(rotations, positions, chains, previous)
        neck, spine = chains.starts[-1], skeleton.parents[chains.starts[-1]]
        across = positions[..., chains.starts[0], :] - positions[..., chains.starts[1], :]
        up = positions[..., neck, :] - positions[..., spine, :]
        upright = _upright(up, across)
        rotations[..., neck, :, :] = np.where(np.isfinite(frame_from_body), upright, np.nan)
    return rotations


def _upright(up: Array, across: Array) -> Array:
    """Return the rotations, (..., 3, 3), with z up and y as far across as is possible."""
    up = unit(up)
    to_left = _across(across, up)
    rotation = np.stack((cross(to_left, up), to_left, up), axis=-1)
    known = np.isfinite(rotation).all(axis=(-2, -1), keepdims=True)
    return np.where(known, rotation, np.nan)


def _twist(rotations: Array, positions: Array, chains: _Chains, previous: Array | None) -> None:
    """Set the frames of arms, legs and head: those given, twisted about their bones.

    Args:
        rotations: Frames turned from the T-pose by the smallest turn; changed.
        positions: The joints.
        chains: The limbs.
        previous: The frames in the image before.
    """
    firsts, lasts = chains.firsts, chains.lasts
    bones, following = _directions(positions, chains)
    x = untwisted = _across(rotations[..., 0][..., firsts, :], bones)
    seen = np.zeros(bones.shape[:-1], np.bool_)
    if previous is not None:
        before = previous[..., firsts, :, :]
        before_bones = (before @ chains.rest[:, :, None])[..., 0]
        carried = _across(turned_along(before_bones, bones, before[..., 0]), bones)
        seen = np.asarray(np.isfinite(carried).all(axis=-1))
        x = np.where(seen[..., None], carried, untwisted)
    y = cross(bones, x)
    along = dot(following, bones)
    bends = chains.signs[:, None] * (following - along[..., None] * bones)
    sines = np.sqrt(dot(bends, bends))
    sines = np.where(np.isfinite(sines), sines, 0.0)
    shown = _angles(x, y, bends)
    straight = (sines < np.where(seen, _CLEAR, _CLEAR / 2)) & (along > 0)
    shown = np.where(straight, (shown + np.pi / 2) % np.pi - np.pi / 2, shown)
    steps = shown = np.where(sines > _STRAIGHT, shown, 0.0)
    if previous is not None:
        weights = sines**2 / (sines**2 + _BENT**2)
        homing = _HOMING * (1 - weights) * _angles(x, y, untwisted)
        damped = np.clip(weights * shown + homing, -_FASTEST, _FASTEST)
        steps = np.where(seen, damped, steps)
    x = np.cos(steps)[..., None] * x + np.sin(steps)[..., None] * y
    upper = _framed(x, bones, chains.rest)
    limbs = slice(0, -1)
    turns = smallest_turns(bones[..., limbs, :], following[..., limbs, :])
    rotations[..., firsts, :, :] = upper
    for joints in (chains.middles[limbs], lasts[limbs]):
        rotations[..., joints, :, :] = turns @ upper[..., limbs, :, :]
    rotations[..., lasts[-1], :, :] = upper[..., -1, :, :]


def _directions(positions: Array, chains: _Chains) -> tuple[Array, Array]:
    """Return where the bones of the chains point, and the next ones."""
    starts, ends = chains.starts + chains.next_starts, chains.middles + chains.ends
    both = unit(positions[..., ends, :] - positions[..., starts, :])
    return both[..., : len(chains.starts), :], both[..., len(chains.starts) :, :]


def _across(vectors: Array, axes: Array) -> Array:
    """Return the directions of what vectors (..., 3) have across unit axes (..., 3)."""
    return unit(vectors - dot(vectors, axes)[..., None] * axes)


def _angles(x: Array, y: Array, vectors: Array) -> Array:
    """Return the angles of vectors from the axes x towards y [rad]."""
    return np.asarray(np.arctan2(dot(y, vectors), dot(x, vectors)))


def _framed(x: Array, bones: Array, rest: Array) -> Array:
    """Return the frames with these x axes, and bones where they point in a T-pose: y or z."""
    z_bones = bones * rest[:, 2:]
    y = np.where(rest[:, 1:2], bones * rest[:, 1:2], cross(z_bones, x))
    y = np.where(np.isfinite(x), y, np.nan)
    return np.stack((x, y, cross(x, y)), axis=-1)


@lru_cache
def _pelvis(skeleton: Skeleton) -> tuple[int, int, int]:
    """Return the left hip, the right hip and the lowest joint of the spine."""
    children = [joint for joint, parent in enumerate(skeleton.parents) if parent == skeleton.root]
    spine = next(joint for joint in children if skeleton.mirror[joint] == joint)
    left = next(joint for joint in children if skeleton.joints[joint].startswith('l'))
    return left, skeleton.mirror[left], spine


@lru_cache
def _chains(skeleton: Skeleton) -> _Chains | None:
    """Return arms, legs and head; None for a skeleton that lacks some of their joints."""
    names = [
        tuple(f'{side}_{name}' for name in (start, middle, end, middle, start, end))
        for start, middle, end in (('shoulder', 'elbow', 'wrist'), ('hip', 'knee', 'ankle'))
        for side in 'lr'
    ]
    names.append(('neck', 'head_top', 'nose', 'neck', 'head_top', 'nose'))
    if not {name for chain in names for name in chain} <= set(skeleton.joints):
        return None
    columns = [[skeleton.index(name) for name in column] for column in zip(*names, strict=True)]
    starts, middles, ends, next_starts, firsts, lasts = columns
    signs, rest = np.array((1.0, 1, -1, -1, 1)), np.array([_LEFT, _RIGHT, _DOWN, _DOWN, _UP])
    return _Chains(starts, middles, ends, next_starts, firsts, lasts, signs, rest)


@lru_cache
def _bones(skeleton: Skeleton) -> tuple[list[int], list[int], Array]:
    """Return for each joint the ends of its bone, and where it points in a T-pose, (J, 3)."""
    joints = range(len(skeleton.joints))
    ends = [
        next((c for c, parent in skeleton.bones if parent == joint), joint) for joint in joints
    ]
    starts = [skeleton.parents[end] if end == joint else joint for joint, end in enumerate(ends)]
    return starts, ends, np.array([_rest_direction(joint, skeleton) for joint in joints])


def _rest_direction(joint: int, skeleton: Skeleton) -> tuple[float, float, float]:
    """Return where the bone of a joint points in a T-pose, in the frame of the body."""
    if skeleton.mirror[joint] == joint:
        return _UP
    inner = joint
    while skeleton.mirror[skeleton.parents[inner]] != skeleton.parents[inner]:
        inner = skeleton.parents[inner]
    if skeleton.parents[inner] == skeleton.root:
        return _DOWN
    return _LEFT if skeleton.joints[joint].startswith('l') else _RIGHT
