"""Laws of the frame tree."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pose3d_ros.teleoperation.frame_tree import FrameTree, Transform


def transform(turn: float, *move: float) -> Transform:
    return Transform(Rotation.from_rotvec((0, 0, turn)).as_matrix(), np.array(move))


def tree() -> FrameTree:
    """A base with a turning mast that carries a camera, and an arm."""
    found = FrameTree()
    found.add('base', 'mast', transform(0.0, 0, 0, 1), 1.0)
    found.add('base', 'mast', transform(np.pi / 2, 0, 0, 2), 2.0)
    found.add('mast', 'camera', transform(0.0, 0.1, 0, 0))
    found.add('base', 'arm', transform(0.0, 0, 1, 0))
    return found


def test_a_frame_is_found_through_its_parents_at_the_time_that_is_asked_for() -> None:
    found = tree().find('base', 'camera', 2.0)
    assert found.translation == pytest.approx((0, 0.1, 2))
    halfway = tree().find('base', 'camera', 1.5)
    assert halfway.translation == pytest.approx((0.1 * np.sqrt(0.5), 0.1 * np.sqrt(0.5), 1.5))
    assert halfway.rotation == pytest.approx(transform(np.pi / 4, 0, 0, 0).rotation)


def test_there_and_back_is_nowhere() -> None:
    there, back = tree().find('arm', 'camera', 1.7), tree().find('camera', 'arm', 1.7)
    both = there.after(back)
    assert both.rotation == pytest.approx(np.eye(3))
    assert both.translation == pytest.approx(np.zeros(3), abs=1e-12)
    assert there.inverse().translation == pytest.approx(back.translation)


def test_a_frame_is_where_itself_is() -> None:
    assert FrameTree().find('camera', 'camera', 0.0).translation == pytest.approx(np.zeros(3))


def test_what_is_not_known_is_told() -> None:
    with pytest.raises(LookupError, match="TF does not connect 'camera' with 'moon'"):
        tree().find('moon', 'camera', 1.5)
    with pytest.raises(LookupError, match=r"TF does not know where 'mast' was at 0\.500 s"):
        tree().find('base', 'camera', 0.5)
    with pytest.raises(LookupError, match=r"TF does not know where 'mast' was at 2\.500 s"):
        tree().find('base', 'camera', 2.5)
    assert tree().find('base', 'camera', 2.05).translation[2] == pytest.approx(2)


def test_frames_in_a_circle_do_not_hang() -> None:
    found = FrameTree()
    found.add('a', 'b', transform(0, 0, 0, 0))
    found.add('b', 'a', transform(0, 0, 0, 0))
    with pytest.raises(LookupError):
        found.find('c', 'a', 0.0)


def test_after_a_jump_of_time_into_the_past_frames_are_learnt_anew() -> None:
    found = tree()
    found.add('base', 'mast', transform(0.0, 0, 0, 5), 0.1)
    assert found.find('base', 'mast', 0.1).translation[2] == pytest.approx(5)
    with pytest.raises(LookupError):
        found.find('base', 'mast', 1.5)
