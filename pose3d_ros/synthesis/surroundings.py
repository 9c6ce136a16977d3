"""Backgrounds and light: eight CC0 panoramas, procedural rooms and noise.

World axes: z up; the middle of a panorama looks along +y, right of it lies +x. `forest` and
`studio` are held out for evaluation.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.shipped import ASSETS
from pose3d_ros.synthesis.noise import value_noise
from pose3d_ros.synthesis.rotations import X_AXIS, Y_AXIS, Z_AXIS, Matrix, about

Generator = np.random.Generator
Picture = NDArray[np.uint8]

# Real spherical harmonics up to degree 2; the constants go into the coefficients.
_BASIS = np.array(
    [0.282095, 0.488603, 0.488603, 0.488603, 1.092548, 1.092548, 0.315392, 1.092548, 0.546274]
)


@dataclass(frozen=True, slots=True)
class Panorama:
    """A place: its picture and its light.

    Attributes:
        name: What it shows.
        picture: Equirectangular BGR picture, shape (512, 1024, 3).
        irradiance: Spherical-harmonics coefficients of the irradiance over pi, RGB, scaled to
            a mean of 1, shape (9, 3), basis constants folded in.
    """

    name: str
    picture: Picture
    irradiance: NDArray[np.float32]

    def view(self, size: tuple[int, int], focal: float, world_from_camera: Matrix) -> Picture:
        """Return what a pinhole camera sees of it, BGR, shape (height, width, 3).

        Args:
            size: Width and height [px].
            focal: Focal length [px].
            world_from_camera: Orientation of the camera (x right, y down, z forward).
        """
        width, height = size
        u, v = np.meshgrid(
            np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2
        )
        rays = np.stack([u / focal, v / focal, np.ones_like(u)], -1) @ world_from_camera.T
        rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
        rows, columns = self.picture.shape[:2]
        azimuth = np.arctan2(rays[..., 0], rays[..., 1])
        elevation = np.arcsin(np.clip(rays[..., 2], -1, 1))
        x = (azimuth + math.pi) / (2 * math.pi) * columns - 0.5
        y = np.clip((math.pi / 2 - elevation) / math.pi * rows - 0.5, 0, rows - 1)
        return np.asarray(
            cv2.remap(
                self.picture,
                x.astype(np.float32),
                y.astype(np.float32),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_WRAP,
            ),
            np.uint8,
        )


def load_panoramas(*, held_out: bool) -> list[Panorama]:
    """Return the panoramas of one split.

    Args:
        held_out: The two kept for evaluation instead of the six for training.
    """
    folder = ASSETS / 'backgrounds'
    with np.load(folder / 'sh_lighting.npz') as data:
        names = [str(n) for n in data['names']]
        chosen = [i for i in range(len(names)) if bool(data['held_out'][i]) == held_out]
        coefficients = {names[i]: data['sh_irradiance'][i] / math.pi for i in chosen}
    panoramas = []
    for name, coefficient in coefficients.items():
        encoded = np.frombuffer((folder / f'{name}.jpg').read_bytes(), np.uint8)
        picture = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
        scaled = coefficient * _BASIS[:, None]
        scaled = scaled / scaled[0].mean()
        panoramas.append(Panorama(name, picture, scaled.astype(np.float32)))
    return panoramas


def backgrounds(count: int, *, held_out: bool) -> Picture:
    """Return the backgrounds of one split, always the same ones, BGR (N, size, size, 3)."""
    generator = np.random.default_rng(int(held_out))
    return background_pool(load_panoramas(held_out=held_out), generator, count)


def background_pool(
    panoramas: list[Panorama], generator: Generator, count: int = 1000, size: int = 192
) -> Picture:
    """Return many backgrounds: views of the panoramas, rooms and noise, BGR (N, size, size, 3)."""
    pool = np.empty((count, size, size, 3), np.uint8)
    for i in range(count):
        kind = generator.random()
        if kind < 0.65:
            pool[i] = _random_view(panoramas, generator, size)
        elif kind < 0.89:
            pool[i] = _room(generator, size)
        else:
            pool[i] = _noise(generator, size)
    return pool


def _random_view(panoramas: list[Panorama], generator: Generator, size: int) -> Picture:
    panorama = panoramas[generator.integers(len(panoramas))]
    fov = math.exp(generator.uniform(math.log(18), math.log(95)))
    focal = size / 2 / math.tan(math.radians(fov) / 2)
    turn = (
        about(Z_AXIS, generator.uniform(-180, 180))
        @ about(X_AXIS, generator.uniform(-40, 30))
        @ about(Y_AXIS, generator.normal(0, 6))
    )
    camera_axes = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    view = panorama.view((size, size), focal, turn @ camera_axes).astype(np.float32)
    bright = np.percentile(view, 80) + 1
    view *= math.exp(generator.uniform(-0.6, 0.7)) * 150 / bright
    picture = (255 * np.clip(view / 255 / (1 + 0.15 * view / 255), 0, 1)).astype(np.uint8)
    if generator.random() < 0.3:
        hsv = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(int) + generator.integers(180)) % 180
        return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR), np.uint8)
    return picture


def _noise(generator: Generator, size: int) -> Picture:
    """Return clouds, or specks of one size."""
    if generator.random() < 0.5:
        cells = round(math.exp(generator.uniform(math.log(3), math.log(size))))
        specks = generator.integers(0, 256, (cells, cells, 3), np.uint8)
        return np.asarray(cv2.resize(specks, (size, size)), np.uint8)
    clouds = value_noise(size, int(generator.integers(2, 8)), generator, 3)
    picture = clouds * generator.uniform(0.3, 1) + generator.uniform(-0.2, 0.4)
    return np.asarray(255 * np.clip(picture, 0, 1), np.uint8)


def _room(generator: Generator, size: int) -> Picture:
    """Return a wall, perhaps a floor, and furniture-like shapes."""
    wall = generator.random(3) * 0.5 + 0.45 if generator.random() < 0.6 else generator.random(3)
    lower = np.clip(wall + generator.normal(0, 0.22, 3), 0, 1)
    fade = np.linspace(0, 1, size)[:, None, None]
    room = (wall * (1 - fade) + lower * fade) * np.ones((size, size, 3))
    if generator.random() < 0.75:
        floor = int(generator.uniform(0.45, 0.95) * size)
        room[floor:] = generator.random(3) * generator.uniform(0.2, 1)
        room[floor:] += generator.normal(0, 0.05 * generator.random(), room[floor:].shape)
    shaded = (room * (0.85 + 0.3 * value_noise(size, 3, generator))).astype(np.float32)
    for _ in range(generator.integers(0, 22)):
        _draw_clutter(shaded, generator)
    return np.asarray(255 * np.clip(shaded, 0, 1), np.uint8)


def _draw_clutter(picture: NDArray[np.float32], generator: Generator) -> None:
    """Draw one random shape: box, line, ellipse, polygon or a limb-like stroke (values 0..1)."""
    size = picture.shape[0]
    gray = generator.random() < 0.4
    color = tuple(
        float(c) for c in (np.full(3, generator.random()) if gray else generator.random(3))
    )
    start = tuple(int(c) for c in generator.integers(-20, size + 20, 2))
    extent = generator.integers(4, 90, 2)
    thickness = -1 if generator.random() < 0.6 else int(generator.integers(1, 4))
    reach = generator.integers(-80, 80, 2)
    end = (start[0] + int(reach[0]), start[1] + int(reach[1]))
    match generator.integers(5):
        case 0:
            corner = (start[0] + int(extent[0]), start[1] + int(extent[1]))
            cv2.rectangle(picture, start, corner, color, thickness)
        case 1:
            cv2.line(picture, start, end, color, int(generator.integers(1, 7)), cv2.LINE_AA)
        case 2:
            axes = (int(extent[0]) // 2 + 1, int(extent[1]) // 2 + 1)
            angle = float(generator.uniform(0, 180))
            cv2.ellipse(picture, start, axes, angle, 0, 360, color, thickness, cv2.LINE_AA)
        case 3:
            corners = generator.integers(-50, 50, (generator.integers(3, 6), 2))
            cv2.fillPoly(
                picture, [(np.array(start) + corners).astype(np.int32)], color, cv2.LINE_AA
            )
        case _:
            cv2.line(picture, start, end, color, int(generator.integers(8, 22)), cv2.LINE_AA)
