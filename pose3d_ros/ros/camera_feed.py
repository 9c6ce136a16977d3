"""Camera feed: the images of one camera, and the camera that took them."""

import time
from collections.abc import Callable
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from pose3d_ros.camera import Camera
from pose3d_ros.config import NodeConfig
from pose3d_ros.picture import Picture
from pose3d_ros.ros.conversions import camera_from_msg
from pose3d_ros.ros.images import image_from_msg, picture_from_compressed
from pose3d_ros.ros.mismatches import Mismatches
from pose3d_ros.sources import CameraSource

__all__ = ['CameraFeed', 'image_topic', 'info_topic']

_STAMP_END = 12  # in a serialized message: after its encapsulation, seconds and nanoseconds
_READERS: dict[str, tuple[Any, Callable[[Any], Picture]]] = {
    'raw': (Image, lambda msg: Picture.of(image_from_msg(msg))),
    'compressed': (CompressedImage, picture_from_compressed),
}


def image_topic(node: Node, source: CameraSource, transport: str) -> str:
    """Return where images come from: `/compressed` is appended after remapping."""
    topic = str(node.resolve_topic_name(source.image))
    return topic if transport == 'raw' else f'{topic}/{transport}'


def info_topic(node: Node, source: CameraSource) -> str:
    """Return where the calibration comes from: as said, or else beside the images.

    That of the only camera may also be remapped, as `camera_info`.
    """
    if source.info:
        return str(node.resolve_topic_name(source.info))
    remapped = node.resolve_topic_name('camera_info')
    if not source.name and remapped != node.resolve_topic_name('camera_info', only_expand=True):
        return str(remapped)
    images = str(node.resolve_topic_name(source.image))
    return images.rpartition('/')[0] + '/camera_info'


class CameraFeed:
    """Subscribes to the images of one camera and to their calibration, whose newest it keeps."""

    def __init__(
        self,
        node: Node,
        source: CameraSource,
        config: NodeConfig,
        on_image: Callable[[Any], None],
    ) -> None:
        """Subscribe.

        Args:
            node: Who subscribes.
            source: The camera.
            config: Transport, and what to do without a calibration.
            on_image: Called with each message as it comes.
        """
        self.topic = image_topic(node, source, config.transport)
        self.info_topic = info_topic(node, source)
        self._node, self._config, self._deliver = node, config, on_image
        self._info: CameraInfo | None = None
        self._unstamped = b''
        self._known: tuple[CameraInfo, Camera] | None = None
        self._first_image: float | None = None
        self._guessing = False
        self._mismatches = Mismatches()
        self._kind, self.picture_from_msg = _READERS[config.transport]
        self._subscriptions = [
            self._subscribe(self._kind, self.topic, self._on_image),
            self._subscribe(CameraInfo, self.info_topic, self._on_info, raw=True),
        ]

    def close(self) -> None:
        """Unsubscribe."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def camera(self, width: int, height: int, fov_deg: float) -> Camera | None:
        """Return the camera that takes images of this size.

        Args:
            width: Width of the images [px].
            height: Height of the images [px].
            fov_deg: Horizontal field of view to assume when there is no calibration [deg].

        Returns:
            None while it is too early to do without a calibration.

        Raises:
            CameraError: The calibration describes no camera, or one of another image size.
        """
        info = self._info
        if info is None:
            waited = time.monotonic() - (self._first_image or 0.0)
            self._guessing = waited >= self._config.info_timeout
            return Camera.from_fov(width, height, fov_deg) if self._guessing else None
        self._guessing = False
        known = self._known
        if known is None or known[0] is not info or not _takes(known[1], width, height):
            known = self._known = info, camera_from_msg(info, width, height)
        return known[1]

    def problems(self, fov_deg: float) -> dict[str, bytes]:
        """Return what is wrong with the topics, and how bad it is."""
        warn, error = DiagnosticStatus.WARN, DiagnosticStatus.ERROR
        found = dict.fromkeys(self._mismatches.found(), error)
        right = f'sensor_msgs/msg/{self._kind.__name__}'
        publishers = self._node.get_publishers_info_by_topic(self.topic)
        wrong = {each.topic_type for each in publishers} - {right}
        found |= {f'{self.topic} carries {each}, not {right}': error for each in sorted(wrong)}
        if not publishers:
            found[f'nobody publishes {self.topic}'] = warn
        if self._guessing:
            found[f'nothing on {self.info_topic}: assuming a field of view of {fov_deg:g} deg'] = (
                warn
            )
        return found

    def _subscribe(
        self, kind: Any, topic: str, callback: Callable[[Any], None], *, raw: bool = False
    ) -> Any:
        events = self._mismatches.subscribing(topic)
        return self._node.create_subscription(
            kind, topic, callback, qos_profile_sensor_data, event_callbacks=events, raw=raw
        )

    def _on_image(self, msg: Any) -> None:
        self._first_image = self._first_image or time.monotonic()
        self._deliver(msg)

    def _on_info(self, serialized: bytes) -> None:
        """Keep the newest calibration: the same comes with every image, and is read only once."""
        unstamped = serialized[_STAMP_END:]
        if unstamped != self._unstamped:
            self._info, self._unstamped = deserialize_message(serialized, CameraInfo), unstamped


def _takes(camera: Camera, width: int, height: int) -> bool:
    return (camera.width, camera.height) == (width, height)
