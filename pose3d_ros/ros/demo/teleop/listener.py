"""The listener: hears everything, says nothing, and gives its verdict when the end is cued."""

import argparse
import sys
import time
from collections.abc import Sequence

import numpy as np
import rclpy
from numpy.typing import NDArray
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import JointState
from std_msgs.msg import Header, String
from trajectory_msgs.msg import JointTrajectory

from pose3d_ros.msg import Skeleton3DArray, TeleopState
from pose3d_ros.ros.conversions import seconds
from pose3d_ros.ros.demo.teleop.judge import Account, Command, judge
from pose3d_ros.ros.demo.teleop.reference import knots_of
from pose3d_ros.ros.demo.teleop.robot import TRAJECTORY_TOPIC
from pose3d_ros.ros.demo.teleop.stage import CUE_QOS, CUE_TOPIC
from pose3d_ros.ros.ending import requests_to_end
from pose3d_ros.ros.teleop.node import robot_map
from pose3d_ros.teleoperation.robot_map import RobotMap

__all__ = ['ARMING', 'DEED_TOPIC', 'PRESSED', 'RELEASED', 'main']

DEED_TOPIC = '/stage/deeds'
"""Where the director tells when it did what, for neither the switch nor services have stamps."""

PRESSED, RELEASED = 'pressed', 'released'
ARMING = 'arming'  # is asked for

_MANY = QoSProfile(depth=200)


class TeleopListener(Node):
    """Writes down what comes, and when."""

    def __init__(self, robot: RobotMap) -> None:
        super().__init__('teleop_listener')
        self.account = Account()
        self.ended = False
        self._names = robot.names
        for kind, topic, callback, qos in (
            (JointTrajectory, TRAJECTORY_TOPIC, self._on_trajectory, _MANY),
            (JointState, '/teleop/joint_commands', self._on_command, _MANY),
            (JointState, '/joint_states', self._on_moved, _MANY),
            (TeleopState, '/teleop/state', self._on_state, _MANY),
            (Skeleton3DArray, '/pose3d/skeletons', self._on_skeletons, _MANY),
            (Header, DEED_TOPIC, self._on_deed, _MANY),
            (String, CUE_TOPIC, self._on_cue, CUE_QOS),
        ):
            self.create_subscription(kind, topic, callback, qos)

    @property
    def _now(self) -> float:
        return seconds(self.get_clock().now().to_msg())

    def _ordered(self, names: Sequence[str], values: Sequence[float]) -> NDArray[np.float64]:
        order = [list(names).index(name) for name in self._names]
        return np.array(values, dtype=np.float64)[..., order]

    def _on_trajectory(self, msg: JointTrajectory) -> None:
        stamp = seconds(msg.header.stamp)
        knots = knots_of(
            stamp,
            [seconds(point.time_from_start) for point in msg.points],
            self._ordered(msg.joint_names, [point.positions for point in msg.points]),
            self._ordered(msg.joint_names, [point.velocities for point in msg.points]),
        )
        self.account.commands.append(Command(self._now, stamp, knots))

    def _on_command(self, msg: JointState) -> None:
        positions = self._ordered(msg.name, msg.position)
        self.account.commanded.append((seconds(msg.header.stamp), positions))

    def _on_moved(self, msg: JointState) -> None:
        positions, velocities = (
            self._ordered(msg.name, each) for each in (msg.position, msg.velocity)
        )
        self.account.moved.append((seconds(msg.header.stamp), positions, velocities))

    def _on_state(self, msg: TeleopState) -> None:
        self.account.sources[seconds(msg.header.stamp)] = seconds(msg.image_stamp)

    def _on_skeletons(self, msg: Skeleton3DArray) -> None:
        stamp = seconds(msg.header.stamp)
        self.account.images.append((stamp + seconds(msg.latency), stamp))

    def _on_deed(self, msg: Header) -> None:
        if msg.frame_id == ARMING:
            self.account.armed.append(seconds(msg.stamp))
        else:
            self.account.pressed.append((seconds(msg.stamp), msg.frame_id == PRESSED))

    def _on_cue(self, msg: String) -> None:
        self.ended = self.ended or msg.data == 'end'


def main(args: list[str] | None = None) -> int:
    """Listen until the end is cued; return 0 if the robot was never commanded wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('mapping', help='path or name of the robot map')
    parser.add_argument('--max-age', type=float, required=True, help='of an image [s]')
    parser.add_argument('--deadman-timeout', type=float, required=True, help='of the switch [s]')
    parser.add_argument('--timeout', type=float, default=600.0, help='give up after this [s]')
    arguments = parser.parse_args(args)
    robot = robot_map(arguments.mapping)
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)  # report after Ctrl-C
    asked = requests_to_end()
    node, deadline = TeleopListener(robot), time.monotonic() + arguments.timeout
    executor = SingleThreadedExecutor()  # of its own: rclpy's would take the node in each time
    executor.add_node(node)
    try:
        while not node.ended and time.monotonic() < deadline and not asked.is_set():
            executor.spin_once(timeout_sec=0.1)
    finally:
        node.destroy_node()
        rclpy.shutdown()
    verdict = judge(
        node.account,
        robot,
        max_age=arguments.max_age,
        deadman_timeout=arguments.deadman_timeout,
    )
    for reason in verdict.reasons:
        print(f'  wrong: {reason}')
    print(verdict.line, flush=True)
    return 0 if verdict.is_good else 1


if __name__ == '__main__':
    sys.exit(main())
