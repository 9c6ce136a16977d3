"""The stage: a camera that plays the demo's clip to and fro, and obeys cues.

Cues come on `/stage/cue`: `show` the person, `hide` the left arm behind a board, show an `empty`
room, somebody `other` (the picture in a mirror), `cut` the camera, `end`.
"""

import argparse
import sys
import time
from collections.abc import Iterator

import cv2
import numpy as np
import rclpy
from numpy.typing import NDArray
from rclpy.qos import QoSProfile
from std_msgs.msg import String

from pose3d_ros.errors import DataError
from pose3d_ros.ros.demo.camera import CameraNode
from pose3d_ros.ros.demo.footage import Footage, Truth, open_footage
from pose3d_ros.ros.ending import ros_until_asked

__all__ = ['CUE_QOS', 'CUE_TOPIC', 'main', 'picture']

CUE_TOPIC = '/stage/cue'
CUE_QOS = QoSProfile(depth=10)

_ARM = ('l_shoulder', 'l_elbow', 'l_wrist')
_BOARD_M = 0.3  # width of the board before the arm
_BOARD_COLOUR, _ROOM_COLOUR = (70, 90, 110), 128

Bgr = NDArray[np.uint8]


class Stage(CameraNode):
    """A camera that obeys."""

    def __init__(self, footage: Footage) -> None:
        super().__init__('camera', footage)
        self.cue = 'show'
        self.create_subscription(String, CUE_TOPIC, self._on_cue, CUE_QOS)

    def _on_cue(self, msg: String) -> None:
        self.cue = msg.data


def picture(frame: Bgr, cue: str, truth: Truth, index: int) -> Bgr | None:
    """Return what the camera shows, None if nothing.

    Args:
        frame: Of the clip, BGR.
        cue: What the director wants.
        truth: Where the person is.
        index: Of the frame.
    """
    if cue == 'cut':
        return None
    if cue == 'empty':
        return np.full_like(frame, _ROOM_COLOUR)
    if cue == 'other':
        return np.ascontiguousarray(frame[:, ::-1])
    if cue == 'hide':
        return _behind_board(frame, truth, index)
    return frame


def _behind_board(frame: Bgr, truth: Truth, index: int) -> Bgr:
    joints = truth.positions[index][[truth.joints.index(name) for name in _ARM]]
    pixels = np.round(truth.camera.project(joints)).astype(np.int32)
    width = round(_BOARD_M * truth.camera.K[0, 0] / joints[:, 2].mean())
    hidden = frame.copy()
    cv2.polylines(hidden, [pixels], isClosed=False, color=_BOARD_COLOUR, thickness=width)
    return hidden


def to_and_fro(count: int) -> Iterator[int]:
    """Yield the numbers of frames, forwards and backwards for ever."""
    while True:
        yield from range(count - 1)
        yield from range(count - 1, 0, -1)


def play(node: Stage, footage: Footage, truth: Truth) -> None:
    """Publish frames at their rate until the end is cued."""
    coded = [cv2.imencode('.jpg', frame)[1] for frame in footage.frames()]
    begin = time.monotonic()
    for number, index in enumerate(to_and_fro(min(len(coded), len(truth.positions)))):
        while (left := begin + number / footage.rate_hz - time.monotonic()) > 0:
            rclpy.spin_once(node, timeout_sec=left)
        if node.cue == 'end':
            return
        frame = np.asarray(cv2.imdecode(coded[index], cv2.IMREAD_COLOR), np.uint8)
        shown = picture(frame, node.cue, truth, index)
        if shown is not None:
            node.publish(shown)


def main(args: list[str] | None = None) -> int:
    """Play until the end is cued; see `--help`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('source', help='a video file with its truth beside it')
    arguments = parser.parse_args(args)
    footage = open_footage(arguments.source)
    if footage.truth is None:
        message = f'there is no truth beside {arguments.source}'
        raise DataError(message)
    with ros_until_asked([]):
        node = Stage(footage)
        try:
            play(node, footage, footage.truth)
        finally:
            node.destroy_node()
    return 0


if __name__ == '__main__':
    sys.exit(main())
