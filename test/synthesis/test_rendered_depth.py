"""Depth of rendered people: joints stand behind the surface as far as `depth` says."""

import numpy as np
import pytest

from pose3d_ros.camera import Camera
from pose3d_ros.depth import DepthImage, behind_surface, fit_depth
from pose3d_ros.skeleton import H36M_17
from pose3d_ros.synthesis import render
from pose3d_ros.synthesis.person import People
from pose3d_ros.synthesis.studio import NumbaStudio
from pose3d_ros.synthesis.view import View, random_orientation

CAMERA = Camera.from_fov(640, 480, 60.0)
WALL_M = 8.0
PEOPLE = 60


@pytest.fixture(scope='module')
def scenes(people: People) -> list[tuple[np.ndarray, DepthImage]]:
    """Joints in the camera's frame, and what a depth camera sees of dressed people."""
    generator = np.random.default_rng(3)
    studio = NumbaStudio(people.body)
    order = [people.body.joints.index(joint) for joint in H36M_17.joints]
    found = []
    for _ in range(PEOPLE):
        figure = studio.mesh.figure(
            people.body.sample_shape(generator),
            people.sample_pose(generator),
            people.sample_outfit(generator),
        )
        rotation = random_orientation(generator)
        move = (0, 0, generator.uniform(2, 4.5)) - rotation @ figure.joints[order[0]]
        view = View(rotation, move, float(CAMERA.K[0, 0]), (320.0, 240.0))
        screen = view.project(figure.vertices).astype(np.float32)
        ids, weights = render.rasterize(screen, studio.mesh.faces, 640, 480)
        corners = screen[studio.mesh.faces[ids], 2]
        depth = np.where(ids < 0, WALL_M, (weights * corners).sum(axis=-1))
        depth[generator.random(depth.shape) < 0.1] = np.nan
        found.append((view.to_camera(figure.joints[order]), DepthImage(depth.astype(np.float32))))
    return found


def test_joints_stand_behind_the_surface_as_far_as_stated(
    scenes: list[tuple[np.ndarray, DepthImage]],
) -> None:
    behind = np.array(
        [
            joints[:, 2] - depth.surfaces(CAMERA.project(joints), joints[:, 2], CAMERA)
            for joints, depth in scenes
        ]
    )
    unhidden = np.where(behind < 0.25, behind, np.nan)
    unhidden[unhidden < -1] = np.nan  # the wall
    medians = np.nanmedian(unhidden, axis=0)
    np.testing.assert_allclose(medians, behind_surface(H36M_17.joints), atol=0.03)


def test_a_person_taken_for_larger_or_smaller_is_put_right(
    scenes: list[tuple[np.ndarray, DepthImage]],
) -> None:
    generator = np.random.default_rng(4)
    confidence = np.full(17, 0.8)
    before, after = [], []
    for joints, depth in scenes:
        wrong = generator.normal(1.0, 0.12) * joints
        surfaces = depth.surfaces(CAMERA.project(wrong), wrong[:, 2], CAMERA)
        fit = fit_depth(wrong[:, 2], surfaces, confidence, H36M_17.joints, 0.14)
        assert fit is not None
        before.append(np.linalg.norm(wrong[0] - joints[0]))
        after.append(np.linalg.norm(fit.scale * wrong[0] - joints[0]))
    assert np.mean(after) < np.mean(before) / 4
