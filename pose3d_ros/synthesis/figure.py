"""The mesh of a dressed person: the body and the blobs that it wears and carries.

Screen space and light come later, in a studio; what is here has neither camera nor picture.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.synthesis import blobs, render
from pose3d_ros.synthesis.body import Body, skin
from pose3d_ros.synthesis.outfit import Outfit
from pose3d_ros.synthesis.poses import Pose

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Figure:
    """A dressed person in a pose.

    Attributes:
        vertices: Shape (N, 3) [m], world frame.
        normals: Shading normals, shape (N, 3).
        joints: The 17 joints, shape (17, 3) [m].
    """

    vertices: Array
    normals: Array
    joints: Array

    def moved(self, offset: Array) -> 'Figure':
        """Return the figure elsewhere, by an offset of shape (3,) [m]."""
        return Figure(self.vertices + offset, self.normals, self.joints + offset)


@dataclass(frozen=True)
class Mesh:
    """What the meshes of all people have in common, and how they are made.

    Attributes:
        body: The body, whose vertices come first.
    """

    body: Body

    @cached_property
    def faces(self) -> NDArray[np.int32]:
        """Triangles of body and blobs, shape (T, 3)."""
        starts = self.body.vertex_count + blobs.VERTICES * np.arange(blobs.SLOTS)
        slots = [blobs.blob_faces() + start for start in starts]
        return np.asarray(np.concatenate([self.body.faces, *slots]), np.int32)

    def figure(self, shape: Array, pose: Pose, outfit: Outfit) -> Figure:
        """Return a dressed person in a pose.

        Args:
            shape: Coefficients of the body, shape (K,).
            pose: One rotation per bone, shape (B, 3, 3).
            outfit: What the person wears.
        """
        body = self.body
        rest, heads, joints = body.split(body.rest(shape))
        turn, move = body.bone_frames(heads, pose)
        worn = outfit.blobs
        rest_worn = worn.points + (rest - body.template)[worn.anchors]
        vertices = skin(
            np.concatenate([rest, rest_worn]),
            np.concatenate([body.weights, worn.weights]),
            turn,
            move,
        )
        normals = render.vertex_normals(vertices, self.faces)
        folds = outfit.folds.of(np.concatenate([body.template, worn.points]))
        dressed = vertices + normals * outfit.inflation[:, None] * (1 + folds[:, :1])
        normals = render.vertex_normals(dressed.astype(np.float32), self.faces) + folds
        return Figure(
            dressed.astype(np.float32),
            normals.astype(np.float32),
            body.posed_joints(joints, turn, move),
        )
