"""The camera process: plays footage as a camera driver would.

It publishes images and, if the camera is calibrated, their CameraInfo with SensorDataQoS. Beside
them, `~/frame_log` tells which frame has which stamp; a robot's camera has no such thing, it is
for the listener to compare with the truth. The first frame is shown until the listener asks for
that log, which it does when it has heard its first answer.
"""

import argparse
import signal
import sys
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from itertools import chain

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

_REHEARSAL_S = 0.1  # between two frames that nobody may see


class CameraNode(Node):
    """Publishes images like a camera driver."""

    def __init__(self, name: str, footage: Footage) -> None:
        super().__init__(name)
        self._frame = f'{name}_optical_frame'
        self._camera = footage.truth.camera if footage.truth else None
        self._images = self.create_publisher(Image, '~/image_raw', qos_profile_sensor_data)
        self._infos = self.create_publisher(CameraInfo, '~/camera_info', qos_profile_sensor_data)
        self._log = self.create_publisher(Header, '~/frame_log', LOG_QOS)

    def is_awaited(self, *, by_listener: bool) -> bool:
        """Return whether somebody wants the images, or the listener wants their log."""
        publisher = self._log if by_listener else self._images
        return bool(publisher.get_subscription_count() > 0)

    def publish(self, frame: NDArray[np.uint8], index: int | None = None) -> None:
        """Publish a frame, taken now, and log it if it has a number."""
        header = Header(stamp=self.get_clock().now().to_msg(), frame_id=self._frame)
        if self._camera is not None:
            self._infos.publish(info_from_camera(self._camera, header))
        self._images.publish(msg_from_image(frame, header))
        if index is not None:
            self._log.publish(Header(stamp=header.stamp, frame_id=str(index)))

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


def rehearse(node: CameraNode, frame: NDArray[np.uint8], arguments: argparse.Namespace) -> bool:
    """Show one frame until it is awaited, as a camera runs before anybody looks.

    Returns:
        Whether that happened in time.
    """
    deadline = time.monotonic() + arguments.timeout
    while not node.is_awaited(by_listener=not arguments.unlogged):
        if time.monotonic() > deadline:
            return False
        node.publish(frame)
        rclpy.spin_once(node, timeout_sec=_REHEARSAL_S)
    return True


def play(node: CameraNode, frames: Iterable[NDArray[np.uint8]], footage: Footage) -> None:
    """Publish all frames at their rate, each with the stamp of its moment."""
    begin = time.monotonic()
    for index, frame in enumerate(frames):
        if not footage.is_device:  # which keeps the time by itself
            time.sleep(max(begin + index / footage.rate_hz - time.monotonic(), 0.0))
        node.publish(frame, index)


def looped(footage: Footage) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames again and again."""
    while True:
        yield from footage.frames()


def recorded(
    frames: Iterable[NDArray[np.uint8]], path: str, rate_hz: float
) -> Generator[NDArray[np.uint8], None, None]:
    """Yield the frames, and write them to a file; to none if the path is empty."""
    recorder: cv2.VideoWriter | None = None
    try:
        for frame in frames:
            if path and recorder is None:
                size = (frame.shape[1], frame.shape[0])
                recorder = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*'mp4v'), rate_hz, size)
            yield frame
            if recorder is not None:
                recorder.write(frame)
    finally:
        if recorder is not None:
            recorder.release()


def main(args: list[str] | None = None) -> int:
    """Play the footage once and end; see `--help`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('source', help='a video file, or the number of a device')
    parser.add_argument('--name', default='camera', help='name of the node and namespace')
    parser.add_argument('--loop', action='store_true', help='begin again at the end')
    parser.add_argument('--record', default='', help='write the frames to this file')
    parser.add_argument('--unlogged', action='store_true', help='do not wait for the listener')
    parser.add_argument('--timeout', type=float, default=60.0, help='wait for the node [s]')
    arguments = parser.parse_args(args)
    footage = open_footage(arguments.source)
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)  # `end` comes after Ctrl-C
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    node = CameraNode(arguments.name, footage)
    try:
        frames = looped(footage) if arguments.loop else footage.frames()
        first = next(frames)
        if not rehearse(node, first, arguments):
            print(f'camera: nobody listens after {arguments.timeout:g} s', file=sys.stderr)
            return 1
        film = recorded(chain([first], frames), arguments.record, footage.rate_hz)
        with closing(film):  # so that the file is complete when the end is told
            play(node, film, footage)
    except KeyboardInterrupt:
        pass
    finally:
        node.end()
        node.destroy_node()
        rclpy.shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
