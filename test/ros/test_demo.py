"""The demo: what it reports is true, and its three processes work together."""

import re
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import rclpy
from builtin_interfaces.msg import Time
from people import METHOD, somebody
from pose3d_ros.msg import Skeleton3DArray
from std_msgs.msg import Header

from pose3d_ros.camera import Camera
from pose3d_ros.errors import DataError
from pose3d_ros.kinematics import joint_rotations
from pose3d_ros.person import PersonState
from pose3d_ros.ros.conversions import people_from_msg, skeletons_to_msg
from pose3d_ros.ros.demo import listener
from pose3d_ros.ros.demo.camera import END, recorded
from pose3d_ros.ros.demo.footage import Truth, open_footage
from pose3d_ros.ros.demo.report import Account, mean_error, summary
from pose3d_ros.skeleton import H36M_17

CAMERA = Camera.from_fov(320, 240, 60.0)
RATE_HZ, FRAMES = 10, 20


def answer(*people: Any, second: int = 1) -> Skeleton3DArray:
    rotations = [joint_rotations(person.positions, H36M_17) for person in people]
    header = Header(stamp=Time(sec=second), frame_id='camera')
    return skeletons_to_msg(people, rotations, method=METHOD, header=header, latency_s=0.0)


def truth(shift: Any = (0.0, 0.0, 0.0)) -> Truth:
    return Truth(CAMERA, H36M_17.joints, np.array([somebody().positions + shift]))


def account(*people: Any) -> Account:
    stamp = 10**9
    return Account({stamp: 0}, {stamp: answer(*people)}, {stamp: 1.02}, {stamp})


def test_the_error_of_the_truth_itself_is_zero_wherever_it_stands() -> None:
    assert mean_error(account(somebody()), truth()) == pytest.approx(0)
    assert mean_error(account(somebody()), truth((1.0, 0.2, 3.0))) == pytest.approx(0)


def test_the_error_is_the_mean_distance_of_the_joints() -> None:
    wrong = somebody().positions.copy()
    wrong[H36M_17.index('l_wrist')] += (0.0, 0.3, 0.4)
    person = replace(somebody(), positions=wrong)
    assert mean_error(account(person), truth()) == pytest.approx(0.5 / 17)


def test_the_nearest_of_several_people_is_compared() -> None:
    far = replace(somebody('zzzzz'), positions=2 * somebody().positions)
    assert mean_error(account(far, somebody()), truth()) == pytest.approx(0)


def test_nobody_has_no_error() -> None:
    assert np.isnan(mean_error(account(), truth()))
    assert np.isnan(mean_error(account(somebody(state=PersonState.LOST)), truth()))
    assert np.isnan(mean_error(account(somebody()), None))


def test_the_last_line_tells_what_was_answered_and_when() -> None:
    line, good = summary(account(somebody()), truth())
    assert good
    assert line == (
        'demo: images=1 skeletons=1 tf=1 rate_hz=0.0 latency_p50_ms=20.0 latency_p95_ms=20.0 '
        'mpjpe_mm=0.0'
    )


def test_too_few_answers_are_a_failure() -> None:
    heard = account(somebody())
    heard.images |= {stamp: stamp for stamp in range(2, 20)}
    assert not summary(heard, None)[1]
    assert not summary(Account(), None)[1]


def test_a_listener_ends_when_the_camera_is_gone_without_a_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(listener.time, 'monotonic', lambda: now)
    rclpy.init(args=[])
    node = listener.ListenerNode()
    try:
        now += 60
        assert not node.is_done  # an engine may be built before the first answer
        node._on_skeletons(answer(somebody()))
        now += 9
        assert not node.is_done
        node._on_log(Header(stamp=Time(sec=1), frame_id='0'))
        now += 9
        assert not node.is_done
        now += 2
        assert node.is_done
        node._on_log(Header(stamp=Time(sec=1), frame_id=END))
        assert node.is_done  # all is answered
    finally:
        node.destroy_node()
        rclpy.shutdown()


def test_people_come_out_of_a_message_as_they_went_in() -> None:
    (person,) = people_from_msg(answer(somebody('abcde')))
    assert (person.id, person.state) == ('abcde', PersonState.SEEN)
    for name in ('positions', 'pixels', 'confidence', 'deviation', 'joint_states', 'box'):
        assert np.asarray(getattr(person, name)) == pytest.approx(
            np.asarray(getattr(somebody(), name))
        )


def test_footage_that_is_none_is_refused() -> None:
    with pytest.raises(DataError, match=r"'nothing\.mp4' is neither a video that can be read"):
        open_footage('nothing.mp4')


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A small clip of a grey room in which somebody unseen stands in a T-pose."""
    path = tmp_path / 'clip.mp4'
    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter.fourcc(*'mp4v'), RATE_HZ, (CAMERA.width, CAMERA.height)
    )
    for _ in range(FRAMES):
        writer.write(np.full((CAMERA.height, CAMERA.width, 3), 99, np.uint8))
    writer.release()
    np.savez(
        path.with_suffix('.npz'),
        positions=np.tile(somebody().positions, (FRAMES, 1, 1)),
        K=CAMERA.K,
        width=CAMERA.width,
        height=CAMERA.height,
        fps=RATE_HZ,
        joints=np.array(H36M_17.joints),
    )
    return path


def demo(*options: str) -> Any:
    """Run the demo to its end."""
    script = 'import sys; from pose3d_ros.cli import main; sys.exit(main())'
    command = [sys.executable, '-c', script, 'demo', *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.ros
def test_three_processes_answer_nearly_every_image(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / 'out'
    done = demo('--estimator', 'constant', '--video', str(clip), '--out', str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    figures = dict(re.findall(r'(\w+)=([\d.]+)', last))
    names = 'images skeletons tf rate_hz latency_p50_ms latency_p95_ms mpjpe_mm'
    assert ' '.join(figures) == names
    assert int(figures['images']) == FRAMES
    assert int(figures['skeletons']) >= 0.95 * FRAMES
    assert cv2.imread(str(out / 'overlay.png')) is not None
    assert cv2.VideoCapture(str(out / 'overlay.mp4')).read()[0]


@pytest.mark.ros
def test_an_estimator_that_is_not_there_ends_the_demo(clip: Path, tmp_path: Path) -> None:
    done = demo('--estimator', 'nobody', '--video', str(clip), '--out', str(tmp_path))
    assert done.returncode != 0
    assert "there is no estimator 'nobody'" in done.stdout + done.stderr


def test_what_a_device_shows_is_recorded_even_if_it_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / 'film.mp4'
    frames = (np.full((240, 320, 3), shade, np.uint8) for shade in (10, 120, 240))
    with closing(recorded(frames, str(path), RATE_HZ)) as film:
        next(film)
        next(film)
    (frame,) = open_footage(str(path)).frames()
    assert frame.mean() == pytest.approx(10, abs=4)
