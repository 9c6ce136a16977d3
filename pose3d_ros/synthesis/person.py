"""People to draw: bodies, poses, outfits and lights of one split."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.synthesis.accessories import sits
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.clothing import Wardrobe
from pose3d_ros.synthesis.mocap import MocapPoses
from pose3d_ros.synthesis.outfit import Outfit
from pose3d_ros.synthesis.poses import Pose, PoseSampler
from pose3d_ros.synthesis.rotations import Matrix
from pose3d_ros.synthesis.surroundings import Panorama, load_panoramas
from pose3d_ros.synthesis.view import random_distance, random_orientation

Generator = np.random.Generator
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Light:
    """The light on a person, in world axes.

    Attributes:
        irradiance: Spherical-harmonics coefficients over pi, RGB, shape (9, 3).
        directions: Unit directions towards extra lights, shape (L, 3).
        colors: Their RGB strength, shape (L, 3).
    """

    irradiance: Array
    directions: Array
    colors: Array


@dataclass(frozen=True, slots=True)
class CutOut:
    """A person without background, and where the joints are.

    Attributes:
        rgba: Premultiplied blue, green, red and alpha, shape (size, size, 4).
        pixels: Joints in the picture, pixel centres at integers, shape (17, 2) [px].
        points: Joints in the camera's optical frame, shape (17, 3) [m].
        focal: Focal length [px]; the principal point lies where the optical axis meets it.
    """

    rgba: NDArray[np.uint8]
    pixels: Array
    points: Array
    focal: float


@dataclass(frozen=True, slots=True)
class Portrait:
    """All that the picture of one person is a function of.

    Attributes:
        shape: Coefficients of the body, shape (K,).
        pose: One rotation per bone, shape (B, 3, 3).
        outfit: The looks.
        light: In world axes.
        orientation: camera_from_world.
        distance: From the camera to the person's middle [m].
    """

    shape: Array
    pose: Pose
    outfit: Outfit
    light: Light
    orientation: Matrix
    distance: float


class Studio(Protocol):
    """What turns portraits into cut-outs."""

    def cut_outs(self, portraits: list[Portrait], size: int) -> list[CutOut]:
        """Return a picture of each person that fills a frame.

        Args:
            portraits: Who is seen, and how.
            size: Width and height of the pictures [px].
        """


class People:
    """Draws people: shapes, poses, outfits and lights of one split."""

    def __init__(self, *, mocap: Path | None = None, held_out: bool = False) -> None:
        """Load what people are made of.

        Args:
            mocap: Folder with motion capture; about half of the poses then come from it.
            held_out: Use the bodies, clips and lights kept for evaluation.
        """
        self.body = Body.load()
        self.poses = PoseSampler(self.body)
        self._held_out = held_out
        self._wardrobe = Wardrobe(self.body)
        self._mocap = MocapPoses(mocap, self.body, held_out=held_out) if mocap else None
        self._panoramas = load_panoramas(held_out=held_out)

    def sample_pose(self, generator: Generator) -> Pose:
        """Return a random pose: procedural, from motion capture, or a mix of both."""
        procedural = self.poses.sample(generator)
        kind = generator.random()
        if self._mocap is None or kind < 0.5:
            return procedural
        captured = self._mocap.sample(generator)
        if kind < 0.75:
            return self.poses.jitter(captured, generator, 3.0)
        if kind < 0.88:
            return self.poses.mix(procedural, captured)
        return self.poses.mix(captured, procedural)

    def portraits(self, generator: Generator) -> Iterator[Portrait]:
        """Yield random people for ever."""
        while True:
            shape = self.body.sample_shape(generator, held_out=self._held_out)
            pose = self.sample_pose(generator)
            yield Portrait(
                shape,
                pose,
                self._wardrobe.sample(generator, seated=sits(self.body, pose)),
                self.sample_light(generator),
                random_orientation(generator),
                random_distance(generator),
            )

    def sample_outfit(self, generator: Generator) -> Outfit:
        """Return random clothes, hair, shoes and skin."""
        return self._wardrobe.sample(generator)

    def sample_light(self, generator: Generator, panorama: Panorama | None = None) -> Light:
        """Return the light of a panorama (a random one by default) with up to two lamps."""
        if panorama is None:
            panorama = self._panoramas[generator.integers(len(self._panoramas))]
        ambient = panorama.irradiance * generator.uniform(0.35, 1.05)
        gray = ambient.mean(1, keepdims=True)
        ambient = gray + (ambient - gray) * generator.uniform(0, 1)
        lamps = int(generator.integers(0, 3))
        directions = generator.normal(size=(lamps, 3))
        directions[:, 2] = np.abs(directions[:, 2])
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        colors = generator.uniform(0.1, 0.7, (lamps, 1)) * (
            1 + 0.1 * generator.normal(size=(lamps, 3))
        )
        return Light(
            ambient.astype(np.float32), directions.astype(np.float32), colors.astype(np.float32)
        )
