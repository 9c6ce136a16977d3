"""The robot: a simulated controller with joints that have inertia.

It subscribes to the trajectory, follows it with joints as fast as the robot map says and somewhat
stronger, and publishes where they are on /joint_states, 100 times a second.
"""

import argparse
import sys

import numpy as np
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import Header
from trajectory_msgs.msg import JointTrajectory

from pose3d_ros.ros.conversions import seconds
from pose3d_ros.ros.demo.teleop.reference import Reference, knots_of
from pose3d_ros.ros.ending import ros_until_asked
from pose3d_ros.ros.teleop.node import robot_map
from pose3d_ros.teleoperation.limiter import LONGEST_STEP, Limits, step, towards
from pose3d_ros.teleoperation.robot_map import RobotMap

__all__ = ['TRAJECTORY_TOPIC', 'main']

TRAJECTORY_TOPIC = '/teleop/joint_trajectory'

_RATE_HZ = 100.0
_STRENGTH = 1.5  # of the acceleration that the map allows: it can make up for late commands


class RobotNode(Node):
    """Moves its joints as it is told."""

    def __init__(self, robot: RobotMap) -> None:
        super().__init__('robot')
        column = robot.column
        self._names = robot.names
        self._limits = Limits(
            column('low'),
            column('high'),
            column('velocity'),
            _STRENGTH * column('acceleration'),
        )
        self._positions = column('home')
        self._velocities = np.zeros_like(self._positions)
        self._reference = Reference(self._positions)
        self._last = self._now
        self._states = self.create_publisher(JointState, '/joint_states', QoSProfile(depth=10))
        self.create_subscription(
            JointTrajectory, TRAJECTORY_TOPIC, self._on_trajectory, QoSProfile(depth=10)
        )
        self.create_timer(1 / _RATE_HZ, self._move)

    @property
    def _now(self) -> float:
        return seconds(self.get_clock().now().to_msg())

    def _on_trajectory(self, msg: JointTrajectory) -> None:
        order = [list(msg.joint_names).index(name) for name in self._names]
        knots = knots_of(
            seconds(msg.header.stamp),
            [seconds(point.time_from_start) for point in msg.points],
            np.array([point.positions for point in msg.points])[:, order],
            np.array([point.velocities for point in msg.points])[:, order],
        )
        self._reference.take(self._now, knots)

    def _move(self) -> None:
        """Follow the reference for one period, in steps that are short enough."""
        now = self._now
        while self._last < now:
            elapsed = min(now - self._last, LONGEST_STEP)
            wanted = self._reference.at(self._last)
            goal = towards(
                self._positions, wanted.positions, wanted.velocities, elapsed, self._limits
            )
            self._positions, self._velocities = step(
                self._positions, self._velocities, goal, elapsed, self._limits
            )
            self._last += elapsed
        self._states.publish(
            JointState(
                header=Header(stamp=self.get_clock().now().to_msg()),
                name=list(self._names),
                position=self._positions.tolist(),
                velocity=self._velocities.tolist(),
            )
        )


def main(args: list[str] | None = None) -> int:
    """Run the robot until it is asked to end; see `--help`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('mapping', help='path or name of the robot map')
    arguments = parser.parse_args(args)
    robot = robot_map(arguments.mapping)
    with ros_until_asked([]) as spin:
        node = RobotNode(robot)
        try:
            spin(node)
        finally:
            node.destroy_node()
    return 0


if __name__ == '__main__':
    sys.exit(main())
