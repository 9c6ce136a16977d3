"""Viewpoint: the frame that the poses of wrists and head are told in."""

from typing import Any

import numpy as np
from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from scipy.spatial.transform import Rotation
from std_msgs.msg import Header
from tf2_msgs.msg import TFMessage

from pose3d_ros.ros.conversions import seconds
from pose3d_ros.teleoperation.config import TeleopConfig
from pose3d_ros.teleoperation.frame_tree import FrameTree, Transform

__all__ = ['Viewpoint']

_TORSO = 'torso'
_MOVING = QoSProfile(depth=100)
_STATIC = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class Viewpoint:
    """Knows where the camera is in a frame, if poses are not wanted against the torso.

    Attributes:
        name: The frame of the poses.
    """

    def __init__(self, node: Node, config: TeleopConfig) -> None:
        """Listen to TF if it is needed.

        Args:
            node: Who listens.
            config: Which frame.
        """
        self._in_torso = config.pose_frame == _TORSO
        self.name = config.torso_frame if self._in_torso else config.pose_frame
        self._tree = FrameTree()
        if not self._in_torso:
            node.create_subscription(TFMessage, '/tf', self._on_moving, _MOVING)
            node.create_subscription(TFMessage, '/tf_static', self._on_static, _STATIC)

    def of(self, header: Header) -> tuple[Transform | None, str]:
        """Return frame_from_camera at the time of an image, and what is wrong.

        Args:
            header: Of the skeletons: the image's stamp, and the camera's frame.

        Returns:
            None where poses are against the torso; a transform of NaN where the camera is not
            known, which makes the poses unknown as well.
        """
        if self._in_torso:
            return None, ''
        try:
            stamp = seconds(header.stamp)
            return self._tree.find(self.name, header.frame_id, stamp), ''
        except LookupError as error:
            nowhere = Transform(np.full((3, 3), np.nan), np.full(3, np.nan))
            return nowhere, f'no poses: {error}'

    def _on_moving(self, msg: TFMessage) -> None:
        for each in msg.transforms:
            if not each.child_frame_id.startswith('body_'):  # people, not the robot
                self._add(each, seconds(each.header.stamp))

    def _on_static(self, msg: TFMessage) -> None:
        for each in msg.transforms:
            self._add(each, None)

    def _add(self, msg: TransformStamped, stamp: float | None) -> None:
        move: Any = msg.transform.translation
        turn: Any = msg.transform.rotation
        quaternion = np.array((turn.x, turn.y, turn.z, turn.w))
        if not 0.5 < np.linalg.norm(quaternion) < 2.0:  # false for NaN
            return
        transform = Transform(
            Rotation.from_quat(quaternion).as_matrix(), np.array((move.x, move.y, move.z))
        )
        self._tree.add(msg.header.frame_id, msg.child_frame_id, transform, stamp)
