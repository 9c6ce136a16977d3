"""Laws of cut-outs and crops."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pose3d_ros.errors import ConfigError
from pose3d_ros.synthesis.compose import Composer, Sample
from pose3d_ros.synthesis.framing import Framing, virtual_camera
from pose3d_ros.synthesis.person import CutOut, People
from pose3d_ros.synthesis.shards import CutOuts, ShardJob, write_shards
from pose3d_ros.synthesis.studio import NumbaStudio

pytestmark = pytest.mark.slow

COUNT = 12


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('shards')
    write_shards(ShardJob(folder, count=COUNT), range(2))
    return folder


@pytest.fixture(scope='module')
def composer(folder: Path) -> Composer:
    backgrounds = np.random.default_rng(0).integers(0, 255, (8, 64, 64, 3), np.uint8)
    return Composer(CutOuts(folder), backgrounds)


@pytest.fixture(scope='module')
def cut_out(people: People) -> CutOut:
    portrait = next(people.portraits(np.random.default_rng(5)))
    return NumbaStudio(people.body).cut_outs([portrait], 160)[0]


def test_a_cut_out_holds_the_whole_person(cut_out: CutOut) -> None:
    alpha = cut_out.rgba[..., 3]
    assert 0.02 < (alpha > 128).mean() < 0.8
    border = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    assert border.max() == 0
    assert (cut_out.rgba[..., :3] <= alpha[..., None]).all()  # premultiplied


def test_most_joints_of_a_cut_out_lie_on_the_person(cut_out: CutOut) -> None:
    u, v = np.rint(cut_out.pixels).astype(int).T
    assert (cut_out.rgba[v, u, 3] > 0).mean() > 0.8


FRAMINGS = st.builds(
    lambda x, y, side, roll: Framing(np.array([x, y]), side, roll, mirror=False),
    st.floats(20, 140),
    st.floats(20, 140),
    st.floats(50, 300),
    st.floats(-40, 40),
)


@settings(max_examples=30)
@given(FRAMINGS)
def test_the_warp_takes_joints_where_the_turned_camera_sees_them(
    cut_out: CutOut, framing: Framing
) -> None:
    size = 128
    warp, rotation, focal = virtual_camera(cut_out, framing, size)
    warped = np.append(cut_out.pixels, np.ones((17, 1)), axis=1) @ warp.T
    points = cut_out.points @ rotation.T
    expected = points[:, :2] / points[:, 2:] * focal + (size - 1) / 2
    in_front = points[:, 2] > 0.2
    np.testing.assert_allclose(
        (warped[:, :2] / warped[:, 2:])[in_front], expected[in_front], atol=2e-2
    )
    middle = warp @ np.append(framing.center, 1)
    np.testing.assert_allclose(middle[:2] / middle[2], (size - 1) / 2, atol=1e-6)


def test_pixels_depth_and_points_of_a_crop_agree(composer: Composer) -> None:
    crops = composer.batch((1,), 40, 96)
    flat = crops.points[..., :2] / crops.points[..., 2:] * crops.focal[:, None, None]
    np.testing.assert_allclose(flat + (96 - 1) / 2, crops.pixels, rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(
        crops.points[..., 2] - crops.points[:, :1, 2], crops.depth, atol=1e-5
    )


def test_crops_are_a_function_of_the_seed(composer: Composer) -> None:
    first, again, other = (composer.batch((s,), 4, 64) for s in (1, 1, 2))
    for name in Sample.__slots__:
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert not np.array_equal(first.image, other.image)


def test_some_crops_show_nobody_and_most_show_somebody(composer: Composer) -> None:
    presence = composer.batch((4,), 300, 32).presence
    assert 0.03 < (presence == 0).mean() < 0.2
    assert (presence == 1).mean() > 0.7


def test_motion_capture_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='no train clips in'):
        People(mocap=tmp_path)
