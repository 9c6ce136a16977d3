"""Detections: boxes of another program's detector, as vision_msgs has them."""

import time
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from vision_msgs.msg import Detection2DArray

from pose3d_ros.detectors.topic import TopicDetector
from pose3d_ros.ros.conversions import seconds
from pose3d_ros.ros.mismatches import Mismatches

__all__ = ['DetectionFeed', 'boxes_from_msg']

_SILENCE_S = 2.0  # a topic that says nothing for this long is silent


class DetectionFeed:
    """Subscribes to the boxes of one camera, and hands them to its detector."""

    def __init__(self, node: Node, topic: str, detector: TopicDetector, class_id: str) -> None:
        """Subscribe.

        Args:
            node: Who subscribes.
            topic: Carries vision_msgs/Detection2DArray, stamped as the images are.
            detector: Whom to tell.
            class_id: What that program calls people; empty if it finds nothing else.
        """
        self.topic = str(node.resolve_topic_name(topic))
        self._node, self._detector, self._class_id = node, detector, class_id
        self._wrong = ''
        self._last = time.monotonic()
        self._mismatches = Mismatches()
        self._subscription = node.create_subscription(
            Detection2DArray,
            self.topic,
            self._on_boxes,
            qos_profile_sensor_data,
            event_callbacks=self._mismatches.subscribing(self.topic),
        )

    def problems(self) -> dict[str, bytes]:
        """Return what is wrong with the topic, and how bad it is."""
        found = dict.fromkeys(self._mismatches.found(), DiagnosticStatus.ERROR)
        silent_s = time.monotonic() - self._last
        if not self._node.get_publishers_info_by_topic(self.topic):
            found[f'nobody publishes {self.topic}: no new people are found'] = (
                DiagnosticStatus.WARN
            )
        elif silent_s > _SILENCE_S:
            found[f'{self.topic} is silent since {silent_s:.0f} s: no new people are found'] = (
                DiagnosticStatus.WARN
            )
        if self._wrong:
            found[f'{self.topic}: {self._wrong}'] = DiagnosticStatus.WARN
        self._wrong = ''
        return found

    def close(self) -> None:
        """Unsubscribe."""
        self._node.destroy_subscription(self._subscription)

    def _on_boxes(self, msg: Any) -> None:
        self._last = time.monotonic()
        wrong = self._detector.receive(
            boxes_from_msg(msg, self._class_id), seconds(msg.header.stamp)
        )
        self._wrong = wrong or self._wrong


def boxes_from_msg(msg: Any, class_id: str = '') -> NDArray[np.float64]:
    """Return the boxes of people, the surest first, shape (N, 4) [px].

    Args:
        msg: Detection2DArray; how boxes are turned is ignored.
        class_id: Only detections whose best hypothesis is this; empty for all.
    """
    rows = []
    for detection in msg.detections:
        hypotheses = [each.hypothesis for each in detection.results]
        best = max(hypotheses, key=lambda each: float(each.score), default=None)
        if class_id and (best is None or best.class_id != class_id):
            continue
        middle, box = detection.bbox.center.position, detection.bbox
        corner = middle.x - (box.size_x - 1) / 2, middle.y - (box.size_y - 1) / 2
        score = float(best.score) if best else 1.0
        rows.append((score, (*corner, box.size_x, box.size_y)))
    rows.sort(key=lambda row: row[0], reverse=True)
    return np.array([box for _, box in rows], dtype=np.float64).reshape(-1, 4)
