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

from pose3d_ros.skeleton import H36M_17, Skeleton

__all__ = [
    'ANGLES',
    'LIMITS',
    'LINKS',
    'Link',
    'forward',
    'is_human',
    'link_of_joint',
    'links_of',
    'measures_of',
    'mirrored_angles',
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
_CROSS = np.cross(np.eye(3), _AXES[:, None])  # the matrices [v]
_BASES = {
    link.joint: 'p_head' if link.parent == 'p_head' else link.parent
    for link in LINKS
    if link.joint
}
_BONES = [name for name in _JOINTS if name[2:] in ('elbow', 'wrist', 'knee', 'ankle')]


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
    sines, versines = np.sin(angles)[..., None, None], 1 - np.cos(angles)[..., None, None]
    turns = np.eye(3) + sines * _CROSS + versines * (_CROSS @ _CROSS)
    rotations = np.empty((*angles.shape[:-1], len(LINKS), 3, 3))
    rotations[..., 0, :, :] = np.eye(3)
    moved = 0
    for index, link in enumerate(LINKS[1:], start=1):
        parent = rotations[..., _LINK_INDEX[link.parent], :, :]
        if link.angle:
            rotations[..., index, :, :] = parent @ turns[..., moved, :, :]
            moved += 1
        else:
            rotations[..., index, :, :] = parent
    return rotations


def links_of(angles: Array, measures: Array) -> tuple[Array, Array]:
    """Return the rotations, (..., L, 3, 3), and origins, (..., L, 3) [m], in the body's frame.

    Args:
        angles: Shape (..., 20) [rad].
        measures: Shape (..., 17, 3) [m]; see `measures_of`.
    """
    rotations = rotations_of(angles)
    origins = np.zeros((*rotations.shape[:-3], len(LINKS), 3))
    for index, link in enumerate(LINKS[1:], start=1):
        parent = _LINK_INDEX[link.parent]
        origins[..., index, :] = origins[..., parent, :]
        if link.joint:
            offset = measures[..., _INDEX[link.joint], :]
            turn = rotations[..., parent, :, :]
            origins[..., index, :] += np.einsum('...ij,...j->...i', turn, offset)
    return rotations, origins


def forward(angles: Array, measures: Array) -> Array:
    """Return where the 17 joints are in the body's frame, shape (..., 17, 3) [m].

    Args:
        angles: Shape (..., 20) [rad].
        measures: Shape (..., 17, 3) [m]; see `measures_of`.
    """
    links = [_LINK_INDEX[link_of_joint(joint)] for joint in _JOINTS]
    return np.asarray(links_of(angles, measures)[1][..., links, :])


def measures_of(joints: Array, angles: Array) -> Array:
    """Return the measures with which the angles give exactly these joints.

    Bones of arms and legs lie along -z of their links: all of their measure is the length.

    Args:
        joints: In the body's frame, shape (..., 17, 3) [m].
        angles: Shape (..., 20) [rad].

    Returns:
        For each joint its place in the link that its own hangs on, shape (..., 17, 3) [m].
    """
    rotations = rotations_of(angles)
    parents = [_LINK_INDEX[_BASES[joint]] if joint != 'pelvis' else 0 for joint in _JOINTS]
    starts = [_INDEX[_origin_of(LINKS[parent].name)] for parent in parents]
    offsets = joints - joints[..., starts, :]
    measures = np.einsum('...jik,...ji->...jk', rotations[..., parents, :, :], offsets)
    bones = [_INDEX[joint] for joint in _BONES]
    lengths = np.linalg.norm(offsets[..., bones, :], axis=-1)
    measures[..., bones, :] = lengths[..., None] * np.array((0.0, 0.0, -1.0))
    return np.asarray(measures)


def residual(joints: Array, angles: Array, measures: Array) -> Array:
    """Return how far the model is from the joints of a body on average, shape (...) [m].

    Args:
        joints: In the body's frame, shape (..., 17, 3) [m].
        angles: Shape (..., 20) [rad].
        measures: Of this person, shape (..., 17, 3) [m].
    """
    errors = np.linalg.norm(forward(angles, measures) - joints, axis=-1)
    return np.asarray(np.nanmean(errors, axis=-1))


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


def _origin_of(link: str) -> str:
    """Return the joint that is the origin of a link."""
    found = LINKS[_LINK_INDEX[link]]
    return found.joint or _origin_of(found.parent)
