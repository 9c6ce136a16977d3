"""Closed surfaces of one topology, from ball to box, that people wear, carry and sit on.

Every person has the same number of them, so that all people are meshes of one topology; those
that nobody needs are shrunk to a point.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float32]

SLOTS = 6  # blobs of a person
RINGS = 9
SEGMENTS = 16
VERTICES = RINGS * SEGMENTS + 2  # of one blob; the poles come last


@dataclass(frozen=True, slots=True)
class Blobs:
    """Where the vertices of a person's blobs are, P = SLOTS * VERTICES.

    Attributes:
        points: On the mean person in the rest pose, shape (P, 3) [m].
        weights: Skinning weights, shape (P, B).
        anchors: The vertex of the body that each follows from shape to shape, shape (P,).
    """

    points: Array
    weights: Array
    anchors: NDArray[np.int64]

    @classmethod
    def none(cls, bone_count: int) -> 'Blobs':
        """Return blobs that nobody sees: each is a point."""
        count = SLOTS * VERTICES
        weights = np.zeros((count, bone_count), np.float32)
        weights[:, 0] = 1
        return cls(np.zeros((count, 3), np.float32), weights, np.zeros(count, np.int64))


def blob_faces() -> NDArray[np.int32]:
    """Return the triangles of one blob, clockwise seen from outside in image axes, (T, 3)."""
    around = np.arange(SEGMENTS)
    after = (around + 1) % SEGMENTS
    north, south = RINGS * SEGMENTS, RINGS * SEGMENTS + 1
    faces = [np.stack([np.full(SEGMENTS, north), around, after], 1)]
    for ring in range(RINGS - 1):
        upper, lower = ring * SEGMENTS, (ring + 1) * SEGMENTS
        faces.append(np.stack([upper + around, lower + around, lower + after], 1))
        faces.append(np.stack([upper + around, lower + after, upper + after], 1))
    last = (RINGS - 1) * SEGMENTS
    faces.append(np.stack([last + around, np.full(SEGMENTS, south), last + after], 1))
    return np.asarray(np.concatenate(faces), np.int32)


def ball(center: ArrayLike, radii: ArrayLike, *, boxy: float = 0.0) -> Array:
    """Return the vertices of a superellipsoid, shape (VERTICES, 3) [m].

    Args:
        center: Its middle [m].
        radii: Half its extent along x, y and z [m].
        boxy: From 0, an ellipsoid, to 1, a box.
    """
    polar = np.pi * (np.arange(RINGS) + 1) / (RINGS + 1)
    azimuth = 2 * np.pi * (np.arange(SEGMENTS) + 0.5) / SEGMENTS
    sine, cosine = np.sin(polar)[:, None], np.cos(polar)[:, None]
    rings = np.broadcast_arrays(sine * np.cos(azimuth), sine * np.sin(azimuth), cosine)
    unit = np.concatenate([np.stack(rings, -1).reshape(-1, 3), [[0, 0, 1], [0, 0, -1]]])
    # Pushed out to a cube by its largest coordinate, in part.
    cube = unit / np.abs(unit).max(1, keepdims=True)
    shaped = (1 - boxy) * unit + boxy * cube
    return np.asarray(np.asarray(center) + shaped * np.asarray(radii), np.float32)


def tube(rings: NDArray[np.floating]) -> Array:
    """Return the vertices of a closed tube, shape (VERTICES, 3) [m].

    Args:
        rings: Middle x, y, z and the two radii along x and y of each ring, from the top down,
            shape (RINGS, 5) [m].
    """
    azimuth = 2 * np.pi * (np.arange(SEGMENTS) + 0.5) / SEGMENTS
    circle = np.stack([np.cos(azimuth), np.sin(azimuth), np.zeros(SEGMENTS)], -1)
    radii = np.concatenate([rings[:, 3:], np.zeros((len(rings), 1))], 1)
    points = rings[:, None, :3] + circle * radii[:, None]
    return np.asarray(
        np.concatenate([points.reshape(-1, 3), rings[:1, :3], rings[-1:, :3]]), np.float32
    )
