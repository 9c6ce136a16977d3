"""Poses from motion capture, put on our body.

The folder holds `.npz` files with global bone orientations: `rotations` (F, 20, 4) quaternions
(w, x, y, z), `clip` (F,), `clip_split` (C,) 'train' or 'test', `bone_names`, `rest_dir` and
`rest_hinge` (20, 3) of a T-pose that faces -y with z up.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose3d_ros.errors import ConfigError
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.poses import Pose
from pose3d_ros.synthesis.rotations import X_AXIS, Matrix, frame

TRUNK = {
    'root': 'pelvis', 'spine05': 'lowerback', 'spine03': 'lowerback', 'spine02': 'upperback',
    'spine01': 'thorax', 'neck01': 'neck', 'head': 'head',
    'clavicle.L': 'l_clavicle', 'clavicle.R': 'r_clavicle', 'foot.L': 'l_foot', 'foot.R': 'r_foot',
}  # fmt: skip
LIMBS = {  # our bone: (its name there, the bone at its far end here)
    'upperarm01': ('upperarm', 'lowerarm01'), 'lowerarm01': ('forearm', 'wrist'),
    'upperleg01': ('thigh', 'lowerleg01'), 'lowerleg01': ('shin', 'foot'),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Clip:
    rotations: NDArray[np.float32]
    from_ours: dict[str, tuple[int, Matrix]]


class MocapPoses:
    """Draws poses from clips of motion capture: every clip is as likely as every other."""

    def __init__(self, folder: Path, body: Body, *, held_out: bool = False) -> None:
        """Read all clips of one split.

        Args:
            folder: Where the `.npz` files lie.
            body: The body to pose.
            held_out: Use the clips marked 'test' instead of those marked 'train'.

        Raises:
            ConfigError: The folder holds no clip of that split.
        """
        self._body = body
        self._clips: list[_Clip] = []
        split = 'test' if held_out else 'train'
        for path in sorted(folder.glob('*.npz')):
            with np.load(path) as data:
                mapping = self._mapping(data)
                rotations = data['rotations'].astype(np.float32)
                for clip in np.flatnonzero(data['clip_split'] == split):
                    frames = rotations[data['clip'] == clip]
                    if len(frames):
                        self._clips.append(_Clip(frames, mapping))
        if not self._clips:
            msg = f'no {split} clips in {folder}: expected motion-capture .npz files there'
            raise ConfigError(msg)

    def sample(self, generator: np.random.Generator) -> Pose:
        """Return one random frame of one random clip as rotations against the parents."""
        clip = self._clips[generator.integers(len(self._clips))]
        quaternions = clip.rotations[generator.integers(len(clip.rotations))]
        turns = Rotation.from_quat(quaternions[:, [1, 2, 3, 0]]).as_matrix()
        world: list[Matrix] = []
        pose = np.empty((len(self._body.bones), 3, 3))
        for bone, name in enumerate(self._body.bones):
            parent = self._body.bone_parents[bone]
            if name in clip.from_ours:
                theirs, ours = clip.from_ours[name]
                world.append(turns[theirs] @ ours)
            else:  # hands follow the forearms
                world.append(world[parent])
            pose[bone] = world[bone] if parent < 0 else world[parent].T @ world[bone]
        return pose

    def _mapping(self, data: np.lib.npyio.NpzFile) -> dict[str, tuple[int, Matrix]]:
        names = [str(n) for n in data['bone_names']]
        mapping = {ours: (names.index(theirs), np.eye(3)) for ours, theirs in TRUNK.items()}
        heads = self._body.rest_heads
        for bone, (theirs, far) in LIMBS.items():
            for side, prefix in (('L', 'l'), ('R', 'r')):
                index = names.index(f'{prefix}_{theirs}')
                direction = heads[f'{far}.{side}'] - heads[f'{bone}.{side}']
                hinge = X_AXIS if 'leg' in bone else self._elbow_hinge(side)
                theirs_frame = frame(data['rest_dir'][index], data['rest_hinge'][index])
                mapping[f'{bone}.{side}'] = (index, theirs_frame @ frame(direction, hinge).T)
        return mapping

    def _elbow_hinge(self, side: str) -> NDArray[np.float64]:
        heads = self._body.rest_heads
        elbow = heads[f'lowerarm01.{side}']
        hinge = np.cross(elbow - heads[f'upperarm01.{side}'], heads[f'wrist.{side}'] - elbow)
        return np.asarray(hinge / np.linalg.norm(hinge), float)
