"""Laws of TF frames."""

from typing import Any

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from numpy.typing import NDArray
from people import somebody
from scipy.spatial.transform import Rotation
from std_msgs.msg import Header

from pose3d_ros.human_model import LINKS
from pose3d_ros.kinematics import joint_rotations
from pose3d_ros.motions import Motion, Motions
from pose3d_ros.person import PersonState
from pose3d_ros.ros.frames import transforms_of
from pose3d_ros.skeleton import H36M_17

HEADER = Header(stamp=Time(sec=7), frame_id='camera_optical')


def flat_transforms(*people: Any, prefix: str = '') -> dict[str, Any]:
    """What is published for a skeleton that is not that of the human model."""
    motions = [Motion(joint_rotations(each.positions, H36M_17), None) for each in people]
    return named(people, motions, prefix)


def transforms(*people: Any, prefix: str = '') -> dict[str, Any]:
    return named(people, Motions(H36M_17).update(people), prefix)


def named(people: Any, motions: Any, prefix: str) -> dict[str, Any]:
    found = transforms_of(people, motions, skeleton=H36M_17, header=HEADER, prefix=prefix)
    return {each.child_frame_id: each for each in found}


def matrix(transform: Any) -> NDArray[np.float64]:
    turn, move = transform.transform.rotation, transform.transform.translation
    result = np.eye(4)
    result[:3, :3] = Rotation.from_quat((turn.x, turn.y, turn.z, turn.w)).as_matrix()
    result[:3, 3] = move.x, move.y, move.z
    return result


def test_every_joint_has_a_frame_under_the_body_under_the_camera() -> None:
    found = flat_transforms(somebody('abcde'))
    assert set(found) == {'body_abcde', *(f'{joint}_abcde' for joint in H36M_17.joints)}
    assert found.pop('body_abcde').header == HEADER
    assert {(each.header.frame_id, each.header.stamp.sec) for each in found.values()} == {
        ('body_abcde', 7)
    }


def test_the_links_of_the_human_model_hang_on_one_another() -> None:
    found = transforms(somebody('abcde'))
    assert found['body_abcde'].header == HEADER
    for link in LINKS[1:]:
        header = found[f'{link.name}_abcde'].header
        assert (header.frame_id, header.stamp.sec) == (f'{link.parent}_abcde', 7)
    others = {'body', 'pelvis', 'neck', 'nose'}  # joints that are no links have frames as well
    assert {name[:-6] for name in found} == others | {link.name for link in LINKS}


@pytest.mark.parametrize('frames', [transforms, flat_transforms])
def test_chained_frames_lead_to_the_joints(frames: Any) -> None:
    person = somebody('abcde')
    found = frames(person)

    def chained(name: str) -> NDArray[np.float64]:
        parent = found[name].header.frame_id
        above = np.eye(4) if parent == HEADER.frame_id else chained(parent)
        return above @ matrix(found[name])

    for joint, position in zip(H36M_17.joints, person.positions, strict=True):
        assert chained(f'{joint}_abcde')[:3, 3] == pytest.approx(position)


def test_the_body_of_somebody_facing_the_camera_looks_at_it() -> None:
    body = matrix(transforms(somebody('abcde'))['body_abcde'])
    assert body[:3, 0] == pytest.approx((0, 0, -1), abs=1e-6)
    assert body[:3, 2] == pytest.approx((0, -1, 0), abs=1e-6)


def test_an_unknown_joint_has_no_frame_and_leaves_the_others_theirs() -> None:
    everybody = transforms(somebody('abcde'))
    found = transforms(somebody('abcde', unknown='l_wrist'))
    missing = {name[:-6] for name in set(everybody) - set(found)}
    assert 'l_wrist' in missing
    assert missing <= {
        f'l_{name}' for name in ('y_shoulder', 'p_shoulder', 'shoulder', 'elbow', 'wrist')
    }


@pytest.mark.parametrize('state', [PersonState.PREDICTED, PersonState.LOST])
def test_who_is_not_seen_has_no_frames(state: PersonState) -> None:
    motions = Motions(H36M_17)
    seen = [somebody()]
    assert named(seen, motions.update(seen), '')
    gone = [somebody(state=state)]
    assert not named(gone, motions.update(gone), '')


def test_without_hips_there_is_no_body() -> None:
    assert not transforms(somebody(unknown='r_hip'))


def test_the_prefix_stands_before_every_name_but_the_cameras() -> None:
    found = transforms(somebody('abcde'), prefix='robot/')
    assert found['robot/body_abcde'].header.frame_id == 'camera_optical'
    assert found['robot/l_wrist_abcde'].header.frame_id == 'robot/l_elbow_abcde'
