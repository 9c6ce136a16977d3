"""Depth feed: the depth images of one camera, of which each of its images finds its own."""

from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

from pose3d_ros.depth import DepthImage
from pose3d_ros.errors import ImageError
from pose3d_ros.ros.conversions import seconds
from pose3d_ros.ros.images import depth_from_msg
from pose3d_ros.ros.mismatches import Mismatches

__all__ = ['DepthFeed']

_KEPT = 4  # of the newest; one camera is rarely further behind the other
_TYPE = 'sensor_msgs/msg/Image'


class DepthFeed:
    """Subscribes to depth images. An image never waits for the one that belongs to it."""

    def __init__(self, node: Node, topic: str) -> None:
        """Subscribe.

        Args:
            node: Who subscribes.
            topic: Of images 16UC1 [mm] or 32FC1 [m] that are aligned with those of the camera.
        """
        self._node, self.topic = node, node.resolve_topic_name(topic)
        self._mismatches = Mismatches()
        self._newest: tuple[Image, ...] = ()
        self._subscription = node.create_subscription(
            Image,
            self.topic,
            self._on_image,
            qos_profile_sensor_data,
            event_callbacks=self._mismatches.subscribing(self.topic),
        )

    def close(self) -> None:
        """Unsubscribe."""
        self._node.destroy_subscription(self._subscription)

    def at(self, stamp_s: float, tolerance_s: float) -> DepthImage:
        """Return the depth image that was taken at a time.

        Args:
            stamp_s: When [s].
            tolerance_s: How much earlier or later it may have been taken [s].

        Raises:
            ImageError: None of them was, or that one is no depth image.
        """
        newest = self._newest  # another thread may replace it
        if not newest:
            message = f'nothing has come on {self.topic}'
            raise ImageError(message)
        nearest = min(newest, key=lambda msg: abs(seconds(msg.header.stamp) - stamp_s))
        apart = seconds(nearest.header.stamp) - stamp_s
        if abs(apart) > tolerance_s:
            side = 'later' if apart > 0 else 'earlier'
            message = (
                f'the nearest one was taken {abs(apart):.3f} s {side} than the image; '
                f'depth_tolerance is {tolerance_s:g} s'
            )
            raise ImageError(message)
        return depth_from_msg(nearest)

    def problems(self) -> dict[str, bytes]:
        """Return what is wrong with the topic, and how bad it is."""
        found = dict.fromkeys(self._mismatches.found(), DiagnosticStatus.ERROR)
        publishers: list[Any] = self._node.get_publishers_info_by_topic(self.topic)
        for each in sorted({publisher.topic_type for publisher in publishers} - {_TYPE}):
            found[f'{self.topic} carries {each}, not {_TYPE}'] = DiagnosticStatus.ERROR
        if not publishers:
            found[f'nobody publishes {self.topic}'] = DiagnosticStatus.WARN
        return found

    def _on_image(self, msg: Image) -> None:
        self._newest = (*self._newest[1 - _KEPT :], msg)
