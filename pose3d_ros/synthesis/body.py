"""The parametric body: a linear shape basis, 21 bones and linear blend skinning.

World frame: metres, z up, right-handed. In the rest pose a person stands in an A-pose, faces
-y and has the left side at +x. The file is written once by `tools/export_body.py`.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pose3d_ros.shipped import ASSETS

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PosedBody:
    """A person in a pose.

    Attributes:
        vertices: Shape (V, 3) [m], world frame.
        joints: The 17 joints, shape (17, 3) [m], world frame.
    """

    vertices: Array
    joints: Array


@dataclass(frozen=True)
class Body:
    """The statistical body model.

    Attributes:
        mean: Mean rest position of vertices, bone heads and joints, shape (V+B+J, 3) [m].
        basis: One standard deviation along each component, shape (K, V+B+J, 3) [m].
        shapes: Coefficients of sampled people, shape (N, K), in standard deviations.
        vertex_count: V.
        faces: Triangles, clockwise seen from outside in image axes, shape (T, 3).
        weights: Skinning weights, shape (V, B).
        bones: Names of the bones; parents come before children.
        bone_parents: Parent of each bone, -1 for the root.
        joints: Names of the joints.
        joint_bones: The bone that carries each joint.
        eyes: Whether a vertex belongs to an eyeball, shape (V,).
    """

    mean: Array
    basis: Array
    shapes: Array
    vertex_count: int
    faces: NDArray[np.int32]
    weights: Array
    bones: tuple[str, ...]
    bone_parents: tuple[int, ...]
    joints: tuple[str, ...]
    joint_bones: NDArray[np.int64]
    eyes: NDArray[np.bool_]
    _index: dict[str, int] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Index the bones by name."""
        self._index.update({name: i for i, name in enumerate(self.bones)})

    @classmethod
    def load(cls) -> 'Body':
        """Return the body that the package ships."""
        with np.load(ASSETS / 'body.npz') as data:
            return cls(
                mean=data['mean'],
                basis=data['basis'].astype(np.float32),
                shapes=data['shapes'].astype(np.float32),
                vertex_count=int(data['vertex_count']),
                faces=data['faces'].astype(np.int32),
                weights=data['weights'].astype(np.float32),
                bones=tuple(str(b) for b in data['bones']),
                bone_parents=tuple(int(p) for p in data['bone_parents']),
                joints=tuple(str(j) for j in data['joints']),
                joint_bones=data['joint_bones'].astype(np.int64),
                eyes=data['eyes'],
            )

    def bone(self, name: str) -> int:
        """Return the index of a bone."""
        return self._index[name]

    @cached_property
    def template(self) -> Array:
        """Rest vertices of the mean person, shape (V, 3) [m]."""
        return self.mean[: self.vertex_count]

    @cached_property
    def tree(self) -> cKDTree:
        """Finds the vertices of the mean person that are nearest to points."""
        return cKDTree(self.template)

    @cached_property
    def rest_heads(self) -> dict[str, Array]:
        """Rest position of each bone's head for the mean person [m]."""
        start = self.vertex_count
        return {name: self.mean[start + i] for i, name in enumerate(self.bones)}

    @cached_property
    def owner(self) -> NDArray[np.int64]:
        """The bone with the largest skinning weight of each vertex, shape (V,)."""
        return np.asarray(self.weights.argmax(1), np.int64)

    def sample_shape(self, generator: np.random.Generator, *, held_out: bool = False) -> Array:
        """Return shape coefficients (K,): a blend of two sampled people.

        Args:
            generator: Source of randomness.
            held_out: Draw from the last eighth of the people, which training never sees.
        """
        split = len(self.shapes) * 7 // 8
        people = self.shapes[split:] if held_out else self.shapes[:split]
        first, second = people[generator.integers(len(people), size=2)]
        blend = generator.uniform(0, 0.4)
        return np.asarray((1 - blend) * first + blend * second, np.float32)

    def rest(self, shape: Array) -> Array:
        """Return rest vertices, bone heads and joints of a person, shape (V+B+J, 3) [m].

        Args:
            shape: Coefficients, shape (K,).
        """
        return np.asarray(self.mean + np.tensordot(shape, self.basis, 1), np.float32)

    def bone_frames(self, heads: Array, rotations: NDArray[np.float64]) -> tuple[Array, Array]:
        """Return how each bone turns and moves what it carries: p_posed = turn @ p_rest + move.

        Args:
            heads: Rest positions of the bones' heads, shape (B, 3) [m].
            rotations: Rotation of each bone against its parent, in the world axes of the rest
                pose, about the bone's head, shape (B, 3, 3).

        Returns:
            Turns, shape (B, 3, 3), and moves, shape (B, 3) [m].
        """
        turn = np.empty((len(self.bones), 3, 3), np.float32)
        move = np.empty((len(self.bones), 3), np.float32)
        for bone, parent in enumerate(self.bone_parents):
            if parent < 0:
                turn[bone] = rotations[bone]
                origin = heads[bone]
            else:
                turn[bone] = turn[parent] @ rotations[bone]
                origin = turn[parent] @ heads[bone] + move[parent]
            move[bone] = origin - turn[bone] @ heads[bone]
        return turn, move

    def pose(self, shape: Array, rotations: NDArray[np.float64]) -> PosedBody:
        """Return the body in a pose; see `bone_frames` for the arguments."""
        vertices, heads, joints = self.split(self.rest(shape))
        turn, move = self.bone_frames(heads, rotations)
        return PosedBody(
            skin(vertices, self.weights, turn, move), self.posed_joints(joints, turn, move)
        )

    def split(self, rest: Array) -> tuple[Array, Array, Array]:
        """Return vertices, bone heads and joints of a rest position."""
        ends = [self.vertex_count, self.vertex_count + len(self.bones)]
        vertices, heads, joints = np.split(rest, ends)
        return vertices, heads, joints

    def posed_joints(self, joints: Array, turn: Array, move: Array) -> Array:
        """Return the joints, each moved by its bone, shape (17, 3) [m]."""
        carriers = self.joint_bones
        turned = np.einsum('jab,jb->ja', turn[carriers], joints)
        return np.asarray(turned + move[carriers], np.float32)


def skin(points: Array, weights: Array, turn: Array, move: Array) -> Array:
    """Return points moved by linear blend skinning, shape (N, 3) [m].

    Args:
        points: Rest positions, shape (N, 3) [m].
        weights: Share of each bone, shape (N, B).
        turn: Of the bones, shape (B, 3, 3).
        move: Of the bones, shape (B, 3) [m].
    """
    blended = (weights @ turn.reshape(len(turn), 9)).reshape(-1, 3, 3)
    turned = np.einsum('vij,vj->vi', blended, points)
    return np.asarray(turned + weights @ move, np.float32)
