"""Bodies that are exactly the human model, and bodies in random poses."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.angles import HEAD_TILT, angles_of
from pose3d_ros.human_model import ANGLES, LIMITS, forward
from pose3d_ros.kinematics import joint_rotations
from pose3d_ros.person import JointState, Person, PersonState
from pose3d_ros.skeleton import H36M_17
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.poses import Pose, PoseSampler, motion

Array = NDArray[np.float64]

BODY_FROM_WORLD = np.array(((0.0, -1, 0), (1, 0, 0), (0, 0, 1)))  # people face -y, left is +x
FORWARD = np.array(((0.0, -1, 0), (0, 0, -1), (1, 0, 0)))  # camera_from_body, facing away


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


def seen(joints: Array, stamp: float, name: str = 'abcde') -> Person:
    """A person 3 m away; joints in the body's frame."""
    return Person(
        id=name,
        state=PersonState.SEEN,
        presence=1.0,
        box=(0.0, 0.0, 10.0, 10.0),
        pixels=np.zeros((17, 2)),
        positions=joints @ FORWARD.T + (0, 0, 3),
        confidence=np.ones(17),
        deviation=np.full(17, 0.05),
        joint_states=np.full(17, JointState.VISIBLE, np.uint8),
        stamp=stamp,
    )


def legal_bodies(count: int, noise_m: float = 0.0) -> Array:
    """Joints of the human model at random angles, always the same, shape (count, 17, 3) [m]."""
    generator = np.random.default_rng(5)
    joints = forward(legal_angles(generator, count), model_measures())
    return joints + generator.normal(0, noise_m, joints.shape)


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


CLIPS, FRAMES = 500, 30


@cache
def clips() -> tuple[Array, Array]:
    """A second of motion from one random pose to another, 500 times, at 30 Hz.

    Returns:
        Joints, shape (500, 30, 17, 3) [m], and how the bones that carry them are turned, shape
        (500, 30, 17, 3, 3).
    """
    body, generator = Body.load(), np.random.default_rng(1)
    sampler = PoseSampler(body)
    keys = [sampler.sample(generator) for _ in range(CLIPS + 1)]
    poses = [pose for pair in pairwise(keys) for pose in motion(list(pair), FRAMES)]
    joints, truth = posed_joints(body, poses)
    frames = truth[:, body.joint_bones].reshape(CLIPS, FRAMES, 17, 3, 3)
    return joints.reshape(CLIPS, FRAMES, 17, 3), frames


def wandering(shape: tuple[int, ...], deviation_m: float, seed: int) -> Array:
    """Errors as estimators make them: 0.95 of each is that of the image before, (N, F, ...)."""
    fresh = np.random.default_rng(seed).normal(0, deviation_m, shape)
    errors = fresh.copy()
    for frame in range(1, shape[1]):
        errors[:, frame] = 0.95 * errors[:, frame - 1] + np.sqrt(1 - 0.95**2) * fresh[:, frame]
    return errors


def steps_deg(rotations: Array) -> Array:
    """By how much frames turn from image to image, (N, F, J, 3, 3) to (N, F - 1, J) [deg]."""
    turns = rotations[:, :-1].swapaxes(-1, -2) @ rotations[:, 1:]
    cosines = (np.trace(turns, axis1=-2, axis2=-1) - 1) / 2
    return np.degrees(np.arccos(np.clip(cosines, -1, 1)))


def followed(joints: Array) -> tuple[Array, Array]:
    """What is found image after image, for joints (N, F, 17, 3).

    Returns:
        The frames of the joints, shape (N, F, 17, 3, 3), and the angles, (N, F, 20) [rad].
    """
    frames = [joint_rotations(joints[:, 0], H36M_17)]
    angles = [angles_of(joints[:, 0], frames[0])]
    for index in range(1, joints.shape[1]):
        frames.append(joint_rotations(joints[:, index], H36M_17, frames[-1]))
        angles.append(angles_of(joints[:, index], frames[-1], angles[-1]))
    return np.stack(frames, axis=1), np.stack(angles, axis=1)
