"""Outlets: everything that the node publishes about one image."""

from collections.abc import Sequence
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import MarkerArray

from pose3d_ros.config import NodeConfig
from pose3d_ros.motions import Motions
from pose3d_ros.msg import Skeleton3DArray
from pose3d_ros.person import Person
from pose3d_ros.picture import Picture
from pose3d_ros.ros.conversions import Method, seconds, skeletons_to_msg
from pose3d_ros.ros.frames import transforms_of
from pose3d_ros.ros.humans import Humans
from pose3d_ros.ros.markers import everything_deleted, markers_of
from pose3d_ros.ros.mismatches import Mismatches
from pose3d_ros.ros.overlay import overlay_of

__all__ = ['Outlets']

_RELIABLE = QoSProfile(depth=10)  # the defaults of ROS 2: reliable, volatile
_TF = QoSProfile(depth=100)  # as tf2 has it


class Outlets:
    """Publishes who one camera sees, all with the stamp of the image.

    Attributes:
        mismatches: Subscribers that cannot be served.
    """

    def __init__(self, node: Node, method: Method, namespace: str, humans: Humans) -> None:
        """Advertise.

        Args:
            node: Who publishes.
            method: Who estimates.
            namespace: Of all topics that are about one camera's people.
            humans: Publishes the people of all cameras as REP-155 says.
        """
        self._node, self._method, self._namespace = node, method, namespace
        self._frame_id = ''
        self.mismatches = Mismatches()
        self._skeletons = self._advertise(Skeleton3DArray, f'{namespace}/skeletons', _RELIABLE)
        self._markers = self._advertise(MarkerArray, f'{namespace}/markers', _RELIABLE)
        self._frames = self._advertise(TFMessage, '/tf', _TF)
        self._overlay = self._advertise(
            CompressedImage, f'{namespace}/overlay/compressed', _RELIABLE
        )
        self._motions = Motions(method.skeleton)
        self._humans = humans

    def show_images(self, config: NodeConfig) -> bool:
        """Return whether anybody listens to what is made of the full image.

        Args:
            config: What to publish.
        """
        overlay = config.publish_overlay and _is_wanted(self._overlay)
        return overlay or (config.publish_humans and self._humans.show_images(self._namespace))

    def publish(
        self,
        people: Sequence[Person],
        header: Header,
        config: NodeConfig,
        picture: Picture,
    ) -> float:
        """Publish everything about one image.

        Args:
            people: As the pipeline returns them.
            header: The image's stamp, and the camera's optical frame.
            config: What to publish.
            picture: The full image.

        Returns:
            Time from the stamp to the publication of the skeletons, by the node's clock [s].
        """
        skeleton = self._method.skeleton
        self._frame_id = header.frame_id
        rotations = self._motions.turn(people)
        latency_s = seconds(self._node.get_clock().now().to_msg()) - seconds(header.stamp)
        self._skeletons.publish(
            skeletons_to_msg(
                people, rotations, method=self._method, header=header, latency_s=latency_s
            )
        )
        motions = self._motions.bend(people)  # who waits for skeletons need not wait for this
        if config.publish_tf and header.frame_id and _is_wanted(self._frames):
            transforms = transforms_of(
                people, motions, skeleton=skeleton, header=header, prefix=config.frame_prefix
            )
            self._frames.publish(TFMessage(transforms=transforms))
        if config.publish_markers and _is_wanted(self._markers):
            self._markers.publish(markers_of(people, skeleton, header))
        if config.publish_humans:
            self._humans.publish(
                self._namespace, people, motions, header, picture, prefix=config.frame_prefix
            )
        else:
            self._humans.close()
        if config.publish_overlay and _is_wanted(self._overlay):
            self._overlay.publish(overlay_of(picture.whole, people, skeleton, header))
        return latency_s

    def clear(self, header: Header) -> None:
        """Take everybody off the screen."""
        self._markers.publish(everything_deleted(header))
        self._motions.reset()
        self._humans.forget(self._namespace, header)

    def fall_silent(self) -> None:
        """Say that nobody is tracked any more; what else was published has a stamp that tells."""
        header = Header(stamp=self._node.get_clock().now().to_msg(), frame_id=self._frame_id)
        self._humans.forget(self._namespace, header)

    def close(self) -> None:
        """Stop advertising."""
        for publisher in (self._skeletons, self._markers, self._frames, self._overlay):
            self._node.destroy_publisher(publisher)
        self._humans.close()

    def _advertise(self, kind: Any, topic: str, qos: QoSProfile) -> Any:
        events = self.mismatches.publishing(self._node.resolve_topic_name(topic))
        return self._node.create_publisher(kind, topic, qos, event_callbacks=events)


def _is_wanted(publisher: Any) -> bool:
    """Return whether anybody listens: frames and markers take a while to build."""
    return bool(publisher.get_subscription_count() > 0)
