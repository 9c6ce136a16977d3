"""Humans: people on the topics of REP-155 (ROS4HRI).

`/humans/bodies/tracked` lists who is there, also when nobody is. Each of them has topics under
`/humans/bodies/<id>/`, which come with the person and go when the person is lost:

- roi, cropped: where the person is in the image, and that part of it;
- skeleton2d: the key points of the standard that are known, as shares of the image;
- joint_states: the 20 angles of the human model; urdf: the model with the person's own measures;
- position, velocity: of the body in the camera's optical frame;
- residual: the mean distance of the joints from the model [mm].

All are reliable, as the clients of the standard want them; urdf is latched. The topics are those
of the standard for any number of cameras: the list is about all of them, and each body's header
names the frame of the camera that sees it.
"""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import numpy as np
from geometry_msgs.msg import Point, PointStamped, Twist, TwistStamped, Vector3
from hri_msgs.msg import (
    IdsList,
    NormalizedPointOfInterest2D,
    NormalizedRegionOfInterest2D,
    Skeleton2D,
)
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Float32, Header, String

from pose3d_ros.human import HumanPose
from pose3d_ros.human_model import ANGLES
from pose3d_ros.human_urdf import urdf
from pose3d_ros.motions import Motion
from pose3d_ros.person import Person, PersonState
from pose3d_ros.picture import Picture
from pose3d_ros.ros.images import msg_from_image
from pose3d_ros.ros.mismatches import NO_EVENTS
from pose3d_ros.skeleton import Skeleton

__all__ = ['Humans', 'joint_states_of', 'region_of', 'skeleton2d_of']

_RELIABLE = QoSProfile(depth=10)
_LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
_TOPICS: dict[str, tuple[Any, QoSProfile]] = {
    'roi': (NormalizedRegionOfInterest2D, _RELIABLE),
    'cropped': (Image, _RELIABLE),
    'skeleton2d': (Skeleton2D, _RELIABLE),
    'joint_states': (JointState, _RELIABLE),
    'position': (PointStamped, _RELIABLE),
    'velocity': (TwistStamped, _RELIABLE),
    'residual': (Float32, _RELIABLE),
    'urdf': (String, _LATCHED),
}
_URDF_CHANGE = 0.002  # the URDF is published anew when a measure has changed so much [m] ...
_URDF_PERIOD = 1.0  # ... but not more often than this [s]
_LIMBS = ('shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle')
_KEY_POINTS = {'nose': Skeleton2D.NOSE, 'neck': Skeleton2D.NECK} | {
    f'{side[0].lower()}_{limb}': getattr(Skeleton2D, f'{side}_{limb.upper()}')
    for side in ('LEFT', 'RIGHT')
    for limb in _LIMBS
}

Array = NDArray[np.float64]


class Humans:
    """Publishes everybody in the way of the standard, whichever camera sees them."""

    def __init__(self, node: Node, skeleton: Skeleton) -> None:
        """Advertise nobody yet.

        Args:
            node: Who publishes.
            skeleton: The joints of all people.
        """
        self._node, self._skeleton = node, skeleton
        self._tracked: Any = None
        self._present: dict[str, list[str]] = {}  # ids by camera
        self._bodies: dict[str, dict[str, Any]] = {}
        self._described: dict[str, tuple[float, Array]] = {}

    def publish(
        self,
        camera: str,
        people: Sequence[Person],
        motions: Sequence[Motion],
        header: Header,
        picture: Picture,
        *,
        prefix: str = '',
    ) -> None:
        """Publish everybody in one image.

        Args:
            camera: What tells the camera from others.
            people: As the pipeline returns them.
            motions: How each of them is turned and bent.
            header: The image's stamp, and the camera's optical frame.
            picture: The full image.
            prefix: Of all TF frames.
        """
        present = [
            (person, motion)
            for person, motion in zip(people, motions, strict=True)
            if person.state is not PersonState.LOST
        ]
        self._keep(camera, [person.id for person, _ in present])
        for person, motion in present:
            self._publish_image(person, header, picture)
            if person.is_seen:
                self._publish_position(person, header)
            if person.is_seen and motion.pose is not None:
                self._publish_pose(person, motion.pose, header, prefix)
        if self._tracked is None:
            self._tracked = self._advertise(IdsList, 'tracked', _RELIABLE)
        self._tracked.publish(IdsList(header=header, ids=self._everybody()))

    def show_images(self, camera: str) -> bool:
        """Return whether anybody listens to the part of a camera's image that shows a person."""
        return any(
            self._bodies[person_id]['cropped'].get_subscription_count()
            for person_id in self._present.get(camera, [])
        )

    def forget(self, camera: str, header: Header) -> None:
        """Say that nobody is before a camera any more.

        Args:
            camera: What tells it from others.
            header: Its frame.
        """
        self._keep(camera, [])
        if self._tracked is not None:
            self._tracked.publish(IdsList(header=header, ids=self._everybody()))

    def close(self) -> None:
        """Stop advertising."""
        for camera in self._present:
            self._keep(camera, [])
        if self._tracked is not None:
            self._node.destroy_publisher(self._tracked)
            self._tracked = None

    def _everybody(self) -> list[str]:
        return [person_id for ids in self._present.values() for person_id in ids]

    def _keep(self, camera: str, present: list[str]) -> None:
        """Take away the topics of who is gone from a camera, and advertise those of who is new."""
        self._present[camera] = present
        ids = set(self._everybody())
        for person_id in set(self._bodies) - ids:
            self._described.pop(person_id, None)
            for publisher in self._bodies.pop(person_id).values():
                self._node.destroy_publisher(publisher)
        for person_id in ids - set(self._bodies):
            self._bodies[person_id] = {
                name: self._advertise(kind, f'{person_id}/{name}', qos)
                for name, (kind, qos) in _TOPICS.items()
            }

    def _advertise(self, kind: Any, name: str, qos: QoSProfile) -> Any:
        """Advertise without events: the executor must not wait for publishers that come and go."""
        topic = f'/humans/bodies/{name}'
        return self._node.create_publisher(kind, topic, qos, event_callbacks=NO_EVENTS)

    def _send(self, person: Person, name: str, message: Callable[[], Any]) -> None:
        """Publish what somebody subscribes to."""
        publisher = self._bodies[person.id][name]
        if publisher.get_subscription_count():
            publisher.publish(message())

    def _publish_image(self, person: Person, header: Header, picture: Picture) -> None:
        height, width = picture.shape[:2]
        roi = region_of(person, width, height, header)
        self._send(person, 'roi', lambda: roi)
        self._send(
            person,
            'skeleton2d',
            lambda: skeleton2d_of(person, self._skeleton, width, height, header),
        )
        rows = slice(round(roi.ymin * height), round(roi.ymax * height))
        columns = slice(round(roi.xmin * width), round(roi.xmax * width))
        if rows.start < rows.stop and columns.start < columns.stop and person.is_seen:
            self._send(
                person, 'cropped', lambda: msg_from_image(picture.whole[rows, columns], header)
            )

    def _publish_position(self, person: Person, header: Header) -> None:
        x, y, z = person.positions[self._skeleton.root].tolist()
        if isfinite(x + y + z):
            point = Point(x=x, y=y, z=z)
            self._send(person, 'position', lambda: PointStamped(header=header, point=point))

    def _publish_pose(self, person: Person, pose: HumanPose, header: Header, prefix: str) -> None:
        self._describe(person, pose, prefix)
        self._send(person, 'joint_states', lambda: joint_states_of(pose, person.id, header))
        self._send(person, 'residual', lambda: Float32(data=1000 * pose.residual))
        x, y, z = pose.velocity.tolist()
        if isfinite(x + y + z):
            twist = Twist(linear=Vector3(x=x, y=y, z=z))
            self._send(person, 'velocity', lambda: TwistStamped(header=header, twist=twist))

    def _describe(self, person: Person, pose: HumanPose, prefix: str) -> None:
        """Publish the URDF of who is new, and of whose measures have changed, now and then."""
        stamp, measures = self._described.get(person.id, (-np.inf, np.full(3, np.inf)))
        if person.stamp - stamp < _URDF_PERIOD:
            return
        if np.abs(pose.measures - measures).max() > _URDF_CHANGE:
            self._described[person.id] = (person.stamp, pose.measures)
            text = urdf(pose.measures, person.id, prefix)
            self._bodies[person.id]['urdf'].publish(String(data=text))


def region_of(
    person: Person, width: int, height: int, header: Header
) -> NormalizedRegionOfInterest2D:
    """Return where a person is in the image, and how surely.

    Args:
        person: Whoever.
        width: Of the image [px].
        height: Of the image [px].
        header: The image's.
    """
    x, y, wide, high = person.box
    xmin, xmax = np.clip(np.array((x + 0.5, x + wide + 0.5)) / width, 0, 1).tolist()
    ymin, ymax = np.clip(np.array((y + 0.5, y + high + 0.5)) / height, 0, 1).tolist()
    return NormalizedRegionOfInterest2D(
        header=header, xmin=xmin, ymin=ymin, xmax=xmax, ymax=ymax, c=float(person.presence)
    )


def skeleton2d_of(
    person: Person, skeleton: Skeleton, width: int, height: int, header: Header
) -> Skeleton2D:
    """Return the key points of the standard; c is 0 for what is unknown or not seen.

    Args:
        person: Whoever.
        skeleton: The joints.
        width: Of the image [px].
        height: Of the image [px].
        header: The image's.
    """
    points = [NormalizedPointOfInterest2D() for _ in range(18)]
    shares = (person.pixels + 0.5) / (width, height)  # pixel centres are at integers
    for joint, share, confidence in zip(
        skeleton.joints, shares.tolist(), person.confidence.tolist(), strict=True
    ):
        if joint in _KEY_POINTS and np.isfinite(share).all():
            x, y = np.clip(share, 0, 1).tolist()
            inside = [x, y] == share
            sure = confidence if inside and person.is_seen else 0.0
            point = NormalizedPointOfInterest2D(x=x, y=y, c=sure)
            points[_KEY_POINTS[joint]] = point
    return Skeleton2D(header=header, skeleton=points)


def joint_states_of(pose: HumanPose, person_id: str, header: Header) -> JointState:
    """Return the angles that are known [rad], named with the suffix of the person."""
    known = [
        (f'{name}_{person_id}', angle)
        for name, angle in zip(ANGLES, pose.angles.tolist(), strict=True)
        if np.isfinite(angle)
    ]
    names, angles = zip(*known, strict=True) if known else ((), ())
    return JointState(header=header, name=list(names), position=list(angles))
