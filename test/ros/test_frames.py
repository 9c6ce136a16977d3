"""Laws of TF frames."""

from typing import Any

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from numpy.typing import NDArray
from people import somebody
from scipy.spatial.transform import Rotation
from std_msgs.msg import Header

from pose3d_ros.kinematics import joint_rotations
from pose3d_ros.person import PersonState
from pose3d_ros.ros.frames import transforms_of
from pose3d_ros.skeleton import H36M_17

HEADER = Header(stamp=Time(sec=7), frame_id='camera_optical')


def transforms(*people: Any, prefix: str = '') -> dict[str, Any]:
    rotations = [joint_rotations(person.positions, H36M_17) for person in people]
    found = transforms_of(people, rotations, skeleton=H36M_17, header=HEADER, prefix=prefix)
    return {each.child_frame_id: each for each in found}


def matrix(transform: Any) -> NDArray[np.float64]:
    turn, move = transform.transform.rotation, transform.transform.translation
    result = np.eye(4)
    result[:3, :3] = Rotation.from_quat((turn.x, turn.y, turn.z, turn.w)).as_matrix()
    result[:3, 3] = move.x, move.y, move.z
    return result


def test_every_joint_has_a_frame_under_the_body_under_the_camera() -> None:
    found = transforms(somebody('abcde'))
    assert set(found) == {'body_abcde', *(f'{joint}_abcde' for joint in H36M_17.joints)}
    assert found.pop('body_abcde').header == HEADER
    assert {(each.header.frame_id, each.header.stamp.sec) for each in found.values()} == {
        ('body_abcde', 7)
    }


def test_chained_frames_lead_to_the_joints() -> None:
    person = somebody('abcde')
    found = transforms(person)
    body = matrix(found['body_abcde'])
    for joint, position in zip(H36M_17.joints, person.positions, strict=True):
        chained = body @ matrix(found[f'{joint}_abcde'])
        assert chained[:3, 3] == pytest.approx(position)


def test_the_body_of_somebody_facing_the_camera_looks_at_it() -> None:
    body = matrix(transforms(somebody('abcde'))['body_abcde'])
    assert body[:3, 0] == pytest.approx((0, 0, -1), abs=1e-6)
    assert body[:3, 2] == pytest.approx((0, -1, 0), abs=1e-6)


def test_an_unknown_joint_has_no_frame_and_leaves_the_others_theirs() -> None:
    found = transforms(somebody('abcde', unknown='l_wrist'))
    assert set(H36M_17.joints) - {name[:-6] for name in found} == {'l_elbow', 'l_wrist'}


def test_nobody_follows_the_lost() -> None:
    assert not transforms(somebody(state=PersonState.LOST))


def test_without_hips_there_is_no_body() -> None:
    assert not transforms(somebody(unknown='r_hip'))


def test_the_prefix_stands_before_every_name_but_the_cameras() -> None:
    found = transforms(somebody('abcde'), prefix='robot/')
    assert found['robot/body_abcde'].header.frame_id == 'camera_optical'
    assert found['robot/l_wrist_abcde'].header.frame_id == 'robot/body_abcde'
