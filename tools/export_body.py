"""Export the parametric body of `anny` to the compact file that the renderer uses.

Run once, with torch and anny installed; afterwards nothing needs either of them:

    python tools/export_body.py pose3d_ros/assets/body.npz

anny's code is Apache-2.0 and its bundled MakeHuman assets are CC0. The SMPL-like topologies,
which download files under other terms, are never requested.
"""

import argparse
from pathlib import Path

import anny
import numpy as np
import torch
from anny.keypoints import KeypointsRegressor

BONES = (
    'root', 'upperleg01.L', 'lowerleg01.L', 'foot.L', 'upperleg01.R', 'lowerleg01.R', 'foot.R',
    'spine05', 'spine03', 'spine02', 'spine01', 'neck01', 'head',
    'clavicle.L', 'upperarm01.L', 'lowerarm01.L', 'wrist.L',
    'clavicle.R', 'upperarm01.R', 'lowerarm01.R', 'wrist.R',
)  # fmt: skip
# Joint of the H36M-17 skeleton -> the bone whose head it is.
JOINT_BONES = {
    'r_hip': 'upperleg01.R', 'r_knee': 'lowerleg01.R', 'r_ankle': 'foot.R',
    'l_hip': 'upperleg01.L', 'l_knee': 'lowerleg01.L', 'l_ankle': 'foot.L',
    'neck': 'neck01',
    'l_shoulder': 'upperarm01.L', 'l_elbow': 'lowerarm01.L', 'l_wrist': 'wrist.L',
    'r_shoulder': 'upperarm01.R', 'r_elbow': 'lowerarm01.R', 'r_wrist': 'wrist.R',
}  # fmt: skip
JOINTS = (
    'pelvis', 'r_hip', 'r_knee', 'r_ankle', 'l_hip', 'l_knee', 'l_ankle', 'spine', 'neck',
    'nose', 'head_top', 'l_shoulder', 'l_elbow', 'l_wrist', 'r_shoulder', 'r_elbow', 'r_wrist',
)  # fmt: skip
PHENOTYPES = {  # ranges of anny's phenotype parameters: teenagers to old people, all builds
    'age': (0.5, 0.98), 'muscle': (0.15, 0.9), 'weight': (0.1, 0.95),
    'height': (0.15, 0.85), 'proportions': (0.15, 0.95),
}  # fmt: skip


def sample_rest_bodies(
    model: anny.Anny, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rest vertices (N,V,3), bone heads (N,104,3) and noses (N,3) [m] of random people."""
    generator = np.random.default_rng(seed)
    nose_of = KeypointsRegressor.coco(model)
    vertices, heads, noses = [], [], []
    for start in range(0, count, 32):
        size = min(32, count - start)
        phenotype = {k: generator.uniform(*v, size) for k, v in PHENOTYPES.items()}
        phenotype['gender'] = generator.beta(0.35, 0.35, size)
        with torch.no_grad():
            output = model(
                pose_parameters=torch.eye(4)[None, None].repeat(size, model.bone_count, 1, 1),
                phenotype_kwargs={k: torch.from_numpy(v).float() for k, v in phenotype.items()},
            )
            noses.append(nose_of(output)[:, 0].numpy())
        vertices.append(output['vertices'].numpy())
        heads.append(output['bone_poses'][:, :, :3, 3].numpy())
    return np.concatenate(vertices), np.concatenate(heads), np.concatenate(noses)


def merged_skinning(model: anny.Anny) -> tuple[np.ndarray, np.ndarray]:
    """Return dense weights (V,B) on our bones, and each kept bone's parent (B,)."""
    parents, labels = list(model.bone_parents), list(model.bone_labels)

    def owner(bone: int) -> int:
        while labels[bone] not in BONES:
            bone = parents[bone]
        return BONES.index(labels[bone])

    weights = np.zeros((len(model.template_vertices), len(BONES)), np.float32)
    for column in range(model.vertex_bone_indices.shape[1]):
        owners = np.array([owner(int(b)) for b in model.vertex_bone_indices[:, column]])
        np.add.at(
            weights,
            (np.arange(len(weights)), owners),
            model.vertex_bone_weights[:, column].numpy(),
        )
    kept_parents = [
        -1 if parents[labels.index(b)] < 0 else owner(parents[labels.index(b)]) for b in BONES
    ]
    return weights / weights.sum(1, keepdims=True), np.array(kept_parents, np.int8)


def joint_positions(
    labels: list[str], heads: np.ndarray, vertices: np.ndarray, noses: np.ndarray
) -> np.ndarray:
    """Return the rest positions of our joints, shape (N, 17, 3) [m]."""

    def head(bone: str) -> np.ndarray:
        return heads[:, labels.index(bone)]

    found = {joint: head(bone) for joint, bone in JOINT_BONES.items()}
    found['pelvis'] = (found['l_hip'] + found['r_hip']) / 2
    # Half-way between pelvis and neck, on the spine's own curve.
    found['spine'] = 0.7 * head('spine02') + 0.3 * head('spine01')
    found['nose'] = noses
    found['head_top'] = vertices[np.arange(len(vertices)), vertices[:, :, 2].argmax(1)]
    found['head_top'][:, 0] = 0
    return np.stack([found[j] for j in JOINTS], 1)


def main() -> None:
    """Sample bodies, reduce them to a linear basis and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', type=Path)
    parser.add_argument('--bodies', type=int, default=640)
    parser.add_argument('--components', type=int, default=24)
    options = parser.parse_args()
    model = anny.Anny().float()
    labels = list(model.bone_labels)
    vertices, heads, noses = sample_rest_bodies(model, options.bodies, seed=0)
    joints = joint_positions(labels, heads, vertices, noses)
    kept_heads = heads[:, [labels.index(b) for b in BONES]]
    weights, parents = merged_skinning(model)

    # One linear basis for everything that depends on the shape, fitted on the vertices.
    shape_count = vertices.shape[1]
    everything = np.concatenate([vertices, kept_heads, joints], 1).reshape(options.bodies, -1)
    mean = everything.mean(0)
    centred = everything - mean
    _, _, rows = np.linalg.svd(centred @ centred.T)
    basis = rows[: options.components] @ centred
    basis /= np.linalg.norm(basis, axis=1, keepdims=True)
    coefficients = centred @ basis.T
    deviation = coefficients.std(0)
    error = np.linalg.norm(
        (coefficients @ basis - centred).reshape(options.bodies, -1, 3), axis=-1
    )
    print(f'basis error: mean {1e3 * error.mean():.2f} mm, max {1e3 * error.max():.2f} mm')

    bone_of = dict.fromkeys(('pelvis',), 'root') | JOINT_BONES
    bone_of |= {'spine': 'spine02', 'nose': 'head', 'head_top': 'head'}
    eyes = np.isin(
        np.array(labels)[
            model.vertex_bone_indices.gather(1, model.vertex_bone_weights.argmax(1, keepdim=True))[
                :, 0
            ].numpy()
        ],
        ('eye.L', 'eye.R'),
    )
    np.savez_compressed(
        options.out,
        mean=mean.reshape(-1, 3).astype(np.float32),
        basis=(basis * deviation[:, None]).reshape(options.components, -1, 3).astype(np.float16),
        shapes=(coefficients / deviation).astype(np.float16),
        vertex_count=np.int32(shape_count),
        faces=model.faces.numpy().astype(np.uint16),
        weights=weights.astype(np.float16),
        bones=np.array(BONES),
        bone_parents=parents,
        joints=np.array(JOINTS),
        joint_bones=np.array([BONES.index(bone_of[j]) for j in JOINTS], np.int8),
        eyes=eyes,
    )
    print(f'{options.out}: {options.out.stat().st_size / 1e6:.2f} MB')


if __name__ == '__main__':
    main()
