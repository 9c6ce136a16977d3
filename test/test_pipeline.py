"""The story of one image, with a model whose answers are known: it reads painted dots."""

import itertools
import math
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import dots
import numpy as np
import pytest
from bodies import standing as body

from pose3d_ros import Camera, JointState, Person, PersonState, Pipeline, PipelineConfig, plugins
from pose3d_ros.depth import DepthImage, behind_surface
from pose3d_ros.errors import BoxError, EstimateError, ImageError, ModelFileError, PluginError
from pose3d_ros.estimator import Estimator
from pose3d_ros.options import updated
from pose3d_ros.person import Estimates
from pose3d_ros.skeleton import H36M_17

WIDE = np.array(((620.0, 0.0, 650.0), (0.0, 610.0, 350.0), (0.0, 0.0, 1.0)))
CAMERA = Camera.from_fov(1280, 720, 65.0)
CAMERAS = {
    'pinhole': CAMERA,
    'plumb_bob': Camera(1280, 720, WIDE, (-0.25, 0.06, 0.001, -0.001, 0.0)),
    'equidistant': Camera(1280, 720, WIDE, (-0.02, 0.003, 0.0, 0.0), 'equidistant'),
}
FRAME = 1 / 30


@pytest.fixture(scope='module')
def config(tmp_path_factory: pytest.TempPathFactory) -> PipelineConfig:
    path = dots.write_model(tmp_path_factory.mktemp('model') / 'dots.onnx')
    return PipelineConfig(model=str(path))


@pytest.fixture
def pipeline(config: PipelineConfig) -> Iterator[Pipeline]:
    pipeline = Pipeline.load('volumetric', config)
    yield pipeline
    pipeline.close()


def picture(*people: np.ndarray, camera: Camera = CAMERA) -> np.ndarray:
    image = dots.blank(camera)
    for positions in people:
        dots.paint(image, camera, positions)
    return image


def box_of(positions: np.ndarray, camera: Camera = CAMERA) -> tuple[float, ...]:
    pixels = camera.project(positions)
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    return (*low, *(high - low))


def angles_deg(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Angles between the directions of points, seen from the camera [deg]."""
    lengths = np.linalg.norm(found, axis=-1) * np.linalg.norm(wanted, axis=-1)
    return np.degrees(np.arccos(np.clip((found * wanted).sum(axis=-1) / lengths, -1, 1)))


def states(people: list[Person]) -> list[str]:
    return [person.state.name for person in people]


# What one image says


@pytest.mark.parametrize('camera', CAMERAS.values(), ids=CAMERAS.keys())
@pytest.mark.parametrize('x', [-0.9, 0.0, 0.8])
def test_a_joint_is_found_in_the_direction_that_it_was_painted_in(
    pipeline: Pipeline, camera: Camera, x: float
) -> None:
    truth = body(x, z=2.2 if camera is not CAMERA else 3.2)
    (person,) = pipeline(picture(truth, camera=camera), camera, stamp=0.0)
    assert angles_deg(person.positions, truth).max() < 0.4
    assert np.linalg.norm(person.pixels - camera.project(truth), axis=1).max() < 6
    np.testing.assert_allclose(camera.project(person.positions), person.pixels, atol=1e-6)


@pytest.mark.parametrize('z', [3.0, 3.6, 4.5])
def test_a_person_of_mean_size_is_found_at_the_right_distance(
    pipeline: Pipeline, z: float
) -> None:
    truth = body(0.0, z)
    (person,) = pipeline(picture(truth), CAMERA, stamp=0.0)
    assert np.linalg.norm(person.positions - truth, axis=1).max() < 0.08 * z
    relative = (person.positions - person.positions[0]) - (truth - truth[0])
    assert np.linalg.norm(relative, axis=1).max() < 0.1


def test_a_known_height_scales_the_distance(config: PipelineConfig) -> None:
    image = picture(body())
    short, tall = (
        Pipeline.load(config=updated(config, {'person_height': height}))(image, CAMERA, 0.0)[0]
        for height in (1.5, 1.8)
    )
    assert tall.positions[0, 2] / short.positions[0, 2] == pytest.approx(1.2, rel=0.02)


def test_joints_are_visible_occluded_or_out_of_the_image(pipeline: Pipeline) -> None:
    truth = body(x=-1.35, yaw_deg=0.0)  # the right arm leaves the image
    image = picture(truth)
    hidden = H36M_17.index('l_ankle')
    u, v = CAMERA.project(truth[hidden]).astype(int)
    image[v - 12 : v + 13, u - 12 : u + 13] = 20
    (person,) = pipeline(image, CAMERA, stamp=0.0, boxes=[box_of(truth)])
    assert person.joint_states[H36M_17.index('pelvis')] == JointState.VISIBLE
    assert person.joint_states[hidden] == JointState.OCCLUDED
    assert person.confidence[hidden] < 0.1 < person.confidence[0]
    assert person.deviation[hidden] > person.deviation[0]


def test_the_image_stays_as_it_is(pipeline: Pipeline) -> None:
    image = picture(body())
    before = image.copy()
    pipeline(image, CAMERA, stamp=0.0)
    np.testing.assert_array_equal(image, before)


def test_an_empty_room_has_no_people(pipeline: Pipeline) -> None:
    assert pipeline(picture(), CAMERA, stamp=0.0) == []


def test_several_people_are_found_each_once(pipeline: Pipeline) -> None:
    truths = [body(-1.9, 4.5, -30.0), body(1.9, 4.5, 30.0)]
    people = pipeline(picture(*truths), CAMERA, stamp=0.0)
    assert len({person.id for person in people}) == 2
    for truth in truths:
        assert min(angles_deg(person.positions, truth).max() for person in people) < 0.4


def test_portrait_images_are_searched_as_well(pipeline: Pipeline) -> None:
    camera = Camera.from_fov(720, 1280, 40.0)
    truth = body(0.0, 3.2)
    (person,) = pipeline(picture(truth, camera=camera), camera, stamp=0.0)
    assert angles_deg(person.positions, truth).max() < 0.4


# Boxes given


def test_boxes_give_one_person_each_in_their_order(pipeline: Pipeline) -> None:
    truths = [body(0.9, 3.6), body(-0.9, 3.6)]
    for order in (truths, truths[::-1]):
        people = pipeline(
            picture(*truths), CAMERA, stamp=0.0, boxes=[box_of(truth) for truth in order]
        )
        assert states(people) == ['SEEN', 'SEEN']
        for person, truth in zip(people, order, strict=True):
            assert angles_deg(person.positions, truth).max() < 0.4


def test_a_box_with_nobody_is_not_reported_as_seen(pipeline: Pipeline) -> None:
    truth = body()
    people = pipeline(picture(truth), CAMERA, stamp=0.0, boxes=[(20, 20, 200, 300), box_of(truth)])
    assert states(people) == ['LOST', 'SEEN']
    assert pipeline(picture(truth), CAMERA, stamp=0.0, boxes=[]) == []


def test_looking_into_boxes_follows_nobody(pipeline: Pipeline) -> None:
    truth = body()
    (first,) = pipeline(picture(truth), CAMERA, stamp=0.0)
    pipeline(picture(truth), CAMERA, stamp=9.0, boxes=[box_of(truth)])
    (second,) = pipeline(picture(truth), CAMERA, stamp=FRAME)
    assert first.id == second.id
    assert second.state == PersonState.SEEN


@pytest.mark.parametrize('box', [(0, 0, 0, 10), (0, 0, 10, math.nan), (1, 2, 3)])
def test_a_box_that_encloses_nothing_is_refused(
    pipeline: Pipeline, box: tuple[float, ...]
) -> None:
    with pytest.raises(BoxError):
        pipeline(picture(), CAMERA, stamp=0.0, boxes=[box])


# From image to image


def test_a_moving_person_keeps_the_same_name(pipeline: Pipeline) -> None:
    found = []
    for index in range(20):
        truth = body(-0.9 + 0.08 * index)
        (person,) = pipeline(picture(truth), CAMERA, stamp=index * FRAME)
        found.append(person)
        assert angles_deg(person.positions, truth).max() < 0.4
        assert person.stamp == index * FRAME
    assert len({person.id for person in found}) == 1
    assert states(found) == ['ENTERING', *['SEEN'] * 19]


def test_who_leaves_is_predicted_then_lost_once_and_never_seen(config: PipelineConfig) -> None:
    pipeline = Pipeline.load(config=updated(config, {'lost_after': 0.2}))
    pipeline(picture(body()), CAMERA, stamp=0.0)
    told = [states(pipeline(picture(), CAMERA, stamp=0.05 * index)) for index in range(1, 8)]
    assert told == [['PREDICTED']] * 3 + [['LOST']] + [[]] * 3


def test_a_second_person_is_found_within_the_search_interval(pipeline: Pipeline) -> None:
    first, second = body(-0.9, 3.6), body(0.9, 3.6)
    pipeline(picture(first), CAMERA, stamp=0.0)
    for index in range(1, 40):
        people = pipeline(picture(first, second), CAMERA, stamp=index * FRAME)
        if len(people) == 2:
            break
    assert index * FRAME < pipeline.config.detect_interval + 0.3


def test_who_enters_an_empty_room_is_found_soon(pipeline: Pipeline) -> None:
    pipeline(picture(), CAMERA, stamp=0.0)
    image = picture(body(0.9))
    found = [states(pipeline(image, CAMERA, stamp=index * FRAME)) for index in range(1, 9)]
    assert found[-1] == ['SEEN']
    assert ['ENTERING'] in found


def test_no_more_people_are_followed_than_wanted(config: PipelineConfig) -> None:
    pipeline = Pipeline.load(config=updated(config, {'max_people': 1}))
    image = picture(body(-0.9, 3.0), body(0.9, 3.6))
    for index in range(10):
        assert len(pipeline(image, CAMERA, stamp=index * FRAME)) == 1


def test_time_that_jumps_backwards_begins_anew(pipeline: Pipeline) -> None:
    image = picture(body())
    (before,) = pipeline(image, CAMERA, stamp=100.0)
    (after,) = pipeline(image, CAMERA, stamp=1.0)
    assert after.state == PersonState.ENTERING
    assert after.id != before.id
    assert states(pipeline(image, CAMERA, stamp=1.0 + FRAME)) == ['SEEN']


def test_reset_forgets_everybody(pipeline: Pipeline) -> None:
    pipeline(picture(body()), CAMERA, stamp=0.0)
    pipeline.reset()
    assert pipeline(picture(), CAMERA, stamp=FRAME) == []


@pytest.mark.parametrize(
    'image',
    [
        np.zeros((480, 640, 3), np.uint8),
        np.zeros((720, 1280), np.uint8),
        np.zeros((720, 1280, 3), np.float32),
        np.zeros((0, 0, 3), np.uint8),
    ],
    ids=['size', 'channels', 'type', 'empty'],
)
def test_a_wrong_image_is_refused_and_the_next_good_one_is_followed(
    pipeline: Pipeline, image: np.ndarray
) -> None:
    (before,) = pipeline(picture(body()), CAMERA, stamp=0.0)
    with pytest.raises(ImageError, match=r'its camera gives uint8 \(720, 1280, 3\)'):
        pipeline(image, CAMERA, stamp=FRAME)
    (after,) = pipeline(picture(body()), CAMERA, stamp=2 * FRAME)
    assert after.id == before.id


def test_live_settings_take_effect_with_the_next_image(pipeline: Pipeline) -> None:
    image = picture(body())
    (person,) = pipeline(image, CAMERA, stamp=0.0)
    assert (person.joint_states == JointState.VISIBLE).all()
    pipeline.config = updated(pipeline.config, {'min_confidence': 0.99})
    (person,) = pipeline(image, CAMERA, stamp=FRAME)
    assert (person.joint_states == JointState.OCCLUDED).all()


def test_names_come_from_the_generator_given(config: PipelineConfig) -> None:
    generators = [random.Random(seed) for seed in (1, 1, 2)]  # noqa: S311 - no secret
    names = {
        Pipeline.load(config=config, rng=generator)(picture(body()), CAMERA, 0.0)[0].id
        for generator in generators
    }
    assert len(names) == 2
    assert all(len(name) == 5 and name.isalpha() and name.islower() for name in names)


# What it costs


class Counting:
    """An estimator that counts the crops of each batch of another one."""

    def __init__(self, estimator: Estimator) -> None:
        self._estimator = estimator
        self.batches: list[int] = []
        self.forgetful = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._estimator, name)

    def __call__(self, crops: np.ndarray) -> Estimates:
        self.batches.append(len(crops))
        return self._estimator(crops[1:] if self.forgetful else crops)


@pytest.fixture
def counting(config: PipelineConfig) -> Counting:
    return Counting(plugins.load(plugins.ESTIMATORS, 'volumetric')(config))


@pytest.fixture
def counted(config: PipelineConfig, counting: Counting) -> Pipeline:
    detector = plugins.load(plugins.DETECTORS, 'full_image')(config)
    return Pipeline(counting, detector, config)


def test_the_search_adds_at_most_one_crop_to_those_of_the_people(
    counted: Pipeline, counting: Counting
) -> None:
    image = picture(body())
    counted(image, CAMERA, stamp=0.0)
    counting.batches.clear()
    for index in range(1, 61):
        counted(image, CAMERA, stamp=index * FRAME)
    assert set(counting.batches) == {1, 2}
    assert len(counting.batches) == 60
    assert counting.batches.count(1) > 40


def test_an_empty_room_costs_one_crop_per_image_after_the_first(
    counted: Pipeline, counting: Counting
) -> None:
    for index in range(30):
        assert counted(picture(), CAMERA, stamp=index * FRAME) == []
    first, *others = counting.batches
    assert first > 1
    assert set(others) == {1}


def test_rare_images_are_searched_completely(counted: Pipeline, counting: Counting) -> None:
    for index in range(5):
        counted(picture(), CAMERA, stamp=float(index))
    assert len(set(counting.batches)) == 1
    assert counting.batches[0] > 1


def test_an_interval_of_zero_searches_every_image_completely(
    counted: Pipeline, counting: Counting
) -> None:
    counted.config = updated(counted.config, {'detect_interval': 0.0})
    for index in range(5):
        counted(picture(), CAMERA, stamp=index * FRAME)
    assert len(set(counting.batches)) == 1
    assert counting.batches[0] > 1


def test_an_estimator_that_forgets_a_crop_is_named(counted: Pipeline, counting: Counting) -> None:
    counting.forgetful = True
    with pytest.raises(EstimateError, match=r"'volumetric' was given 2 crops, but answers for"):
        counted(picture(), CAMERA, stamp=0.0, boxes=[(0, 0, 99, 99), (99, 99, 99, 99)])


def test_timings_are_those_of_the_clock_given(config: PipelineConfig) -> None:
    ticks = itertools.count()
    pipeline = Pipeline.load(config=config, clock=lambda: float(next(ticks)))
    image = picture(body())
    pipeline(image, CAMERA, stamp=0.0)
    pipeline(image, CAMERA, stamp=FRAME)
    assert pipeline.timings == {'detect': 1, 'crop': 1, 'infer': 1, 'place': 1, 'track': 2}
    pipeline(image, CAMERA, stamp=0.0, boxes=[(0, 0, 99, 99)])
    assert pipeline.timings == {'crop': 1, 'infer': 1, 'place': 1}


def test_no_clock_is_read_unless_it_is_given(pipeline: Pipeline) -> None:
    pipeline(picture(body()), CAMERA, stamp=0.0)
    assert pipeline.timings == {}


# How it is loaded


def test_the_path_of_a_model_file_is_enough(config: PipelineConfig) -> None:
    for path in (config.model, Path(config.model)):
        pipeline = Pipeline.load(path)
        assert pipeline.describe()['model'] == config.model
        assert pipeline.skeleton == H36M_17


def test_parts_that_are_not_there_are_named() -> None:
    with pytest.raises(PluginError, match=r"there is no estimator 'volumetrik'; installed:"):
        Pipeline.load('volumetrik')
    with pytest.raises(
        PluginError, match=r"there is no detector 'radar'; installed: centre, full_image, to"
    ):
        Pipeline.load('constant', PipelineConfig(detector='radar'))
    with pytest.raises(ModelFileError, match=r'there is no model file /nowhere\.onnx'):
        Pipeline.load('/nowhere.onnx')


def test_running_a_robot_needs_neither_torch_nor_ros(config: PipelineConfig) -> None:
    program = f"""
import sys
import numpy as np
import pose3d_ros
camera = pose3d_ros.Camera.from_fov(640, 480, 60.0)
config = pose3d_ros.PipelineConfig(model={config.model!r})
pose3d_ros.Pipeline.load('volumetric', config)(np.zeros((480, 640, 3), np.uint8), camera, 0.0)
strangers = {{'torch', 'rclpy', 'numba', 'onnx', 'anny', 'tqdm', 'matplotlib'}}
print(sorted(strangers & set(sys.modules)))
"""
    run = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == '[]'


# With a depth camera beside it


def depth_image(truth: np.ndarray, wall: float = 6.0) -> np.ndarray:
    """What a depth camera sees: a wall, and before it a disc in front of each joint."""
    depth = np.full((CAMERA.height, CAMERA.width), wall, np.float32)
    surfaces = truth[:, 2] - behind_surface(H36M_17.joints)
    for index in np.argsort(-surfaces):
        u, v = (int(each) for each in CAMERA.project(truth[index]))
        cv2.circle(depth, (u, v), 25, float(surfaces[index]), cv2.FILLED)
    return depth


@pytest.mark.parametrize('size', [0.8, 1.0, 1.15])
def test_with_depth_people_of_any_size_are_at_the_right_distance(
    pipeline: Pipeline, size: float
) -> None:
    truth = body(0.0, 3.2)
    truth = truth[0] + size * (truth - truth[0])
    image, depth = picture(truth), DepthImage(depth_image(truth))
    (without,) = pipeline(image, CAMERA, stamp=0.0, boxes=[box_of(truth)])
    (person,) = pipeline(image, CAMERA, stamp=0.0, boxes=[box_of(truth)], depth=depth)
    error = np.linalg.norm(person.positions[0] - truth[0])
    assert error < 0.05
    assert error < np.linalg.norm(without.positions[0] - truth[0])
    assert person.deviation.max() < 0.6 * without.deviation.max()
    np.testing.assert_allclose(person.pixels, without.pixels)
    np.testing.assert_allclose(CAMERA.project(person.positions), person.pixels, atol=1e-6)


def test_what_stands_before_a_joint_occludes_it(pipeline: Pipeline) -> None:
    truth = body(0.0, 3.2)
    depth = depth_image(truth)
    hidden = H36M_17.index('l_knee')
    u, v = (int(each) for each in CAMERA.project(truth[hidden]))
    depth[v - 30 : v + 31, u - 30 : u + 31] = 1.5
    box = [box_of(truth)]
    (person,) = pipeline(picture(truth), CAMERA, 0.0, box, DepthImage(depth))
    assert person.joint_states[hidden] == JointState.OCCLUDED
    assert (np.delete(person.joint_states, hidden) == JointState.VISIBLE).all()


def test_a_depth_image_that_knows_nothing_changes_nothing(pipeline: Pipeline) -> None:
    truth = body(0.0, 3.2)
    image, box = picture(truth), [box_of(truth)]
    (without,) = pipeline(image, CAMERA, 0.0, box)
    nothing = DepthImage(np.zeros((CAMERA.height // 2, CAMERA.width // 2), np.uint16))
    (person,) = pipeline(image, CAMERA, 0.0, box, nothing)
    np.testing.assert_array_equal(person.positions, without.positions)
    np.testing.assert_array_equal(person.joint_states, without.joint_states)


def test_a_depth_image_of_another_camera_is_refused(pipeline: Pipeline) -> None:
    other = DepthImage(np.ones((480, 640), np.float32))
    with pytest.raises(ImageError, match='640x480 px, which are not the proportions'):
        pipeline(picture(), CAMERA, stamp=0.0, depth=other)
