"""Boxes from another program: what is done with good ones, and with bad, late and missing ones."""

import numpy as np
import pytest

from pose3d_ros.camera import Camera
from pose3d_ros.config import PipelineConfig
from pose3d_ros.detectors.topic import TopicDetector

CAMERA = Camera.from_fov(640, 480, 60)
IMAGE = np.zeros((480, 640, 3), np.uint8)
ONE, OTHER = (100.0, 50.0, 80.0, 200.0), (400.0, 60.0, 90.0, 220.0)


@pytest.fixture
def detector() -> TopicDetector:
    return TopicDetector(PipelineConfig(detections_age=0.5))


def test_boxes_are_handed_on_as_they_were_told(detector: TopicDetector) -> None:
    assert not detector.receive(np.array([ONE, OTHER]), stamp=1.0)
    np.testing.assert_array_equal(detector(IMAGE, CAMERA, 1.02), [ONE, OTHER])


def test_a_silent_topic_proposes_nobody(detector: TopicDetector) -> None:
    assert detector(IMAGE, CAMERA, 1.0).shape == (0, 4)


@pytest.mark.parametrize('stamp', [1.6, 0.4, 1e9])
def test_boxes_of_another_time_are_not_used(detector: TopicDetector, stamp: float) -> None:
    detector.receive(np.array([ONE]), stamp=1.0)
    assert detector(IMAGE, CAMERA, stamp).shape == (0, 4)


def test_newer_boxes_replace_older_ones_also_when_there_are_none(detector: TopicDetector) -> None:
    detector.receive(np.array([ONE]), stamp=1.0)
    detector.receive(np.empty((0, 4)), stamp=1.1)
    assert detector(IMAGE, CAMERA, 1.1).shape == (0, 4)


@pytest.mark.parametrize(
    ('bad', 'reason'),
    [
        ((np.nan, 0, 10, 10), '1 of 2 boxes are not finite'),
        ((0, 0, np.inf, 10), '1 of 2 boxes are not finite'),
        ((0, 0, 0, 10), '1 of 2 boxes have no size'),
        ((0, 0, 10, -5), '1 of 2 boxes have no size'),
    ],
)
def test_a_bad_box_is_left_out_and_named(
    detector: TopicDetector, bad: tuple[float, ...], reason: str
) -> None:
    assert detector.receive(np.array([bad, ONE]), stamp=1.0) == reason
    np.testing.assert_array_equal(detector(IMAGE, CAMERA, 1.0), [ONE])


def test_boxes_outside_the_image_are_left_out_and_others_cut(detector: TopicDetector) -> None:
    detector.receive(np.array([(700.0, 0, 50, 50), (-40, 50, 80, 200)]), stamp=1.0)
    np.testing.assert_array_equal(detector(IMAGE, CAMERA, 1.0), [(0, 50, 40, 200)])


def test_of_two_boxes_on_one_person_the_surer_stays(detector: TopicDetector) -> None:
    detector.receive(np.array([ONE, (104.0, 52.0, 80.0, 200.0), OTHER]), stamp=1.0)
    np.testing.assert_array_equal(detector(IMAGE, CAMERA, 1.0), [ONE, OTHER])
