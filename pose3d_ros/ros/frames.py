"""TF: people as frames that a robot can follow.

Under the camera's optical frame stands `body_<id>` at mid-hip, x forward, y left, z up along the
spine (REP-155). Under it stands the tree of the human model: the links of
`pose3d_ros.human_model`, each with the suffix `_<id>`, such as `l_wrist_abcde` under
`l_elbow_abcde`. They are turned as the published angles say, and stand where the joints were
seen. The joints that are no links, and all joints of a skeleton that is not that of the model,
stand directly under the body, turned as told
in `pose3d_ros.kinematics`. What is not known is not published. TF cannot say that something is
only remembered: nothing is published about people who are not seen in this very image.
"""

from collections.abc import Iterable, Sequence
from math import isfinite

import numpy as np
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from numpy.typing import NDArray
from std_msgs.msg import Header

from pose3d_ros.human import HumanPose
from pose3d_ros.human_model import LINKS
from pose3d_ros.motions import Motion
from pose3d_ros.person import Person
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
    motions: Sequence[Motion],
    *,
    skeleton: Skeleton,
    header: Header,
    prefix: str = '',
) -> list[TransformStamped]:
    """Return the frames of everybody whose body is known.

    Args:
        people: As the pipeline returns them.
        motions: How each person is turned and bent.
        skeleton: The joints.
        header: The image's stamp, and the camera's optical frame.
        prefix: Put before the name of every frame but the camera's.
    """
    transforms = []
    for person, motion in zip(people, motions, strict=True):
        root, camera_from_joint = skeleton.root, motion.rotations
        origin, camera_from_body = person.positions[root], camera_from_joint[root]
        if not person.is_seen or not np.isfinite(origin).all():
            continue
        if not np.isfinite(camera_from_body).all():
            continue
        body = prefix + body_frame(person.id)
        taken = {link.name for link in LINKS} if motion.pose else set()
        flat = [i for i, joint in enumerate(skeleton.joints) if joint not in taken]
        names = [prefix + joint_frame(skeleton.joints[i], person.id) for i in flat]
        positions = (person.positions[flat] - origin) @ camera_from_body
        turns = quaternions(camera_from_body.T @ camera_from_joint[flat])
        transforms += _transforms(
            [header], [body], origin[None], quaternions(camera_from_body[None])
        )
        under_body = Header(stamp=header.stamp, frame_id=body)
        transforms += _transforms([under_body] * len(flat), names, positions, turns)
        if motion.pose:
            transforms += _links(motion.pose, person.id, header, prefix)
    return transforms


def _links(pose: HumanPose, person_id: str, header: Header, prefix: str) -> list[TransformStamped]:
    """Return the links of the model, each under its parent, as far as they are known."""
    indices = {link.name: index for index, link in enumerate(LINKS)}
    parents = [indices[link.parent] for link in LINKS[1:]]
    turned = pose.rotations[parents].swapaxes(1, 2)
    offsets = np.einsum('lij,lj->li', turned, pose.origins[1:] - pose.origins[parents])
    return _transforms(
        [
            Header(stamp=header.stamp, frame_id=prefix + joint_frame(link.parent, person_id))
            for link in LINKS[1:]
        ],
        [prefix + joint_frame(link.name, person_id) for link in LINKS[1:]],
        offsets,
        quaternions(turned @ pose.rotations[1:]),
    )


def _transforms(
    headers: Iterable[Header], names: Iterable[str], positions: Array, turns: Iterable[Quaternion]
) -> list[TransformStamped]:
    """Return frames, without those that are not known."""
    return [
        TransformStamped(
            header=header,
            child_frame_id=name,
            transform=Transform(translation=Vector3(x=x, y=y, z=z), rotation=turn),
        )
        for header, name, (x, y, z), turn in zip(
            headers, names, positions.tolist(), turns, strict=True
        )
        if isfinite(x + y + z + turn.w)
    ]
