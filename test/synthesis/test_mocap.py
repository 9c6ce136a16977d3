"""Motion capture on our body."""

from pathlib import Path

import numpy as np
import pytest

from pose3d_ros.skeleton import H36M_17
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.mocap import LIMBS, TRUNK, MocapPoses

REST = {  # direction and hinge of the limbs in a T-pose that faces -y
    'upperarm': ((1, 0, 0), (0, 0, -1)),
    'forearm': ((1, 0, 0), (0, 0, -1)),
    'thigh': ((0, 0, -1), (1, 0, 0)),
    'shin': ((0, 0, -1), (1, 0, 0)),
}


@pytest.fixture
def t_pose(tmp_path: Path) -> Path:
    """A clip of one frame in which every bone has its rest orientation."""
    names = sorted(set(TRUNK.values()) | {f'{s}_{n}' for s in 'lr' for n, _ in LIMBS.values()})
    directions, hinges = (
        np.tile([0.0, 0, 1], (len(names), 1)),
        np.tile([1.0, 0, 0], (len(names), 1)),
    )
    for i, name in enumerate(names):
        side, _, limb = name.partition('_')
        if limb in REST:
            directions[i], hinges[i] = REST[limb]
            if side == 'r' and 'arm' in limb:
                directions[i], hinges[i] = -directions[i], -hinges[i]
    np.savez(
        tmp_path / 'clips.npz',
        rotations=np.tile([1.0, 0, 0, 0], (1, len(names), 1)),
        clip=np.zeros(1, int),
        clip_split=np.array(['train']),
        bone_names=np.array(names),
        rest_dir=directions,
        rest_hinge=hinges,
    )
    return tmp_path


def test_the_rest_pose_of_the_clips_becomes_a_t_pose(body: Body, t_pose: Path) -> None:
    pose = MocapPoses(t_pose, body).sample(np.random.default_rng(0))
    joints = body.pose(np.zeros(len(body.basis), np.float32), pose).joints

    def bone(child: str, parent: str) -> np.ndarray:
        offset = joints[H36M_17.index(child)] - joints[H36M_17.index(parent)]
        return np.asarray(offset / np.linalg.norm(offset))

    for side, out in (('l', 1), ('r', -1)):
        np.testing.assert_allclose(
            bone(f'{side}_elbow', f'{side}_shoulder'), [out, 0, 0], atol=1e-5
        )
        np.testing.assert_allclose(bone(f'{side}_wrist', f'{side}_elbow'), [out, 0, 0], atol=1e-5)
        np.testing.assert_allclose(bone(f'{side}_knee', f'{side}_hip'), [0, 0, -1], atol=1e-5)
        np.testing.assert_allclose(bone(f'{side}_ankle', f'{side}_knee'), [0, 0, -1], atol=1e-5)
