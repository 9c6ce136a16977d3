"""Bodies for the tests of the geometry."""

import math

import numpy as np

from pose3d_ros.camera import Camera
from pose3d_ros.candidate import Candidate
from pose3d_ros.skeleton import H36M_17

# Directions of the bones that move little, in a body that faces the camera.
_TRUNK = {
    'r_hip': (-1, 0, 0),
    'l_hip': (1, 0, 0),
    'spine': (0, -1, 0),
    'neck': (0, -1, 0),
    'nose': (0, -0.8, -0.6),
    'head_top': (0, -1, 0.2),
    'l_shoulder': (1, 0, 0),
    'r_shoulder': (-1, 0, 0),
}


def random_body(generator: np.random.Generator, proportion: float = 0.06) -> np.ndarray:
    """Return the joints of a body of mean size around its root, shape (17, 3) [m].

    It stands or sits in a random pose and faces anywhere; each bone deviates from its mean
    length by the given proportion.
    """
    turn = generator.uniform(0, 2 * np.pi)
    cos, sin = np.cos(turn), np.sin(turn)
    camera_from_body = np.array(((cos, 0, sin), (0, 1, 0), (-sin, 0, cos)))
    joints = np.zeros((17, 3))
    for child, parent in H36M_17.bones:
        name = H36M_17.joints[child]
        spread = 0.15 if name in _TRUNK else 0.7
        direction = generator.normal(_TRUNK.get(name, (0, 1, 0)), spread)
        length = H36M_17.bone_lengths[child] * (1 + proportion * generator.normal())
        step = camera_from_body @ direction * length / np.linalg.norm(direction)
        joints[child] = joints[parent] + step
    return joints


def standing(x: float = 0.0, z: float = 3.2, yaw_deg: float = 30.0) -> np.ndarray:
    """Joints of a person of mean size with the arms stretched out, shape (17, 3) [m]."""
    pose = np.zeros((17, 3))
    for child, parent in H36M_17.bones:
        name = H36M_17.joints[child]
        side = {'l_': 1, 'r_': -1}.get(name[:2], 0)
        down = 1 if name[2:] in {'knee', 'ankle'} else -1
        across = name[2:] in {'hip', 'shoulder', 'elbow', 'wrist'}
        step = (side, 0, 0) if across else (0, down, 0)
        pose[child] = pose[parent] + H36M_17.bone_lengths[child] * np.array(step)
    cos, sin = math.cos(math.radians(yaw_deg)), math.sin(math.radians(yaw_deg))
    turned = pose @ np.array(((cos, 0, sin), (0, 1, 0), (-sin, 0, cos))).T
    return turned + np.array((x, 0.1, z))


def candidate(
    positions: np.ndarray, camera: Camera, presence: float = 0.9, confidence: float = 0.9
) -> Candidate:
    """Return what an estimator without error says about a body, shape (17, 3) [m]."""
    return Candidate(
        presence=presence,
        pixels=camera.project(positions),
        positions=positions,
        confidence=np.full(17, confidence),
        deviation=np.full(17, 0.1),
    )
