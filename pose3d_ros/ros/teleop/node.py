"""The teleoperation node: a robot follows a person whom the pose node sees.

It subscribes to skeletons, to the deadman's switch and to the robot's own joint states, and
commands the robot at a fixed rate, once it is armed. All decisions are made in
`pose3d_ros.teleoperation`; what this node adds is the graph, and the time.

When an image has been received, its stamp is turned into a time of the clock that times motion.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy, qos_profile_sensor_data
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, Header
from std_srvs.srv import Trigger

from pose3d_ros.errors import ConfigError, Pose3DError
from pose3d_ros.msg import Skeleton3DArray
from pose3d_ros.ros.ending import ros_until_asked
from pose3d_ros.ros.parameters import Parameters
from pose3d_ros.ros.teleop.clocks import Clocks
from pose3d_ros.ros.teleop.commands import Commands
from pose3d_ros.ros.teleop.people import people_of
from pose3d_ros.ros.teleop.report import Report
from pose3d_ros.ros.teleop.viewpoint import Viewpoint
from pose3d_ros.shipped import shipped_files
from pose3d_ros.teleoperation.config import TeleopConfig
from pose3d_ros.teleoperation.map_file import read_map
from pose3d_ros.teleoperation.robot_map import RobotMap
from pose3d_ros.teleoperation.teleoperator import Teleoperator

__all__ = ['TeleopNode', 'main', 'robot_map']

_NEWEST = QoSProfile(depth=1)
# Best effort hears reliable publishers as well; of a switch only the latest word counts.
_NEWEST_IF_ANY = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
_LOG_PERIOD_S = 5.0


class TeleopNode(Node):
    """Lets a robot follow a person."""

    def __init__(self) -> None:
        """Read the robot map, and begin disarmed.

        Raises:
            ConfigError: A parameter or the robot map is wrong.
        """
        super().__init__('teleop')
        self.parameters = Parameters(self, TeleopConfig, is_active=lambda: True)
        config = self.parameters.config
        robot = robot_map(config.mapping)
        self._teleoperator = Teleoperator(robot, config)
        self._commands = Commands(self, robot)
        self._report = Report()
        self._viewpoint = Viewpoint(self, config)
        self._clocks = Clocks(self)
        self._image_stamp = Time()
        self._listen(config)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self.create_timer(1 / config.rate, self._tick, clock=self._clocks.motion)
        self.create_timer(config.diagnostics_period, self._tell, clock=self._clocks.steady)
        names = ', '.join(robot.names)
        self.get_logger().info(f'disarmed; {config.mapping} moves {names}')

    def _listen(self, config: TeleopConfig) -> None:
        """Subscribe, and offer the services."""
        self.create_subscription(
            Skeleton3DArray, config.skeletons_topic, self._on_skeletons, _NEWEST
        )
        self.create_subscription(Bool, '~/deadman', self._on_deadman, _NEWEST_IF_ANY)
        self.create_subscription(
            JointState, config.joint_states_topic, self._on_joint_states, qos_profile_sensor_data
        )
        self.create_service(Trigger, '~/arm', self._on_arm)
        self.create_service(Trigger, '~/disarm', self._on_disarm)

    def _on_skeletons(self, msg: Skeleton3DArray) -> None:
        try:
            people = people_of(msg)
        except Pose3DError as error:
            self._refuse(str(error))
            return
        frame, problem = self._viewpoint.of(msg.header)
        if problem:
            self._report.warn(problem)
        time, now = self._clocks.time_of(msg.header.stamp), self._clocks.now
        refusal = self._teleoperator.see(people, time, now, frame)
        if refusal:
            self._refuse(refusal)
        else:
            self._image_stamp = msg.header.stamp

    def _refuse(self, reason: str) -> None:
        self._report.refuse(reason)
        self.get_logger().warning(
            f'skeletons not used: {reason}', throttle_duration_sec=_LOG_PERIOD_S
        )

    def _on_deadman(self, msg: Bool) -> None:
        self._teleoperator.press(self._clocks.now, pressed=msg.data)

    def _on_joint_states(self, msg: JointState) -> None:
        self._teleoperator.feel(dict(zip(msg.name, msg.position, strict=False)), self._clocks.now)

    def _on_arm(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        refusal = self._teleoperator.arm(self._clocks.now)
        response.success, response.message = not refusal, refusal or 'armed'
        self.get_logger().info(f'not armed: {refusal}' if refusal else 'armed')
        return response

    def _on_disarm(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        self._teleoperator.disarm('disarmed by the service')
        response.success, response.message = True, 'disarmed'
        return response

    def _tick(self) -> None:
        """Publish what the robot shall do now."""
        self._teleoperator.config = self.parameters.config
        now = self._clocks.now
        stamp = self._clocks.stamp_of(now)
        tick = self._teleoperator.tick(now)
        self._commands.publish(tick, stamp, self._image_stamp, self._viewpoint.name)
        if self._report.note(tick, now):
            self.get_logger().info(f'{tick.state.name}: {tick.reason}')

    def _tell(self) -> None:
        """Publish the diagnostics."""
        status = self._report.status(f'{self.get_name()}: teleoperation', self._clocks.now)
        stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(DiagnosticArray(header=Header(stamp=stamp), status=[status]))


def robot_map(mapping: str) -> RobotMap:
    """Return a robot map by its path, or by the name of one that comes along.

    Raises:
        ConfigError: There is none, or it is wrong.
    """
    shipped = {
        name: path
        for name, path in shipped_files('config', '.yaml').items()
        if name.startswith('teleop_')
    }
    path = shipped.get(mapping, Path(mapping))
    if not path.is_file():
        message = (
            f'there is no robot map {mapping!r}: give the path of a YAML file, or one of '
            f'{", ".join(shipped)}'
        )
        raise ConfigError(message)
    return read_map(path)


def main(args: Sequence[str] | None = None) -> int:
    """Run the node until it is asked to end.

    Args:
        args: The command line; None for that of the process.

    Returns:
        The exit code: 1 if a setting or the robot map is wrong.
    """
    try:
        with ros_until_asked(args) as spin:
            node = TeleopNode()
            try:
                spin(node)
            finally:
                node.destroy_node()
    except Pose3DError as error:
        sys.stderr.write(f'pose3d_teleop: {error}\n')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
