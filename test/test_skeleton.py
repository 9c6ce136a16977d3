"""Laws of skeletons."""

import dataclasses
from typing import Any

import pytest

from pose3d_ros.errors import SkeletonError
from pose3d_ros.skeleton import H36M_17, Skeleton

ARM = Skeleton('arm', ('shoulder', 'elbow', 'wrist'), (-1, 0, 1), (0, 1, 2), (0.0, 0.3, 0.25))


def test_the_first_joint_is_the_root() -> None:
    assert H36M_17.root == 0
    assert H36M_17.joints[H36M_17.root] == 'pelvis'


def test_every_joint_but_the_root_has_one_bone_to_its_parent() -> None:
    assert len(H36M_17.bones) == len(H36M_17.joints) - 1
    assert all(H36M_17.parents[child] == parent < child for child, parent in H36M_17.bones)


def test_joints_are_found_by_name() -> None:
    assert [H36M_17.index(joint) for joint in H36M_17.joints] == list(range(17))


def test_the_mirror_swaps_left_and_right_names() -> None:
    for joint, twin in zip(H36M_17.joints, H36M_17.mirror, strict=True):
        swapped = {'l_': 'r_', 'r_': 'l_'}.get(joint[:2], joint[:2]) + joint[2:]
        assert H36M_17.joints[twin] == swapped


def test_the_mirror_keeps_the_tree_and_its_lengths() -> None:
    for child, parent in H36M_17.bones:
        twin = H36M_17.mirror[child]
        assert H36M_17.parents[twin] == H36M_17.mirror[parent]
        assert H36M_17.bone_lengths[twin] == H36M_17.bone_lengths[child]


def test_lists_become_tuples_so_that_skeletons_can_be_compared() -> None:
    lists = Skeleton('arm', *(list(field) for field in dataclasses.astuple(ARM)[1:]))
    assert lists == ARM
    assert hash(lists) == hash(ARM)


def test_an_unknown_joint_is_an_error_that_lists_the_known_ones() -> None:
    message = "skeleton 'arm' has no joint 'tail'; it has shoulder, elbow, wrist"
    with pytest.raises(SkeletonError, match=message):
        ARM.index('tail')


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'joints': ()}, 'joints must be one or more different names'),
        ({'joints': ('a', 'b', 'a')}, 'joints must be one or more different names'),
        ({'parents': (-1, 0)}, 'parents has 2 entries for 3 joints'),
        ({'bone_lengths': (0.0,)}, 'bone_lengths has 1 entries for 3 joints'),
        ({'parents': (1, -1, 1)}, 'the first joint must be the root, parent -1, not 1'),
        ({'parents': (-1, 2, 0)}, "the parent of 'elbow' is 2; .* must lie in 0..0"),
        ({'parents': (-1, -1, 0)}, "the parent of 'elbow' is -1"),
        ({'mirror': (1, 2, 0)}, "the mirror of 'shoulder' is 1, which does not point back"),
        ({'mirror': (0, 1, 7)}, "the mirror of 'wrist' is 7"),
        ({'bone_lengths': (1.0, 0.3, 0.3)}, 'the root has no bone: its length is 0, not 1.0'),
        ({'bone_lengths': (0.0, 0.0, 0.3)}, "the bone of 'elbow' must be longer than 0 m, not 0"),
        ({'bone_lengths': (0.0, 0.3, float('nan'))}, "the bone of 'wrist' .* not nan"),
    ],
)
def test_what_is_not_one_tree_is_refused_with_the_reason(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(SkeletonError, match=message):
        dataclasses.replace(ARM, **change)
