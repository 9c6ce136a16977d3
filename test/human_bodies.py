"""Bodies that are exactly the human model, and bodies in random poses."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.angles import HEAD_TILT
from pose3d_ros.human_model import ANGLES, LIMITS
from pose3d_ros.skeleton import H36M_17
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.poses import Pose

Array = NDArray[np.float64]

BODY_FROM_WORLD = np.array(((0.0, -1, 0), (1, 0, 0), (0, 0, 1)))  # people face -y, left is +x


def model_measures() -> Array:
    """The measures of somebody who is exactly the human model, shape (17, 3) [m]."""
    measures = {
        'spine': (0.0, 0.0, 0.24),
        'neck': (0.0, 0.0, 0.5),
        'nose': (0.12, 0.0, 0.12),
        'head_top': (0.25 * np.sin(HEAD_TILT), 0.0, 0.25 * np.cos(HEAD_TILT)),
    }
    for side, sign in (('l', 1), ('r', -1)):
        measures[f'{side}_hip'] = (0.0, sign * 0.12, 0.0)
        measures[f'{side}_shoulder'] = (-0.01, sign * 0.18, -0.08)
        for name, length in (('knee', 0.43), ('ankle', 0.42), ('elbow', 0.28), ('wrist', 0.25)):
            measures[f'{side}_{name}'] = (0.0, 0.0, -length)
    return np.array([measures.get(joint, (0.0, 0.0, 0.0)) for joint in H36M_17.joints])


def legal_angles(generator: np.random.Generator, count: int) -> Array:
    """Random angles within the limits, shape (count, 20) [rad]."""
    low, high = np.array([LIMITS[name] for name in ANGLES]).T
    return generator.uniform(low, high, (count, len(ANGLES)))


def posed_joints(body: Body, poses: Sequence[Pose]) -> tuple[Array, Array]:
    """Pose the mean body without its skin.

    Returns:
        Joints, shape (N, 17, 3) [m], and rotations of the bones, shape (N, B, 3, 3); x forward,
        y left, z up.
    """
    rotations = np.stack(poses)
    rest = body.mean[body.vertex_count :].astype(np.float64)
    heads, joints = np.split(rest, [len(body.bones)])
    turns, moves = np.empty_like(rotations), np.zeros((len(poses), len(body.bones), 3))
    for bone, parent in enumerate(body.bone_parents):
        turns[:, bone] = (
            rotations[:, bone] if parent < 0 else turns[:, parent] @ rotations[:, bone]
        )
        origin = heads[bone] if parent < 0 else turns[:, parent] @ heads[bone] + moves[:, parent]
        moves[:, bone] = origin - turns[:, bone] @ heads[bone]
    carriers = body.joint_bones
    posed = np.einsum('njab,jb->nja', turns[:, carriers], joints) + moves[:, carriers]
    return posed @ BODY_FROM_WORLD.T, BODY_FROM_WORLD @ turns @ BODY_FROM_WORLD.T
