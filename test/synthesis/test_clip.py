"""The demo's clip and its truth."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from pose3d_ros.camera import Camera
from pose3d_ros.errors import DataError
from pose3d_ros.synthesis.clip import ClipPlan, render_clip

pytestmark = pytest.mark.slow

PLAN = ClipPlan(keys=3, frames_per_key=3, size=(160, 120))


def test_the_truth_of_a_clip_is_where_the_person_is(tmp_path: Path) -> None:
    video = tmp_path / 'clip.mp4'
    render_clip(PLAN, video)
    with np.load(video.with_suffix('.npz')) as truth:
        camera = Camera(int(truth['width']), int(truth['height']), truth['K'])
        projected = camera.project(truth['positions'])
        np.testing.assert_allclose(projected, truth['pixels'], atol=1e-2)
        count = len(truth['positions'])
        pelvis = truth['positions'][:, 0, 2]
    capture = cv2.VideoCapture(str(video))
    images = [capture.read()[1] for _ in range(count)]
    assert count == 6
    assert not capture.read()[0]
    assert images[0].shape == (120, 160, 3)
    np.testing.assert_allclose(pelvis, PLAN.distance, atol=0.5)


def test_a_container_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'use the suffix \.mp4'):
        render_clip(PLAN, tmp_path / 'clip.nonsense')
