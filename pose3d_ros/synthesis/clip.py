"""A short video of one rendered person with exact joints: the demo's input and its truth."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.camera import Camera
from pose3d_ros.errors import DataError
from pose3d_ros.synthesis.figure import Figure
from pose3d_ros.synthesis.person import Light, People
from pose3d_ros.synthesis.poses import Pose, motion
from pose3d_ros.synthesis.rotations import X_AXIS, Z_AXIS, about
from pose3d_ros.synthesis.studio import NumbaStudio
from pose3d_ros.synthesis.surroundings import Panorama, load_panoramas
from pose3d_ros.synthesis.view import CAMERA_FROM_WORLD, View

CAMERA_HEIGHT_M = 1.35
PITCH_DEG = 6.0  # the camera looks down a little
FAR_BLUR_PX = 1.3  # the lens focuses on the person


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipPlan:
    """What the clip shows.

    Attributes:
        place: Name of the held-out panorama.
        heading: Where the middle of the image looks in it [deg].
        size: Width and height of the images [px].
        fov_deg: Horizontal field of view [deg].
        fps: Images per second.
        keys: Number of key poses.
        frames_per_key: Images from one key pose to the next.
        distance: From the camera to the person [m].
        seed: Of the person, the outfit and the poses.
    """

    place: str = 'forest'
    heading: float = 0.0
    size: tuple[int, int] = (640, 480)
    fov_deg: float = 60.0
    fps: int = 30
    keys: int = 16
    frames_per_key: int = 20
    distance: float = 3.2
    seed: int = 4


def render_clip(plan: ClipPlan, video: Path) -> None:
    """Render a clip and its truth (`VIDEO` with the suffix .npz).

    The truth holds `positions` (T, 17, 3) in the camera's optical frame [m], `pixels`
    (T, 17, 2), `K` (3, 3), `width`, `height`, `fps` and `joints`.

    Args:
        plan: What to show.
        video: Where to write; the suffix must be .mp4.

    Raises:
        DataError: OpenCV cannot write such a file.
    """
    generator = np.random.default_rng(plan.seed)
    people = People(held_out=True)
    studio = NumbaStudio(people.body)
    panorama = next(p for p in load_panoramas(held_out=True) if p.name == plan.place)
    camera = Camera.from_fov(*plan.size, plan.fov_deg)
    turn = about(Z_AXIS, -plan.heading)  # the world is turned, not the camera
    view = _view(plan, float(camera.K[0, 0]))
    world_from_camera = turn.T @ view.rotation.T
    background = panorama.view(plan.size, view.focal, world_from_camera)
    background = cv2.GaussianBlur(background, (0, 0), FAR_BLUR_PX).astype(np.float32)
    light = _light(panorama, turn)
    outfit = people.sample_outfit(generator)
    shape = people.body.sample_shape(generator, held_out=True)
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*'mp4v'), plan.fps, plan.size)
    if not writer.isOpened():
        msg = f'OpenCV cannot write {video}: use the suffix .mp4'
        raise DataError(msg)
    positions = []
    for step, pose in enumerate(_motion(plan, people, generator)):
        figure = _on_floor(studio.mesh.figure(shape, _facing(pose, plan, step), outfit))
        person = studio.picture(figure, outfit, light, view, plan.size).astype(np.float32)
        shadow = _shadow(figure, view, plan.size)
        lit = background * (1 - 0.45 * shadow[..., None])
        image = lit * (1 - person[..., 3:] / 255) + person[..., :3]
        writer.write(image.astype(np.uint8))
        positions.append(view.to_camera(figure.joints))
    writer.release()
    truth = np.stack(positions)
    np.savez_compressed(
        video.with_suffix('.npz'),
        positions=truth.astype(np.float32),
        pixels=camera.project(truth).astype(np.float32),
        K=camera.K,
        width=plan.size[0],
        height=plan.size[1],
        fps=plan.fps,
        joints=np.array(people.body.joints),
    )


def _motion(plan: ClipPlan, people: People, generator: np.random.Generator) -> list[Pose]:
    """Return poses from key to key, without those that bend far down or lift a leg high."""
    keys: list[Pose] = []
    while len(keys) < plan.keys:
        pose = people.poses.sample(generator)
        thighs = [pose[people.body.bone(f'upperleg01.{s}')] for s in 'LR']
        if all(thigh[2, 2] > 0.6 for thigh in thighs):
            keys.append(pose)
    return list(motion(keys, plan.frames_per_key))


def _facing(pose: Pose, plan: ClipPlan, step: int) -> Pose:
    """Return the pose turned slowly to and fro before the camera."""
    angle = 55 * np.sin(2 * np.pi * step / (plan.keys * plan.frames_per_key) * 2)
    turned = pose.copy()
    turned[0] = about(Z_AXIS, angle) @ pose[0]
    return turned


def _on_floor(figure: Figure) -> Figure:
    """Return the figure with its lowest point on the floor, z = 0."""
    return figure.moved(np.array([0, 0, -figure.vertices[:, 2].min()], np.float32))


def _view(plan: ClipPlan, focal: float) -> View:
    rotation = CAMERA_FROM_WORLD @ about(X_AXIS, PITCH_DEG)
    eye = np.array([0, -plan.distance, CAMERA_HEIGHT_M])
    middle = (plan.size[0] / 2, plan.size[1] / 2)
    return View(rotation, -rotation @ eye, focal, middle)


def _light(panorama: Panorama, turn: NDArray[np.float64]) -> Light:
    """Return the panorama's ambient light with one lamp from above, behind the camera."""
    lamp = turn.T @ np.array([[-0.4, -0.6, 0.7]]).T
    return Light(
        panorama.irradiance * np.float32(0.65),
        (lamp.T / np.linalg.norm(lamp)).astype(np.float32),
        np.full((1, 3), 0.35, np.float32),
    )


def _shadow(figure: Figure, view: View, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return a soft contact shadow on the floor, 0..1, shape (height, width)."""
    mask = np.zeros(size[::-1], np.float32)
    flat = figure.vertices[::7] * np.array([1, 1, 0], np.float32)
    near = figure.vertices[::7, 2] < 0.5
    for u, v, _ in view.project(flat[near]):
        cv2.circle(mask, (round(u), round(v)), 5, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 7), np.float32)
