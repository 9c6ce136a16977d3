"""Human angles: what of a person can move a robot's joint, and which joints must be seen for it.

These are the 20 angles of the human model, and for each shoulder three more. The model turns an
arm about the vertical, then lifts it, then twists it (z-x-z); most robots swing it forward, lift
it to the side, and then twist it (y-x-z), which is singular at another place: with the arm
straight out to the side, and not with a hanging one.
"""

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.human import HumanPose
from pose3d_ros.human_model import ANGLES, LIMITS, LINKS

__all__ = ['CENTRES', 'HUMAN_ANGLES', 'LINK_NEEDS', 'NEEDS', 'human_angles', 'shoulder_angles']

Array = NDArray[np.float64]

_TRUNK = ('pelvis', 'l_hip', 'r_hip', 'spine', 'neck')
_ARM, _LEG = ('shoulder', 'elbow', 'wrist'), ('hip', 'knee', 'ankle')
_SHOULDER_LIMITS = {'flexion': (-1.1, 3.3), 'abduction': (-0.6, 1.6), 'rotation': (-1.7, 1.7)}
_MIRROR = np.diag((1.0, -1.0, 1.0))
_SINGULAR = 0.15  # cosine of the abduction below which flexion and rotation are one

HUMAN_ANGLES = (
    *ANGLES,
    *(f'{side}_shoulder_{name}' for side in 'lr' for name in _SHOULDER_LIMITS),
)
"""The names of all angles, in the order of every array."""


def _limits(name: str) -> tuple[float, float]:
    return LIMITS[name] if name in LIMITS else _SHOULDER_LIMITS[name.rsplit('_', 1)[1]]


CENTRES = np.array([sum(_limits(name)) / 2 for name in HUMAN_ANGLES])
"""The middle of where each angle usually lies, shape (26,) [rad]: angles are told within half a
turn of it, so that they jump where people hardly ever are."""


def _limb(side: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f'{side}_{name}' for name in names)


def _needs(name: str) -> tuple[str, ...]:
    """Return the joints that an angle is measured from."""
    side, _, part = name.partition('_')
    if name == 'waist':
        return _TRUNK
    if part == 'head':
        return (*_TRUNK, 'nose', 'head_top')
    if part in ('elbow', 'knee'):  # they do not depend on the trunk
        return _limb(side, _ARM if part == 'elbow' else _LEG)
    if part.endswith('hip'):  # the shin shows the twist of the thigh
        return (*_TRUNK[:-1], *_limb(side, _LEG[1:]))
    twist = part in ('r_shoulder', 'shoulder_rotation')
    return (*_TRUNK, *_limb(side, _ARM if twist else _ARM[:2]))


NEEDS = {name: _needs(name) for name in HUMAN_ANGLES}
"""For each angle the joints that must be seen."""

LINK_NEEDS = {
    'head': (*_TRUNK, 'nose', 'head_top'),
    'left': (*_TRUNK, *_limb('l', _ARM)),
    'right': (*_TRUNK, *_limb('r', _ARM)),
}
"""For each pose that is handed out the joints that must be seen."""

_TORSO, *_SHOULDERS = (
    [link.name for link in LINKS].index(name) for name in ('torso', 'l_shoulder', 'r_shoulder')
)


def human_angles(pose: HumanPose, previous: Array | None = None) -> Array:
    """Return all angles of a person, shape (26,) [rad]; NaN where they are not known.

    Args:
        pose: The person as the human model.
        previous: The angles in the image before; None if there was none.
    """
    torso = pose.rotations[_TORSO]
    arms = [torso.T @ pose.rotations[shoulder] for shoulder in _SHOULDERS]
    before = None if previous is None else previous[len(ANGLES) :].reshape(2, 3)
    shoulders = [
        shoulder_angles(turn, None if before is None else before[side])
        for side, turn in enumerate((arms[0], _MIRROR @ arms[1] @ _MIRROR))
    ]
    angles = np.concatenate((pose.angles, *shoulders))
    return np.asarray((angles - CENTRES + np.pi) % (2 * np.pi) + CENTRES - np.pi)


def shoulder_angles(turn: Array, previous: Array | None = None) -> Array:
    """Return flexion, abduction and rotation of a left arm: turn = Ry(-f) Rx(a) Rz(r).

    Args:
        turn: torso_from_upper_arm, shape (3, 3).
        previous: The angles in the image before, shape (3,): where the arm points straight to
            the side, the flexion stays.

    Returns:
        Shape (3,) [rad]. Flexion lifts the arm forward, abduction to the side, and rotation turns
        the forearm outward.
    """
    sine = np.clip(-turn[1, 2], -1, 1)
    flexion = -np.arctan2(turn[0, 2], turn[2, 2])
    if previous is not None and np.sqrt(1 - sine**2) < _SINGULAR and np.isfinite(previous[0]):
        flexion = previous[0]
    cos, sin = np.cos(flexion), np.sin(flexion)
    forward = cos * turn[0] + sin * turn[2]  # the first row of Ry(f) turn = Rx(a) Rz(r)
    return np.array((flexion, np.arcsin(sine), np.arctan2(-forward[1], forward[0])))
