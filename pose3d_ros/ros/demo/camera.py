"""The camera process: plays footage as a camera driver would.

It publishes images and, if the camera is calibrated, their CameraInfo with SensorDataQoS. Beside
them, `~/frame_log` tells which frame has which stamp; a robot's camera has no such thing, it is
for the listener to compare with the truth.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable

import cv2
import numpy as np
import rclpy
from numpy.typing import NDArray
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from pose3d_ros.camera import Camera
from pose3d_ros.ros.demo.footage import Footage, open_footage
from pose3d_ros.ros.images import msg_from_image

__all__ = ['END', 'LOG_QOS', 'main']

END = 'end'  # the frame log's last word
LOG_QOS = QoSProfile(depth=1000)  # reliable: every frame is told
FRAME = 'camera_optical_frame'


class CameraNode(Node):
    """Publishes images like a camera driver."""

    def __init__(self, footage: Footage) -> None:
        super().__init__('camera')
        self._camera = footage.truth.camera if footage.truth else None
        self._images = self.create_publisher(Image, '~/image_raw', qos_profile_sensor_data)
        self._infos = self.create_publisher(CameraInfo, '~/camera_info', qos_profile_sensor_data)
        self._log = self.create_publisher(Header, '~/frame_log', LOG_QOS)

    def is_awaited(self, *, by_listener: bool) -> bool:
        """Return whether somebody wants images, and the listener is there if there is one."""
        publishers = (self._images, self._infos, *([self._log] if by_listener else []))
        wanted = all(publisher.get_subscription_count() > 0 for publisher in publishers)
        return wanted and (self.count_subscribers('/pose3d/skeletons') > 0 or not by_listener)

    def publish(self, frame: NDArray[np.uint8], index: int) -> None:
        """Publish a frame, taken now."""
        header = Header(stamp=self.get_clock().now().to_msg(), frame_id=FRAME)
        if self._camera is not None:
            self._infos.publish(info_from_camera(self._camera, header))
        self._images.publish(msg_from_image(frame, header))
        self._log.publish(Header(stamp=header.stamp, frame_id=str(index)))

    def announce(self) -> None:
        """Publish the calibration, so that the node knows it before the first image comes."""
        if self._camera is not None:
            header = Header(stamp=self.get_clock().now().to_msg(), frame_id=FRAME)
            self._infos.publish(info_from_camera(self._camera, header))

    def end(self) -> None:
        """Say that there will be no more images, and wait until everybody knows."""
        self._log.publish(Header(stamp=self.get_clock().now().to_msg(), frame_id=END))
        self._log.wait_for_all_acked(Duration(seconds=2))


def info_from_camera(camera: Camera, header: Header) -> CameraInfo:
    """Return the calibration message of a camera."""
    projection = np.zeros((3, 4))
    projection[:, :3] = camera.K
    return CameraInfo(
        header=header,
        width=camera.width,
        height=camera.height,
        distortion_model=camera.model,
        d=list(camera.distortion) or [0.0] * 5,
        k=camera.K.ravel(),
        r=np.eye(3).ravel(),
        p=projection.ravel(),
    )


def play(node: CameraNode, footage: Footage, record: str) -> None:
    """Publish all frames at their rate, each with the stamp of its moment."""
    recorder = None
    begin = time.monotonic()
    for index, frame in enumerate(footage.frames()):
        if record:
            recorder = recorder or _recorder(record, frame, footage.rate_hz)
            recorder.write(frame)
        if not footage.source.isdigit():  # a device keeps the time by itself
            time.sleep(max(begin + index / footage.rate_hz - time.monotonic(), 0.0))
        node.publish(frame, index)


def wait_until(condition: Callable[[], bool], node: Node, timeout_s: float) -> bool:
    """Return whether the condition became true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        rclpy.spin_once(node, timeout_sec=0.02)
    return True


def _recorder(path: str, frame: NDArray[np.uint8], rate_hz: float) -> cv2.VideoWriter:
    height, width = frame.shape[:2]
    return cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*'mp4v'), rate_hz, (width, height))


def main(args: list[str] | None = None) -> int:
    """Play the footage once and end; see `--help`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('source', help='a video file, or the number of a device')
    parser.add_argument('--record', default='', help='write the frames to this file')
    parser.add_argument('--unlogged', action='store_true', help='do not wait for the listener')
    parser.add_argument('--timeout', type=float, default=60.0, help='wait for the node [s]')
    arguments = parser.parse_args(args)
    footage = open_footage(arguments.source)
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)  # `end` comes after Ctrl-C
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    node = CameraNode(footage)
    try:
        by_listener = not arguments.unlogged
        if not wait_until(
            lambda: node.is_awaited(by_listener=by_listener), node, arguments.timeout
        ):
            print(f'camera: no node wants images after {arguments.timeout:g} s', file=sys.stderr)
            return 1
        node.announce()
        play(node, footage, arguments.record)
    except KeyboardInterrupt:
        pass
    finally:
        node.end()
        node.destroy_node()
        rclpy.shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
