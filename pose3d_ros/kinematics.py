"""Kinematics: how a body and its joints are turned.

Every joint carries a frame. In a T-pose all frames are parallel to the body's: x forward, y left,
z up. A frame turns with the bone that begins in its joint (with the bone that ends there, where
none begins): by the smallest turn from where the bone points in a T-pose to where it points now.
So frames move smoothly with the body; only the twist about the bone, which joint positions do not
show, is not in them. The turn is not unique for a bone that points opposite to its T-pose.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.skeleton import Skeleton

__all__ = ['body_rotation', 'joint_rotations']

Array = NDArray[np.float64]

_UP, _DOWN = (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)
_LEFT, _RIGHT = (0.0, 1.0, 0.0), (0.0, -1.0, 0.0)
_SHORTEST = 1e-6  # bones below this length have no direction [m]
_PARALLEL = 1e-9  # 1 + cosine below which two directions count as opposite


def body_rotation(positions: Array, skeleton: Skeleton) -> Array:
    """Return how the body is turned: x forward, y left, z up along the spine.

    Args:
        positions: Joints in some frame, shape (J, 3) [m].
        skeleton: The joints; the root's children must be two hips and a spine.

    Returns:
        Rotation frame_from_body, shape (3, 3); NaN where hips or spine are unknown or lie on one
        line.
    """
    root = skeleton.root
    left, right, spine = _pelvis(skeleton)
    up = _unit(positions[spine] - positions[root])
    across = positions[left] - positions[right]
    to_left = _unit(across - (across @ up) * up)
    rotation = np.stack((np.cross(to_left, up), to_left, up), axis=-1)
    return rotation if np.isfinite(rotation).all() else np.full((3, 3), np.nan)


def joint_rotations(positions: Array, skeleton: Skeleton) -> Array:
    """Return how the frame of each joint is turned.

    Args:
        positions: Joints in some frame, shape (J, 3) [m].
        skeleton: The joints.

    Returns:
        Rotations frame_from_joint, shape (J, 3, 3); NaN where they are not known. The root's is
        that of the body.
    """
    frame_from_body = body_rotation(positions, skeleton)
    starts, ends, rest = _bones(skeleton)
    bones = _unit(positions[ends] - positions[starts]) @ frame_from_body
    rotations = np.asarray(frame_from_body @ _smallest_turns(rest, bones))
    rotations[skeleton.root] = frame_from_body
    return rotations


def _pelvis(skeleton: Skeleton) -> tuple[int, int, int]:
    """Return the left hip, the right hip and the lowest joint of the spine."""
    children = [joint for joint, parent in enumerate(skeleton.parents) if parent == skeleton.root]
    spine = next(joint for joint in children if skeleton.mirror[joint] == joint)
    left = next(joint for joint in children if skeleton.joints[joint].startswith('l'))
    return left, skeleton.mirror[left], spine


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


def _smallest_turns(starts: Array, ends: Array) -> Array:
    """Return the rotations that take directions to others on the shortest way.

    Rodrigues' formula about v = start x end: R = I + [v] + [v]^2 / (1 + cos).

    Args:
        starts: Unit vectors along the axes of the frame, shape (J, 3).
        ends: Unit vectors, shape (J, 3).

    Returns:
        Rotations, shape (J, 3, 3).
    """
    cosines = np.sum(starts * ends, axis=-1)[:, None, None]
    across = np.cross(starts, ends)
    cross = np.cross(np.eye(3), across[:, None])  # the matrices [v]
    opposite = np.roll(starts, 1, axis=-1)  # half a turn about any axis across will do
    half_turns = 2 * opposite[:, :, None] * opposite[:, None] - np.eye(3)
    turns = np.eye(3) + cross + cross @ cross / np.maximum(1 + cosines, _PARALLEL)
    return np.where(cosines < _PARALLEL - 1, half_turns, turns)


def _unit(vectors: Array) -> Array:
    """Return the vectors (..., 3) with a length of 1, NaN where they have none."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > _SHORTEST, lengths, np.nan))
