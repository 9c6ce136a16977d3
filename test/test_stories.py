"""Several images answered side by side: the same people, in fewer calls of the estimator."""

from collections.abc import Mapping

import cv2
import numpy as np
import pytest

from pose3d_ros import Camera, Pipeline, PipelineConfig
from pose3d_ros.detectors.full_image import FullImageDetector
from pose3d_ros.errors import EstimateError, ImageError
from pose3d_ros.methods.constant.estimator import ConstantEstimator
from pose3d_ros.person import Estimates, Person
from pose3d_ros.picture import Picture
from pose3d_ros.stories import tell

CAMERAS = (Camera.from_fov(640, 480, 60.0), Camera.from_fov(1280, 720, 90.0))
FRAME = 1 / 30
NOBODY, SOMEBODY, NONSENSE = 0, 100, 200  # how bright an image is


class Counting(ConstantEstimator):
    """Sees somebody in grey crops and nobody in black ones, and counts the crops of each batch."""

    def __init__(self) -> None:
        super().__init__(PipelineConfig())
        self.batches: list[int] = []

    def __call__(self, crops: np.ndarray) -> Estimates:
        self.batches.append(len(crops))
        estimates = super().__call__(crops)
        brightness = crops[:, 32, 32, 0]
        estimates.presence[brightness == NOBODY] = 0
        estimates.depth[brightness == NONSENSE] = np.nan
        return estimates


@pytest.fixture
def estimator() -> Counting:
    return Counting()


@pytest.fixture
def pipelines(estimator: Counting) -> tuple[Pipeline, Pipeline]:
    config = PipelineConfig()
    pipeline = Pipeline(estimator, FullImageDetector(config), config)
    return pipeline, pipeline.sibling()


def image(camera: Camera, brightness: int = SOMEBODY) -> np.ndarray:
    return np.full((camera.height, camera.width, 3), brightness, np.uint8)


def together(
    pipelines: tuple[Pipeline, ...], stamp: float, *, brightness: tuple[int, int] = (SOMEBODY,) * 2
) -> list[object]:
    stories = [
        pipeline.story(image(camera, level), camera, stamp)
        for pipeline, camera, level in zip(pipelines, CAMERAS, brightness, strict=True)
    ]
    return tell(stories, pipelines[0].estimator)


def facts(person: Person) -> Mapping[str, object]:
    return {
        name: np.asarray(getattr(person, name)).tolist()
        for name in Person.__slots__
        if name != 'id'
    }


def test_together_the_people_are_those_of_each_image_alone(
    pipelines: tuple[Pipeline, Pipeline],
) -> None:
    alone = tuple(pipeline.sibling() for pipeline in pipelines)
    for stamp in (0.0, FRAME, 2 * FRAME):
        for people, pipeline, camera in zip(
            together(pipelines, stamp), alone, CAMERAS, strict=True
        ):
            expected = pipeline(image(camera), camera, stamp)
            assert [facts(each) for each in people] == [facts(each) for each in expected]


def test_the_crops_of_all_images_are_one_batch(
    pipelines: tuple[Pipeline, Pipeline], estimator: Counting
) -> None:
    together(pipelines, 0.0)
    estimator.batches.clear()
    together(pipelines, FRAME)
    followed = 2
    assert estimator.batches[0] >= followed
    alone = tuple(pipeline.sibling() for pipeline in pipelines)
    estimator.batches.clear()
    for pipeline, camera in zip(alone, CAMERAS, strict=True):
        pipeline(image(camera), camera, 0.0)
    apart, apart_crops = len(estimator.batches), sum(estimator.batches)
    estimator.batches.clear()
    together(tuple(pipeline.sibling() for pipeline in pipelines), 0.0)
    assert (len(estimator.batches), sum(estimator.batches)) == (apart / 2, apart_crops)


def test_names_are_unique_over_cameras(pipelines: tuple[Pipeline, Pipeline]) -> None:
    people = [person for each in together(pipelines, 0.0) for person in each]
    assert len({person.id for person in people}) == len(people) >= 2


def test_an_image_with_nobody_does_not_hold_up_the_other(
    pipelines: tuple[Pipeline, Pipeline],
) -> None:
    nobody, somebody = together(pipelines, 0.0, brightness=(NOBODY, SOMEBODY))
    assert nobody == []
    assert somebody


def test_a_wrong_image_does_not_harm_the_other(pipelines: tuple[Pipeline, Pipeline]) -> None:
    first, second = CAMERAS
    stories = [
        pipelines[0].story(image(second), first, 0.0),
        pipelines[1].story(image(second), second, 0.0),
    ]
    error, people = tell(stories, pipelines[0].estimator)
    assert isinstance(error, ImageError)
    assert people


def test_a_damaged_jpeg_does_not_harm_the_other(pipelines: tuple[Pipeline, Pipeline]) -> None:
    first, second = CAMERAS
    coded = cv2.imencode('.jpg', image(first))[1].tobytes()
    damaged = coded[: coded.index(b'\xff\xda')] + b'\xff\xd9'  # a frame without a scan
    stories = [
        pipelines[0].story(Picture.from_code(np.frombuffer(damaged, np.uint8)), first, 0.0),
        pipelines[1].story(image(second), second, 0.0),
    ]
    error, people = tell(stories, pipelines[0].estimator)
    assert isinstance(error, ImageError)
    assert people


def test_nonsense_about_one_image_does_not_harm_the_other(
    pipelines: tuple[Pipeline, Pipeline],
) -> None:
    error, people = together(pipelines, 0.0, brightness=(NONSENSE, SOMEBODY))
    assert isinstance(error, EstimateError)
    assert people


def test_no_images_are_no_work(estimator: Counting) -> None:
    assert tell([], estimator) == []
    assert estimator.batches == []
