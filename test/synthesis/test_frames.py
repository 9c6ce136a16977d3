"""Full frames for the detector, and scenes with several people."""

import numpy as np
import pytest

from pose3d_ros.synthesis.frames import MOST_PEOPLE, FrameComposer, frame_size
from pose3d_ros.synthesis.scene import ScenePlan, crowd, empty_room, noise
from pose3d_ros.synthesis.shards import CutOuts, ShardJob, write_shards

pytestmark = pytest.mark.slow

SMALL = ScenePlan(size=(160, 120), fps=1, seconds=3)


@pytest.fixture(scope='module')
def frames(tmp_path_factory: pytest.TempPathFactory) -> FrameComposer:
    folder = tmp_path_factory.mktemp('shards')
    write_shards(ShardJob(folder, size=96, count=24), range(1))
    backgrounds = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8)
    return FrameComposer(CutOuts(folder), backgrounds)


def test_frames_are_a_function_of_the_seed(frames: FrameComposer) -> None:
    one, same, other = (frames.batch((seed,), 4, 64) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.image, same.image)
    np.testing.assert_array_equal(one.boxes, same.boxes)
    assert (one.image != other.image).any()


def test_boxes_are_in_the_frame_and_only_people_with_a_box_are_clear(
    frames: FrameComposer,
) -> None:
    batch = frames.batch((3,), 40, 64)
    assert batch.image.shape == (40, 64, 80, 3)
    assert batch.boxes.shape == (40, MOST_PEOPLE, 4)
    known = np.isfinite(batch.boxes).all(-1)
    assert known.any()
    low, high = batch.boxes[known][:, :2], batch.boxes[known][:, :2] + batch.boxes[known][:, 2:]
    assert (low >= 0).all()
    assert (high <= frame_size(64)).all()
    assert not batch.clear[~known].any()


def test_frames_that_are_less_hard_hold_larger_people(frames: FrameComposer) -> None:
    heights = [
        np.nanmedian(frames.batch((4,), 60, 64, hardness).boxes[..., 2:].max(-1))
        for hardness in (0.0, 1.0)
    ]
    assert heights[0] > heights[1]


def test_a_crowd_is_where_its_truth_says_and_who_is_hidden_is_said() -> None:
    images = list(crowd(SMALL))
    assert [image.stamp for image in images] == [0.0, 1.0, 2.0]
    for image in images:
        assert image.image.shape == (120, 160, 3)
        assert image.positions.shape == (5, 17, 3)
        pixels = SMALL.camera.project(image.positions)
        assert not image.visible[~SMALL.camera.contains(pixels)].any()
    assert images[0].visible[0].mean() > 0.5
    assert not images[0].visible[3].any()  # still outside
    stature = np.ptp(images[0].positions[0, :, 1])
    assert 1.2 < stature < 2.1


def test_there_is_nobody_in_an_empty_room_and_in_noise() -> None:
    for scene in (empty_room, noise):
        images = list(scene(SMALL))
        assert len(images) == 3
        assert all(not len(image.positions) for image in images)
        assert (images[0].image != images[1].image).any()
