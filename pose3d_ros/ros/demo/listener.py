"""The listener process: a client of the node, like any other, that keeps accounts.

It subscribes to skeletons and to /tf, measures the time from an image's stamp to the reception of
its answer, compares with what is known to be true, and writes what it saw and how good it was.
"""

import argparse
import sys
import time
from pathlib import Path

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.signals import SignalHandlerOptions
from std_msgs.msg import Header
from tf2_msgs.msg import TFMessage

from pose3d_ros.msg import Skeleton3DArray
from pose3d_ros.ros.conversions import seconds
from pose3d_ros.ros.demo.camera import END, LOG_QOS
from pose3d_ros.ros.demo.footage import open_footage
from pose3d_ros.ros.demo.report import Account, summary, write_overlays
from pose3d_ros.ros.ending import requests_to_end

__all__ = ['main']

_QUIET_S = 1.0  # after the end, answers later than this are not waited for
_SILENCE_S = 10.0  # without the end, a camera that has begun and is silent for so long is gone


class ListenerNode(Node):
    """Writes down what comes, and when."""

    def __init__(self) -> None:
        super().__init__('listener')
        self.account = Account()
        self.ended = False
        self.failure = ''
        self._is_logging = False
        self.last_heard = time.monotonic()
        many = QoSProfile(depth=100)
        self.create_subscription(Skeleton3DArray, '/pose3d/skeletons', self._on_skeletons, many)
        self.create_subscription(TFMessage, '/tf', self._on_frames, many)
        self.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, many)

    def _on_skeletons(self, msg: Skeleton3DArray) -> None:
        now = seconds(self.get_clock().now().to_msg())
        if not self._is_logging:  # this tells the camera that all are there
            self.create_subscription(Header, '/camera/frame_log', self._on_log, LOG_QOS)
            self._is_logging = True
        self.last_heard = time.monotonic()
        self.account.skeletons[stamp_of(msg.header)] = msg
        self.account.receptions[stamp_of(msg.header)] = now

    def _on_frames(self, msg: TFMessage) -> None:
        for transform in msg.transforms:
            if transform.child_frame_id.startswith('body_'):
                self.account.frames.add(stamp_of(transform.header))

    def _on_log(self, msg: Header) -> None:
        self.last_heard = time.monotonic()
        if msg.frame_id == END:
            self.ended = True
        else:
            self.account.images[stamp_of(msg)] = int(msg.frame_id)

    def _on_diagnostics(self, msg: DiagnosticArray) -> None:
        for status in msg.status:
            if status.level == DiagnosticStatus.ERROR and status.name == 'pose3d: node':
                self.failure = status.message

    @property
    def is_done(self) -> bool:
        """Whether every image is answered, or no more answers are to be expected."""
        silence = time.monotonic() - self.last_heard
        if not self.ended:
            return self._is_logging and silence > _SILENCE_S
        complete = self.account.images.keys() <= self.account.skeletons.keys()
        return complete or silence > _QUIET_S


def stamp_of(header: Header) -> int:
    """Return the stamp of a header [ns]."""
    return int(header.stamp.sec * 10**9 + header.stamp.nanosec)


def main(args: list[str] | None = None) -> int:
    """Listen until the camera ends, then write the report; see `--help`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('source', help='the video file that the camera plays or records')
    parser.add_argument('--out', type=Path, default=Path('out/demo'), help='where pictures go')
    arguments = parser.parse_args(args)
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)  # report after Ctrl-C
    asked = requests_to_end()
    node = ListenerNode()
    executor = SingleThreadedExecutor()  # of its own: rclpy's would take the node in each time
    executor.add_node(node)
    try:
        while not node.is_done and not node.failure and not asked.is_set():
            executor.spin_once(timeout_sec=0.1)
    finally:
        account = node.account
        node.destroy_node()
        rclpy.shutdown()
    if node.failure:  # which the node has logged
        return 2
    footage = open_footage(arguments.source)
    write_overlays(account, footage, arguments.out)
    line, good = summary(account, footage.truth)
    print(line)
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
