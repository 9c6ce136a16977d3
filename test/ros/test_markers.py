"""Laws of markers."""

from people import somebody
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from pose3d_ros.person import PersonState
from pose3d_ros.ros.markers import markers_of
from pose3d_ros.skeleton import H36M_17

HEADER = Header(frame_id='camera_optical')


def test_a_person_is_spheres_lines_and_a_name() -> None:
    joints, bones, name = markers_of([somebody('abcde')], H36M_17, HEADER).markers
    assert (joints.type, len(joints.points), len(joints.colors)) == (Marker.SPHERE_LIST, 17, 17)
    assert (bones.type, len(bones.points), len(bones.colors)) == (Marker.LINE_LIST, 32, 32)
    assert (name.type, name.text) == (Marker.TEXT_VIEW_FACING, 'abcde')


def test_confidence_is_opacity() -> None:
    person = somebody()
    joints = markers_of([person], H36M_17, HEADER).markers[0]
    alpha = [colour.a for colour in joints.colors]
    assert alpha == sorted(alpha)  # as is the confidence of somebody()
    assert alpha[-1] > 2 * alpha[0]


def test_people_keep_their_markers_and_share_none() -> None:
    def keys(*ids: str) -> list[tuple[str, int]]:
        people = [somebody(each) for each in ids]
        return [(m.ns, m.id) for m in markers_of(people, H36M_17, HEADER).markers]

    assert keys('abcde') == keys('abcde')
    assert len(set(keys('abcde', 'abcdf', 'zzzzz'))) == 9


def test_the_markers_of_the_lost_are_deleted() -> None:
    seen = markers_of([somebody('abcde')], H36M_17, HEADER).markers
    lost = markers_of([somebody('abcde', state=PersonState.LOST)], H36M_17, HEADER).markers
    assert {(m.ns, m.id) for m in lost} == {(m.ns, m.id) for m in seen}
    assert {m.action for m in lost} == {Marker.DELETE}


def test_an_unknown_joint_is_not_drawn() -> None:
    joints, bones, _ = markers_of([somebody(unknown='l_wrist')], H36M_17, HEADER).markers
    assert len(joints.points) == 16
    assert len(bones.points) == 30
