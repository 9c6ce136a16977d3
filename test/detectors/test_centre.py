"""The centre detector: what it proposes, and which files it takes."""

from pathlib import Path

import dots
import numpy as np
import pytest

from pose3d_ros.boxes import distinct_boxes
from pose3d_ros.camera import Camera
from pose3d_ros.config import PipelineConfig
from pose3d_ros.detectors.centre.detector import CentreDetector, CentreModel
from pose3d_ros.errors import ModelFileError
from pose3d_ros.footage import read_video
from pose3d_ros.shipped import ASSETS


@pytest.fixture(scope='module')
def detector() -> CentreDetector:
    return CentreDetector(PipelineConfig())


@pytest.mark.parametrize('size', [(640, 480), (1280, 720), (360, 640), (33, 900), (1, 1)])
def test_boxes_are_inside_the_image_whatever_its_shape(
    detector: CentreDetector, size: tuple[int, int]
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    boxes = detector(image, Camera.from_fov(*size, 60), 0.0)
    assert boxes.shape == (len(boxes), 4)
    assert np.isfinite(boxes).all()
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, :2] + boxes[:, 2:] <= size).all()
    assert (boxes[:, 2:] > 0).all()


def test_it_finds_the_person_of_the_clip(detector: CentreDetector) -> None:
    image = next(read_video(ASSETS / 'demo_clip.mp4'))
    with np.load(ASSETS / 'demo_clip.npz') as truth:
        low, high = truth['pixels'][0].min(0), truth['pixels'][0].max(0)
    boxes = detector(image, Camera.from_fov(640, 480, 60), 0.0)
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    apart = np.linalg.norm(middles - (low + high) / 2, axis=1) / (high - low).max()
    assert apart.min() < 0.25


def test_the_image_stays_as_it_is(detector: CentreDetector) -> None:
    image = np.full((480, 640, 3), 90, np.uint8)
    detector(image, Camera.from_fov(640, 480, 60), 0.0)
    assert (image == 90).all()


def test_a_higher_score_asked_for_proposes_fewer_of_the_same() -> None:
    image = next(read_video(ASSETS / 'demo_clip.mp4'))
    camera = Camera.from_fov(640, 480, 60)
    few, many = (
        CentreDetector(PipelineConfig(min_score=score))(image, camera, 0.0) for score in (0.5, 0.0)
    )
    assert len(few) < len(many)
    np.testing.assert_array_equal(few, many[: len(few)])


def test_of_two_boxes_on_one_person_the_surer_stays() -> None:
    boxes = np.array([(10.0, 10, 100, 200), (14, 12, 100, 200), (300, 10, 50, 100)])
    np.testing.assert_array_equal(distinct_boxes(boxes, 640, 480), boxes[[0, 2]])


def test_boxes_outside_the_image_are_left_out_and_others_cut() -> None:
    boxes = np.array([(-500.0, 0, 100, 100), (639.5, 0, 100, 100), (-50, -50, 100, 100)])
    np.testing.assert_array_equal(distinct_boxes(boxes, 640, 480), [(0, 0, 50, 50)])


def test_the_model_file_of_an_estimator_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = dots.write_model(tmp_path / 'dots.onnx')
    with pytest.raises(ModelFileError, match=r'cannot be used as a detector: its metadata are po'):
        CentreModel(path, PipelineConfig())
