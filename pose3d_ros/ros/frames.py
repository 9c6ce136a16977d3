"""TF: people as frames that a robot can follow.

Under the camera's optical frame stands `body_<id>` at mid-hip, x forward, y left, z up along the
spine (REP-155). Under it stands one frame for each joint, `<joint>_<id>`, such as
`l_wrist_abcde`; how it is turned is told in `pose3d_ros.kinematics`. What is not known is not
published, and nothing is published about people that are lost.
"""

from collections.abc import Iterable, Sequence
from math import isfinite

import numpy as np
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from numpy.typing import NDArray
from std_msgs.msg import Header

from pose3d_ros.person import Person, PersonState
from pose3d_ros.ros.conversions import quaternions
from pose3d_ros.skeleton import Skeleton

__all__ = ['body_frame', 'joint_frame', 'transforms_of']

Array = NDArray[np.float64]


def body_frame(person_id: str) -> str:
    """Return the name of a person's frame."""
    return f'body_{person_id}'


def joint_frame(joint: str, person_id: str) -> str:
    """Return the name of a joint's frame."""
    return f'{joint}_{person_id}'


def transforms_of(
    people: Sequence[Person],
    rotations: Sequence[Array],
    *,
    skeleton: Skeleton,
    header: Header,
    prefix: str = '',
) -> list[TransformStamped]:
    """Return the frames of everybody whose body is known.

    Args:
        people: As the pipeline returns them.
        rotations: For each person camera_from_joint, shape (J, 3, 3).
        skeleton: The joints.
        header: The image's stamp, and the camera's optical frame.
        prefix: Put before the name of every frame but the camera's.
    """
    transforms = []
    for person, camera_from_joint in zip(people, rotations, strict=True):
        root = skeleton.root
        origin, camera_from_body = person.positions[root], camera_from_joint[root]
        if person.state is PersonState.LOST or not np.isfinite(origin).all():
            continue
        if not np.isfinite(camera_from_body).all():
            continue
        body = prefix + body_frame(person.id)
        names = [prefix + joint_frame(joint, person.id) for joint in skeleton.joints]
        positions = (person.positions - origin) @ camera_from_body
        turns = quaternions(camera_from_body.T @ camera_from_joint)
        transforms += _transforms(
            header, [body], origin[None], quaternions(camera_from_body[None])
        )
        transforms += _transforms(
            Header(stamp=header.stamp, frame_id=body), names, positions, turns
        )
    return transforms


def _transforms(
    header: Header, names: Iterable[str], positions: Array, turns: Iterable[Quaternion]
) -> list[TransformStamped]:
    """Return frames under one parent, without those that are not known."""
    return [
        TransformStamped(
            header=header,
            child_frame_id=name,
            transform=Transform(translation=Vector3(x=x, y=y, z=z), rotation=turn),
        )
        for name, (x, y, z), turn in zip(names, positions.tolist(), turns, strict=True)
        if isfinite(x + y + z + turn.w)
    ]
