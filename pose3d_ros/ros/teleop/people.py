"""People in a message, if the message keeps what it promises."""

from pose3d_ros.errors import MessageError
from pose3d_ros.msg import Skeleton3D, Skeleton3DArray
from pose3d_ros.person import JointState, Person, PersonState
from pose3d_ros.ros.conversions import people_from_msg
from pose3d_ros.skeleton import H36M_17

__all__ = ['people_of']

_ARRAYS = ('positions', 'pixels_u', 'pixels_v', 'confidences', 'deviations', 'joint_states')


def people_of(msg: Skeleton3DArray) -> list[Person]:
    """Return the people in a message.

    Raises:
        MessageError: They do not have the 17 joints of Human3.6M, or something is missing.
    """
    if tuple(msg.joint_names) != H36M_17.joints:
        message = f'skeletons are {msg.skeleton!r}, but teleoperation needs {H36M_17.name}'
        raise MessageError(message)
    for skeleton in msg.skeletons:
        _check(skeleton)
    return people_from_msg(msg)


def _check(msg: Skeleton3D) -> None:
    for name in _ARRAYS:
        found = len(getattr(msg, name))
        if found != len(H36M_17.joints):
            message = f'{msg.id!r} has {found} {name} for {len(H36M_17.joints)} joints'
            raise MessageError(message)
    if msg.state not in set(PersonState) or not set(msg.joint_states) <= set(JointState):
        message = f'{msg.id!r} is in a state that there is not'
        raise MessageError(message)
