"""The human model of REP-155: links, the 20 angles between them, and forward kinematics.

The names, the axes and the order of the links are those of the ROS4HRI human description. With all
angles at zero a person stands upright with hanging arms, and all links are parallel to the body's:
x forward, y left, z up. Arms and legs point along -z of their links.

A body has its own measures: for each of the 17 joints the place in the link that carries it.
The trunk of the model is simpler than a person's: it bends forward and back (waist), but does
not lean to a side, twist or shrug. So a measured body differs from the model; by how much,
`residual` tells.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.rotations import transposed, turns_about
from pose3d_ros.skeleton import H36M_17, Skeleton

__all__ = [
    'ANGLES',
    'LIMITS',
    'LINKS',
    'Link',
    'forward',
    'is_human',
    'joints_of',
    'link_of_joint',
    'measures_of',
    'mirrored_angles',
    'origins_of',
    'residual',
    'rotations_of',
]

Array = NDArray[np.float64]


class Link(NamedTuple):
    """A link of the model, and how it hangs on its parent.

    Attributes:
        name: Name without the suffix of the person.
        parent: Name of the link that it hangs on; empty for the body.
        angle: Name of the angle between them; empty where the link is fixed.
        axis: What the angle turns about, in the frame of the link.
        joint: The joint that is the link's origin; empty where it is that of the parent.
    """

    name: str
    parent: str
    angle: str = ''
    axis: tuple[int, int, int] = (0, 0, 0)
    joint: str = ''


def _limbs(side: str, sign: int) -> tuple[Link, ...]:
    """Return the links of an arm and a leg."""
    return (
        Link(
            f'{side}_y_shoulder', 'torso', f'{side}_y_shoulder', (0, 0, -sign), f'{side}_shoulder'
        ),
        Link(f'{side}_p_shoulder', f'{side}_y_shoulder', f'{side}_p_shoulder', (sign, 0, 0)),
        Link(f'{side}_shoulder', f'{side}_p_shoulder', f'{side}_r_shoulder', (0, 0, sign)),
        Link(f'{side}_elbow', f'{side}_shoulder', f'{side}_elbow', (0, -1, 0), f'{side}_elbow'),
        Link(f'{side}_wrist', f'{side}_elbow', joint=f'{side}_wrist'),
        Link(f'{side}_y_hip', 'body', f'{side}_y_hip', (0, 0, -1), f'{side}_hip'),
        Link(f'{side}_p_hip', f'{side}_y_hip', f'{side}_p_hip', (sign, 0, 0)),
        Link(f'{side}_hip', f'{side}_p_hip', f'{side}_r_hip', (0, -1, 0)),
        Link(f'{side}_knee', f'{side}_hip', f'{side}_knee', (0, -1, 0), f'{side}_knee'),
        Link(f'{side}_ankle', f'{side}_knee', joint=f'{side}_ankle'),
    )


LINKS = (
    Link('body', '', joint='pelvis'),
    Link('spine', 'body', joint='spine'),
    Link('waist', 'body', 'waist', (0, 1, 0)),
    Link('torso', 'waist', joint='neck'),
    Link('r_head', 'torso', 'r_head', (1, 0, 0)),
    Link('y_head', 'r_head', 'y_head', (0, 0, 1)),
    Link('p_head', 'y_head', 'p_head', (0, -1, 0)),
    Link('head', 'p_head', joint='nose'),
    Link('head_top', 'p_head', joint='head_top'),
    *_limbs('l', 1),
    *_limbs('r', -1),
)
"""All links; parents come before their children. The standard's, and `spine` and `head_top`."""

ANGLES = tuple(link.angle for link in LINKS if link.angle)
"""The names of the 20 angles, without the suffix of the person: the order of every array."""

_SIDELESS_LIMITS = {
    'waist': (-0.6, 2.0),
    'r_head': (-1.0, 1.0),
    'y_head': (-1.4, 1.4),
    'p_head': (-1.5, 1.5),
    'y_shoulder': (-1.1, 1.9),
    'p_shoulder': (-0.4, 3.3),
    'r_shoulder': (-1.7, 1.5),
    'elbow': (-0.35, 2.7),
    'y_hip': (-0.9, 0.9),
    'p_hip': (-0.7, 1.5),
    'r_hip': (-1.0, 2.6),
    'knee': (-2.8, 0.35),
}
LIMITS = {
    angle: next(v for k, v in _SIDELESS_LIMITS.items() if angle in (k, f'l_{k}', f'r_{k}'))
    for angle in ANGLES
}
"""Where angles usually lie [rad]; no angle is ever clipped to them. Wider than the stock model's,
which lets nobody sit."""

_JOINTS = H36M_17.joints
_INDEX = {name: index for index, name in enumerate(_JOINTS)}
_LINK_INDEX = {link.name: index for index, link in enumerate(LINKS)}
_MOVED = [index for index, link in enumerate(LINKS) if link.angle]
_AXES = np.array([LINKS[index].axis for index in _MOVED], dtype=np.float64)
_BONES = [_INDEX[name] for name in _JOINTS if name[2:] in ('elbow', 'wrist', 'knee', 'ankle')]
_DOWN = np.array((0.0, 0.0, -1.0))


def _joint_at(link: Link) -> str:
    """Return the joint that is the origin of a link."""
    return link.joint or _joint_at(LINKS[_LINK_INDEX[link.parent]])


def _levels() -> list[tuple[list[int], list[int]]]:
    """Return the links and their parents, first those that hang on the body, and so on."""
    levels, above = [], [0]
    while above:
        links = [i for i, link in enumerate(LINKS) if _LINK_INDEX.get(link.parent) in above]
        levels.append((links, [_LINK_INDEX[LINKS[i].parent] for i in links]))
        above = links
    return levels[:-1]


_LEVELS = _levels()
_ORIGINS = [_INDEX[_joint_at(link)] for link in LINKS]
_BASES = [  # of each joint: the link in whose frame its measure is
    next((_LINK_INDEX[link.parent] for link in LINKS[1:] if link.joint == joint), 0)
    for joint in _JOINTS
]
_STARTS = [_ORIGINS[base] for base in _BASES]  # of each joint: the joint that its measure is from


def _chains() -> Array:
    """Return which measures add up to the place of each joint, shape (17, 17), 0 or 1."""
    chains = np.zeros((len(_JOINTS), len(_JOINTS)))
    for joint in range(len(_JOINTS)):
        each = joint
        while each != _STARTS[each]:
            chains[joint, each] = 1
            each = _STARTS[each]
    return chains


_CHAINS = _chains()


def is_human(skeleton: Skeleton) -> bool:
    """Return whether the model fits a skeleton: its joints are those of Human3.6M, in order."""
    return skeleton.joints == _JOINTS


def link_of_joint(joint: str) -> str:
    """Return the name of the link whose origin is this joint, in a pose of the model."""
    own = [link.name for link in LINKS if link.joint == joint]
    return joint if joint in _LINK_INDEX else own[0]


def rotations_of(angles: Array) -> Array:
    """Return how all links are turned against the body, shape (..., L, 3, 3).

    Args:
        angles: Shape (..., 20) [rad].
    """
    rotations = np.empty((*angles.shape[:-1], len(LINKS), 3, 3))
    rotations[:] = np.eye(3)
    rotations[..., _MOVED, :, :] = turns_about(_AXES, angles)
    for links, parents in _LEVELS:
        rotations[..., links, :, :] = rotations[..., parents, :, :] @ rotations[..., links, :, :]
    return rotations


def joints_of(rotations: Array, measures: Array) -> Array:
    """Return where the 17 joints are in the body's frame, shape (..., 17, 3) [m].

    Args:
        rotations: How the links are turned, shape (..., L, 3, 3).
        measures: Shape (..., 17, 3) [m]; see `measures_of`.
    """
    offsets = (rotations[..., _BASES, :, :] @ measures[..., None])[..., 0]
    unknown = np.isnan(offsets)
    if not unknown.any():
        return np.asarray(_CHAINS @ offsets)
    joints = _CHAINS @ np.where(unknown, 0.0, offsets)
    return np.where(_CHAINS @ unknown > 0, np.nan, joints)


def origins_of(joints: Array) -> Array:
    """Return where the links begin, shape (..., L, 3) [m], of joints (..., 17, 3)."""
    return np.asarray(joints[..., _ORIGINS, :])


def forward(angles: Array, measures: Array) -> Array:
    """Return where the 17 joints are in the body's frame, shape (..., 17, 3) [m].

    Args:
        angles: Shape (..., 20) [rad].
        measures: Shape (..., 17, 3) [m]; see `measures_of`.
    """
    return joints_of(rotations_of(angles), measures)


def measures_of(joints: Array, rotations: Array) -> Array:
    """Return the measures with which the links, turned like this, come nearest to these joints.

    Bones of arms and legs lie along -z of their links: all of their measure is the length.

    Args:
        joints: In the body's frame, shape (..., 17, 3) [m].
        rotations: How the links are turned, shape (..., L, 3, 3).

    Returns:
        For each joint its place in the link that its own hangs on, shape (..., 17, 3) [m].
    """
    offsets = joints - joints[..., _STARTS, :]
    measures = (transposed(rotations[..., _BASES, :, :]) @ offsets[..., None])[..., 0]
    lengths = np.linalg.norm(offsets[..., _BONES, :], axis=-1)
    measures[..., _BONES, :] = lengths[..., None] * _DOWN
    return np.asarray(measures)


def residual(joints: Array, rotations: Array, measures: Array) -> Array:
    """Return how far the model is from the joints of a body on average, shape (...) [m].

    Args:
        joints: In the body's frame, shape (..., 17, 3) [m].
        rotations: How the links are turned, shape (..., L, 3, 3).
        measures: Of this person, shape (..., 17, 3) [m].
    """
    errors = np.linalg.norm(joints_of(rotations, measures) - joints, axis=-1)
    known = np.isfinite(errors)
    mean = np.where(known, errors, 0.0).sum(axis=-1) / np.maximum(known.sum(axis=-1), 1)
    return np.where(known.any(axis=-1), mean, np.nan)


def mirrored_angles(angles: Array) -> Array:
    """Return the angles of the pose seen in a mirror that swaps left and right, (..., 20).

    Left and right change places; angles about axes that a mirror turns round change their sign:
    roll and yaw of the head, and the yaw of the hips, which in the standard has the same axis on
    both sides.
    """
    twins = [ANGLES.index(_twin(name)) for name in ANGLES]
    odd = ('r_head', 'y_head', 'l_y_hip', 'r_y_hip')
    signs = np.array([-1.0 if name in odd else 1.0 for name in ANGLES])
    return signs * angles[..., twins]


def _twin(name: str) -> str:
    if name.endswith('_head') or name == 'waist':
        return name
    return ('r' if name[0] == 'l' else 'l') + name[1:]
