"""How a person looks, vertex by vertex."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.synthesis.blobs import Blobs

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Folds:
    """Wrinkles too small for the mesh: sums of sines over the mean person's rest position.

    Attributes:
        waves: Wave vectors, shape (W, 3) [rad/m].
        phases: Shape (W,) [rad].
        tilts: What each wave adds to a normal, shape (W, 3).
        depth: Share of it that each vertex shows, shape (N,).
    """

    waves: Array
    phases: Array
    tilts: Array
    depth: Array

    @classmethod
    def random(cls, cloth: Array, generator: np.random.Generator) -> 'Folds':
        """Return random wrinkles.

        Args:
            cloth: 1 where there is cloth, shape (N,).
            generator: Source of randomness.
        """
        waves = generator.normal(size=(6, 3))
        lengths = generator.uniform(0.03, 0.16, (6, 1))  # [m]
        waves *= 2 * np.pi / lengths / np.linalg.norm(waves, axis=1, keepdims=True)
        return cls(
            waves.astype(np.float32),
            generator.uniform(0, 2 * np.pi, 6).astype(np.float32),
            generator.normal(size=(6, 3)).astype(np.float32),
            cloth * np.float32(generator.uniform(0.02, 0.22)),
        )

    def of(self, rest: Array) -> Array:
        """Return what is added to the normals, shape (N, 3)."""
        waving = np.sin(rest @ self.waves.T + self.phases)
        return np.asarray(waving @ self.tilts * self.depth[:, None], np.float32)


@dataclass(frozen=True, slots=True)
class Outfit:
    """How a person looks: arrays over the N vertices of the body and of the blobs.

    Attributes:
        color: sRGB of each vertex, 0..1, shape (N, 3).
        inflation: How far each vertex moves out along its normal, shape (N,) [m].
        folds: Wrinkles of the cloth.
        texture: Pattern of the cloth, shape (64, 64, 3), 0..1.
        texture_uv: Texture coordinates, shape (N, 2).
        texture_strength: Share of the pattern at each vertex, shape (N,).
        blobs: Where the vertices of the blobs are.
    """

    color: Array
    inflation: Array
    folds: Folds
    texture: Array
    texture_uv: Array
    texture_strength: Array
    blobs: Blobs
