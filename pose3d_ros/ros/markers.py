"""Markers: people as RViz shows them."""

from collections.abc import Iterable, Sequence

import numpy as np
from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, Vector3
from numpy.typing import NDArray
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from pose3d_ros.person import Person, PersonState
from pose3d_ros.skeleton import Skeleton

__all__ = ['everything_deleted', 'markers_of']

_JOINT_DIAMETER = 0.05  # [m]
_BONE_DIAMETER = 0.025  # [m]
_TEXT_HEIGHT = 0.12  # [m]
_TEXT_ABOVE = 0.25  # above the highest joint [m]
_LIFETIME = Duration(sec=1)  # a picture without a node behind it fades
_LEFT, _RIGHT, _MIDDLE = (1.0, 0.53, 0.18), (0.20, 0.65, 1.0), (0.94, 0.94, 0.94)


def markers_of(people: Sequence[Person], skeleton: Skeleton, header: Header) -> MarkerArray:
    """Return joints as spheres, bones as lines and ids as text; confidence is opacity.

    A person's markers keep their ids from image to image, and are deleted when the person is lost.

    Args:
        people: As the pipeline returns them.
        skeleton: The joints.
        header: The image's stamp, and the camera's optical frame.
    """
    markers = []
    for person in people:
        if person.state is PersonState.LOST:
            markers += [
                _marker(person, header, name, action=Marker.DELETE)
                for name in ('joints', 'bones', 'names')
            ]
        else:
            markers += [_joints(person, skeleton, header), _bones(person, skeleton, header)]
            markers += _name(person, header)
    return MarkerArray(markers=markers)


def everything_deleted(header: Header) -> MarkerArray:
    """Return the message that takes all people off the screen."""
    return MarkerArray(markers=[Marker(header=header, action=Marker.DELETEALL)])


def _marker(
    person: Person,
    header: Header,
    namespace: str,
    *,
    kind: int = Marker.SPHERE_LIST,
    size: float = 0.0,
    action: int = Marker.ADD,
) -> Marker:
    marker = Marker(
        header=header,
        ns=namespace,
        id=_number_of(person.id),
        type=kind,
        action=action,
        scale=Vector3(x=size, y=size, z=size),
        lifetime=_LIFETIME,
    )
    marker.pose.orientation.w = 1.0
    return marker


def _joints(person: Person, skeleton: Skeleton, header: Header) -> Marker:
    marker = _marker(person, header, 'joints', size=_JOINT_DIAMETER)
    _add_points(marker, person, skeleton, np.flatnonzero(_known(person)))
    return marker


def _bones(person: Person, skeleton: Skeleton, header: Header) -> Marker:
    marker = _marker(person, header, 'bones', kind=Marker.LINE_LIST, size=_BONE_DIAMETER)
    known = _known(person)
    for child, parent in skeleton.bones:
        if known[child] and known[parent]:
            _add_points(marker, person, skeleton, (child, parent))
    return marker


def _add_points(marker: Marker, person: Person, skeleton: Skeleton, joints: Iterable[int]) -> None:
    for joint in joints:
        x, y, z = person.positions[joint].tolist()
        marker.points.append(Point(x=x, y=y, z=z))
        marker.colors.append(_colour(skeleton.joints[joint], float(person.confidence[joint])))


def _name(person: Person, header: Header) -> list[Marker]:
    known = person.positions[_known(person)]
    if not len(known):
        return []
    marker = _marker(person, header, 'names', kind=Marker.TEXT_VIEW_FACING, size=_TEXT_HEIGHT)
    x, y, z = known[known[:, 1].argmin()].tolist()  # the y axis of the camera points down
    marker.pose.position = Point(x=x, y=y - _TEXT_ABOVE, z=z)
    marker.color = ColorRGBA(r=1.0, g=1.0, b=1.0, a=1.0)
    marker.text = person.id
    return [marker]


def _known(person: Person) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(person.positions).all(axis=1))


def _colour(joint: str, confidence: float) -> ColorRGBA:
    red, green, blue = {'l_': _LEFT, 'r_': _RIGHT}.get(joint[:2], _MIDDLE)
    return ColorRGBA(r=red, g=green, b=blue, a=float(np.clip(np.nan_to_num(confidence), 0.1, 1)))


def _number_of(person_id: str) -> int:
    """Return the id, five letters, as a number: the same whenever the person is seen."""
    number = 0
    for letter in person_id:
        number = 26 * number + ord(letter) - ord('a')
    return number
