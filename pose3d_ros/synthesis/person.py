"""One rendered person: body, pose and outfit under a light, seen by a camera."""

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.synthesis import render
from pose3d_ros.synthesis.body import Body, PosedBody
from pose3d_ros.synthesis.clothing import Outfit, Wardrobe
from pose3d_ros.synthesis.mocap import MocapPoses
from pose3d_ros.synthesis.poses import Pose, PoseSampler
from pose3d_ros.synthesis.rotations import X_AXIS, Y_AXIS, Z_AXIS, Matrix, about
from pose3d_ros.synthesis.surroundings import Panorama, load_panoramas

Generator = np.random.Generator
Array = NDArray[np.float32]

CAMERA_FROM_WORLD = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])  # looking along +y
GAMMA = 1.9
SUPERSAMPLING = 2


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

    def sample_body(self, generator: Generator) -> PosedBody:
        """Return a random person in a random pose."""
        shape = self.body.sample_shape(generator, held_out=self._held_out)
        return self.body.pose(shape, self.sample_pose(generator))

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

    def picture(
        self,
        posed: PosedBody,
        outfit: Outfit,
        light: Light,
        view: 'View',
        size: tuple[int, int],
    ) -> NDArray[np.uint8]:
        """Return a rendered person as premultiplied BGRA, shape (height, width, 4).

        Args:
            posed: Body and pose.
            outfit: Its looks.
            light: In world axes.
            view: The camera.
            size: Width and height of the picture [px].
        """
        faces = self.body.faces
        normals = render.vertex_normals(posed.vertices, faces)
        dressed = posed.vertices + normals * outfit.inflation[:, None] * (1 + outfit.folds[:, :1])
        screen = view.project(dressed)
        screen[:, :2] *= SUPERSAMPLING
        width, height = SUPERSAMPLING * size[0], SUPERSAMPLING * size[1]
        ids, weights = render.rasterize(screen.astype(np.float32), faces, width, height)
        shading_normals = render.vertex_normals(dressed.astype(np.float32), faces) + outfit.folds
        radiance = render.shade(
            ids, weights, faces, shading_normals.astype(np.float32),
            (outfit.color**GAMMA).astype(np.float32), outfit.texture_uv, outfit.texture,
            outfit.texture_strength, light.irradiance, light.directions, light.colors,
        )  # fmt: skip
        exposed = np.minimum(radiance / (1 + 0.12 * radiance), 1) ** (1 / GAMMA)
        layered = np.dstack([exposed[..., ::-1], (ids >= 0).astype(np.float32)])
        shrunk = cv2.resize(layered, size, interpolation=cv2.INTER_AREA)
        return (255 * shrunk + 0.5).astype(np.uint8)

    def sample_cut_out(self, posed: PosedBody, generator: Generator, size: int = 160) -> CutOut:
        """Return a picture of a posed person, from a random side, that fills the frame."""
        view = View.around(posed.vertices, _random_orientation(generator), size, generator)
        outfit, light = self.sample_outfit(generator), self.sample_light(generator)
        rgba = self.picture(posed, outfit, light, view, (size, size))
        points = view.to_camera(posed.joints)
        screen = view.project(posed.joints)
        return CutOut(
            rgba, (screen[:, :2] - 0.5).astype(np.float32), points.astype(np.float32), view.focal
        )


@dataclass(frozen=True, slots=True)
class View:
    """A pinhole camera: p_camera = rotation @ p_world + translation.

    Screen coordinates have the centre of the first pixel at 0.5.
    """

    rotation: Matrix
    translation: NDArray[np.float64]
    focal: float
    center: tuple[float, float]

    def to_camera(self, points: Array) -> NDArray[np.float64]:
        """Return points in the camera's optical frame, shape (..., 3) [m]."""
        return np.asarray(points @ self.rotation.T + self.translation)

    def project(self, points: Array) -> NDArray[np.float64]:
        """Return screen points (u, v, depth), shape (..., 3) [px, px, m]."""
        camera = self.to_camera(points)
        pixels = camera[..., :2] / camera[..., 2:] * self.focal + np.array(self.center)
        return np.concatenate([pixels, camera[..., 2:]], -1)

    @classmethod
    def around(cls, vertices: Array, rotation: Matrix, size: int, generator: Generator) -> 'View':
        """Return a camera at a random distance (1.2 to 8 m) whose frame the person fills."""
        turned = vertices @ rotation.T
        low, high = turned.min(0), turned.max(0)
        middle = (low + high) / 2
        distance = math.exp(generator.uniform(math.log(1.2), math.log(8)))
        distance = max(distance, float(high[2] - low[2]) * 0.5 + 0.5)
        translation = np.array([0, 0, distance]) - middle
        camera = turned + translation
        flat = camera[:, :2] / camera[:, 2:]
        left, right = flat.min(0), flat.max(0)
        focal = size * 0.93 / float((right - left).max())
        center = size / 2 - focal * (left + right) / 2
        return cls(rotation, translation, focal, (float(center[0]), float(center[1])))


def _random_orientation(generator: Generator) -> Matrix:
    """Return camera_from_world: any side, more often the front; mostly level; some lie down."""
    yaw = generator.normal(0, 50) if generator.random() < 0.45 else generator.uniform(-180, 180)
    pitch = float(np.clip(generator.normal(6, 12), -25, 45))
    roll = generator.normal(0, 5)
    upright = about(Z_AXIS, yaw)
    if generator.random() < 0.05:
        axis = about(Z_AXIS, generator.uniform(0, 360)) @ X_AXIS
        upright = upright @ about(axis, generator.uniform(50, 95))
    return np.asarray(
        CAMERA_FROM_WORLD @ about(Y_AXIS, roll) @ about(X_AXIS, pitch) @ upright, float
    )
