"""Moving scenes with exact truth: several people who cross before one another, and empty rooms."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.camera import Camera
from pose3d_ros.synthesis.figure import Figure
from pose3d_ros.synthesis.gait import STRIDE_M, walking
from pose3d_ros.synthesis.outfit import Outfit
from pose3d_ros.synthesis.person import Light, People
from pose3d_ros.synthesis.rotations import X_AXIS, Z_AXIS, about
from pose3d_ros.synthesis.studio import NumbaStudio
from pose3d_ros.synthesis.surroundings import load_panoramas
from pose3d_ros.synthesis.view import CAMERA_FROM_WORLD, View

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]

CAMERA_HEIGHT_M = 1.4
PITCH_DEG = 5.0
NEAREST_M = 0.2  # what is nearer to the camera is not rendered
NOBODY, OUTSIDE = -1, -2
RIM_PX = 8  # clothes and hair reach beyond the body

# Each walks from place to place: time [s], x to the right and y away from the camera [m].
CROWD = (
    ((0, -1.6, 3.1), (5, 1.6, 3.1), (10, -1.6, 3.0), (15, 1.5, 3.2), (20, -1.6, 3.1)),
    ((0, 0.9, 4.6), (9, 0.9, 4.6), (12, -0.6, 4.4), (20, -0.6, 4.4)),
    ((0, 3.0, 5.4), (7, -3.0, 5.2), (8, -3.0, 5.2), (15, 2.8, 5.6), (20, -1.5, 5.4)),
    (
        (0, -7.0, 5.9),
        (4, -6.0, 5.9),
        (10, 1.5, 6.2),
        (15, -6.5, 6.0),
        (17, -6.0, 5.9),
        (20, -1, 6),
    ),
    ((0, -1.2, 7.0), (7, -1.0, 3.9), (10, -1.4, 3.9), (17, -0.2, 7.0), (20, 0.5, 7.0)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenePlan:
    """What a scene shows.

    Attributes:
        place: Name of the held-out panorama.
        size: Width and height of the images [px].
        fov_deg: Horizontal field of view [deg].
        fps: Images per second.
        seconds: How long it is [s].
        seed: Of the people.
    """

    place: str = 'forest'
    size: tuple[int, int] = (640, 480)
    fov_deg: float = 65.0
    fps: int = 15
    seconds: float = 20.0
    seed: int = 11

    @property
    def camera(self) -> Camera:
        """The camera that takes the images."""
        return Camera.from_fov(*self.size, self.fov_deg)


@dataclass(frozen=True, slots=True)
class SceneImage:
    """One image of a scene and its truth.

    Attributes:
        image: BGR, shape (height, width, 3).
        stamp: When it was taken [s].
        positions: Joints of everybody in the camera's optical frame, shape (P, 17, 3) [m].
        hider: Who is before a joint: the index of another person, `NOBODY`, or `OUTSIDE` if the
            joint is not in the image, shape (P, 17).
    """

    image: Picture
    stamp: float
    positions: Array
    hider: NDArray[np.int8]

    @property
    def visible(self) -> NDArray[np.bool_]:
        """Whether a joint is in the image and no other person is before it, shape (P, 17)."""
        return np.asarray(self.hider == NOBODY)

    def hidden_by(self, person: int) -> NDArray[np.int64]:
        """Return how many joints of everybody a person is before, shape (P,)."""
        return np.asarray((self.hider == person).sum(axis=1))


@dataclass(frozen=True, slots=True)
class _Walker:
    path: Array  # rows of time, x, y
    shape: NDArray[np.float32]
    outfit: Outfit


def crowd(plan: ScenePlan) -> Iterator[SceneImage]:
    """Yield the images of five people who cross before one another; one leaves and comes back.

    Args:
        plan: How to take it.
    """
    generator = np.random.default_rng(plan.seed)
    people = People(held_out=True)
    studio = NumbaStudio(people.body)
    walkers = [
        _Walker(
            np.array(path, float),
            people.body.sample_shape(generator, held_out=True),
            people.sample_outfit(generator),
        )
        for path in CROWD
    ]
    panorama = next(p for p in load_panoramas(held_out=True) if p.name == plan.place)
    view = _view(plan)
    background = panorama.view(plan.size, view.focal, view.rotation.T).astype(np.float32)
    lamp = np.array([[-0.4, -0.6, 0.7]], np.float32)
    light = Light(
        panorama.irradiance * np.float32(0.65),
        lamp / np.float32(np.linalg.norm(lamp)),
        np.full((1, 3), 0.35, np.float32),
    )
    draw = _Painter(studio, light, view, plan.size)
    for step in range(round(plan.seconds * plan.fps)):
        stamp = step / plan.fps
        bodies = [_figure(people, studio, walker, stamp) for walker in walkers]
        positions = np.stack([view.to_camera(body.joints) for body in bodies])
        picture = background.copy()
        owner = np.full(picture.shape[:2], -1, np.int8)
        for index in np.argsort(-positions[:, 0, 2]):  # far people first
            layer = draw(bodies[index], walkers[index].outfit)
            if layer is not None:
                _paste(picture, owner, int(index), *layer)
        noise = generator.normal(0, 2, picture.shape).astype(np.float32)
        image = np.clip(picture + noise, 0, 255).astype(np.uint8)
        yield SceneImage(image, stamp, positions, _hiders(plan.camera, positions, owner))


def empty_room(plan: ScenePlan) -> Iterator[SceneImage]:
    """Yield images without people: a camera that pans slowly through a place, with its noise.

    Args:
        plan: How to take it.
    """
    generator = np.random.default_rng(plan.seed)
    panorama = next(p for p in load_panoramas(held_out=True) if p.name == plan.place)
    view = _view(plan)
    for step in range(round(plan.seconds * plan.fps)):
        turn = about(Z_AXIS, 360 * step / max(plan.seconds * plan.fps, 1))
        picture = panorama.view(plan.size, view.focal, turn @ view.rotation.T)
        yield _nobody(picture + generator.normal(0, 4, picture.shape), step / plan.fps)


def noise(plan: ScenePlan) -> Iterator[SceneImage]:
    """Yield images of nothing but noise, fine and coarse in turn.

    Args:
        plan: How to take it.
    """
    generator = np.random.default_rng(plan.seed)
    width, height = plan.size
    for step in range(round(plan.seconds * plan.fps)):
        grain = 2 ** (step % 7)
        coarse = generator.uniform(0, 255, (max(height // grain, 2), max(width // grain, 2), 3))
        yield _nobody(cv2.resize(coarse, plan.size), step / plan.fps)


@dataclass(frozen=True, slots=True)
class _Painter:
    """Renders people, each in the part of the image where it is."""

    studio: NumbaStudio
    light: Light
    view: View
    size: tuple[int, int]

    def __call__(
        self, figure: Figure, outfit: Outfit
    ) -> tuple[NDArray[np.float32], tuple[int, int]] | None:
        """Return a person as premultiplied BGRA, and where its upper left corner is.

        Returns:
            None for somebody who is not in the image.
        """
        screen = self.view.project(figure.vertices)
        if screen[:, 2].min() < NEAREST_M:
            return None
        low = np.clip(np.floor(screen[:, :2].min(0)) - RIM_PX, 0, self.size).astype(int)
        high = np.clip(np.ceil(screen[:, :2].max(0)) + RIM_PX, 0, self.size).astype(int)
        left, top = (int(side) for side in low)
        width, height = (int(side) for side in high - low)
        if min(width, height) < 2:
            return None
        centre = self.view.center[0] - left, self.view.center[1] - top
        part = View(self.view.rotation, self.view.translation, self.view.focal, centre)
        layer = self.studio.picture(figure, outfit, self.light, part, (width, height))
        return layer.astype(np.float32), (left, top)


def _nobody(picture: NDArray[Any], stamp: float) -> SceneImage:
    image = np.clip(picture, 0, 255).astype(np.uint8)
    return SceneImage(image, stamp, np.empty((0, 17, 3)), np.empty((0, 17), np.int8))


def _view(plan: ScenePlan) -> View:
    rotation = CAMERA_FROM_WORLD @ about(X_AXIS, PITCH_DEG)
    focal = float(plan.camera.K[0, 0])
    eye = np.array([0, 0, CAMERA_HEIGHT_M])
    return View(rotation, -rotation @ eye, focal, (plan.size[0] / 2, plan.size[1] / 2))


def _figure(people: People, studio: NumbaStudio, walker: _Walker, stamp: float) -> Figure:
    """Return a walker at a time, on the floor and facing where it goes."""
    place, velocity = _place(walker.path, stamp), _velocity(walker.path, stamp)
    speed = float(np.linalg.norm(velocity))
    phase = _walked(walker.path, stamp) / STRIDE_M
    pose = walking(people.poses, people.body, phase, min(speed / 0.6, 1.0))
    # In the rest pose a person faces -y; who stands turns to the camera.
    heading = math.degrees(math.atan2(velocity[0], -velocity[1])) if speed > 0.15 else 0.0
    pose[0] = about(Z_AXIS, heading) @ pose[0]
    figure = studio.mesh.figure(walker.shape, pose, walker.outfit)
    lift = -float(figure.vertices[:, 2].min())
    return figure.moved(np.array([*(place - figure.joints[0, :2]), lift], np.float32))


def _place(path: Array, stamp: float) -> Array:
    return np.array([np.interp(stamp, path[:, 0], path[:, axis]) for axis in (1, 2)])


def _velocity(path: Array, stamp: float, window: float = 0.3) -> Array:
    """Return the mean velocity around a time, so that turns take a while [m/s]."""
    return (_place(path, stamp + window) - _place(path, stamp - window)) / (2 * window)


def _walked(path: Array, stamp: float) -> float:
    """Return the way since the beginning [m]."""
    legs = np.linalg.norm(np.diff(path[:, 1:], axis=0), axis=1)
    return float(np.interp(stamp, path[:, 0], np.concatenate([[0.0], np.cumsum(legs)])))


def _paste(
    picture: NDArray[np.float32],
    owner: NDArray[np.int8],
    name: int,
    layer: NDArray[np.float32],
    corner: tuple[int, int],
) -> None:
    height, width = layer.shape[:2]
    window = np.s_[corner[1] : corner[1] + height, corner[0] : corner[0] + width]
    picture[window] = picture[window] * (1 - layer[..., 3:] / 255) + layer[..., :3]
    owner[window][layer[..., 3] > 127] = name


def _hiders(camera: Camera, positions: Array, owner: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return who is before each joint, shape (P, 17); see `SceneImage`."""
    pixels = camera.project(positions)
    inside = camera.contains(pixels)
    column, row = np.rint(np.where(inside[..., None], pixels, 0)).astype(int).T
    shown = owner[np.minimum(row, owner.shape[0] - 1), np.minimum(column, owner.shape[1] - 1)].T
    distance = positions[:, 0, 2]
    names = np.arange(len(positions))[:, None]
    nearer = distance[np.maximum(shown, 0)] < distance[:, None]
    hidden = (shown >= 0) & (shown != names) & nearer
    return np.where(inside, np.where(hidden, shown, NOBODY), OUTSIDE).astype(np.int8)
