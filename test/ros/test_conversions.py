"""Laws of cameras, people and times in messages."""

from typing import Any

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from people import METHOD, somebody
from pose3d_ros.msg import Skeleton3D
from sensor_msgs.msg import CameraInfo, RegionOfInterest
from std_msgs.msg import Header

from pose3d_ros.camera import Camera
from pose3d_ros.errors import CameraError
from pose3d_ros.kinematics import joint_rotations
from pose3d_ros.person import JointState, PersonState
from pose3d_ros.ros.conversions import (
    camera_from_msg,
    duration_from_seconds,
    seconds,
    skeletons_to_msg,
)
from pose3d_ros.skeleton import H36M_17

K = [600.0, 0, 320, 0, 590, 240, 0, 0, 1]


def info(**changes: Any) -> CameraInfo:
    fields = {
        'width': 640,
        'height': 480,
        'k': K,
        'd': [0.1, -0.2, 0.001, 0.002, 0.03],
        'distortion_model': 'plumb_bob',
    }
    return CameraInfo(**{**fields, **changes})


def test_a_camera_has_the_numbers_of_its_message() -> None:
    camera = camera_from_msg(info(), 640, 480)
    assert (camera.width, camera.height, camera.model) == (640, 480, 'plumb_bob')
    assert camera.K.ravel().tolist() == K
    assert camera.distortion == (0.1, -0.2, 0.001, 0.002, 0.03)


def test_no_distortion_may_be_said_in_any_way() -> None:
    for changes in (
        {'d': []},
        {'d': [0.0] * 5},
        {'d': [0.0] * 8},
        {'d': [], 'distortion_model': ''},
    ):
        assert camera_from_msg(info(**changes), 640, 480).is_pinhole


@pytest.mark.parametrize(('model', 'count'), [('rational_polynomial', 8), ('equidistant', 4)])
def test_other_lenses_are_understood(model: str, count: int) -> None:
    camera = camera_from_msg(info(distortion_model=model, d=[0.01] * count), 640, 480)
    assert camera.model == model


def test_a_binned_region_sees_the_same_rays() -> None:
    roi = RegionOfInterest(x_offset=100, y_offset=60, width=400, height=300)
    whole = camera_from_msg(info(d=[]), 640, 480)
    part = camera_from_msg(info(d=[], roi=roi, binning_x=2, binning_y=3), 200, 100)
    pixels = part.project([0.1, 0.05, 1.0])
    on_sensor = (pixels + 0.5) * (2, 3) - 0.5 + (100, 60)
    assert on_sensor == pytest.approx(whole.project([0.1, 0.05, 1.0]))


@pytest.mark.parametrize(
    ('changes', 'reason'),
    [
        ({'k': [0.0] * 9}, 'not calibrated: K is all zeros'),
        ({'k': [float('nan'), *K[1:]]}, 'fx is nan; it must be above 0'),
        ({'k': [*K[:4], 0.0, *K[5:]]}, 'fy is 0.0; it must be above 0'),
        ({'distortion_model': 'thin_plate'}, "'thin_plate' is unknown; known are plumb_bob, "),
        ({'d': [float('nan')] * 5}, 'distortion coefficient 0 of plumb_bob is nan'),
        ({'width': 1280}, 'the image has 640x480 px, but camera_info is for 1280x480 px'),
    ],
)
def test_what_describes_no_camera_is_named(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(CameraError, match=reason):
        camera_from_msg(info(**changes), 640, 480)


@pytest.mark.parametrize('value', [0.0, 1.25, -0.25, 1e9 + 0.5])
def test_durations_keep_their_seconds(value: float) -> None:
    assert seconds(duration_from_seconds(value)) == pytest.approx(value)


def test_a_message_holds_every_number_of_a_person_in_order() -> None:
    person = somebody()
    rotations = joint_rotations(person.positions, H36M_17)
    header = Header(stamp=Time(sec=7), frame_id='camera_optical')
    msg = skeletons_to_msg([person], [rotations], method=METHOD, header=header, latency_s=0.02)
    assert msg.header == header
    assert (msg.skeleton, msg.method, msg.model_digest) == ('h36m_17', 'constant', 'abc')
    assert tuple(msg.joint_names) == H36M_17.joints
    assert tuple(msg.parents) == H36M_17.parents
    assert seconds(msg.latency) == pytest.approx(0.02)
    (one,) = msg.skeletons
    assert (one.id, one.state) == (person.id, Skeleton3D.PERSON_SEEN)
    assert np.array([(p.x, p.y, p.z) for p in one.positions]) == pytest.approx(person.positions)
    assert np.column_stack((one.pixels_u, one.pixels_v)) == pytest.approx(person.pixels)
    assert np.array(one.confidences) == pytest.approx(person.confidence)
    assert np.array(one.deviations) == pytest.approx(person.deviation)
    assert list(one.joint_states) == person.joint_states.tolist()
    norms = [q.x**2 + q.y**2 + q.z**2 + q.w**2 for q in one.orientations]
    assert norms == pytest.approx([1.0] * 17)


def test_an_unknown_joint_is_there_as_nan() -> None:
    person = somebody(unknown='l_wrist')
    rotations = joint_rotations(person.positions, H36M_17)
    msg = skeletons_to_msg([person], [rotations], method=METHOD, header=Header(), latency_s=0.0)
    (one,) = msg.skeletons
    wrist = H36M_17.index('l_wrist')
    assert np.isnan([one.positions[wrist].x, one.orientations[wrist].w]).all()
    assert one.joint_states[wrist] == Skeleton3D.JOINT_UNKNOWN


def test_the_constants_of_the_message_are_those_of_the_core() -> None:
    for state in PersonState:
        assert getattr(Skeleton3D, f'PERSON_{state.name}') == state
    for joint_state in JointState:
        assert getattr(Skeleton3D, f'JOINT_{joint_state.name}') == joint_state


def test_a_guessed_camera_is_no_surprise() -> None:
    camera = Camera.from_fov(640, 480, 90.0)
    assert camera.project([1.0, 0.0, 1.0])[0] == pytest.approx(639.5)
