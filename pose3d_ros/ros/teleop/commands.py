"""Commands: everything that the teleoperation node publishes in a tick."""

from collections.abc import Sequence
from typing import Any

from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point, Pose, PoseStamped
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import Header
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from pose3d_ros.msg import TeleopState
from pose3d_ros.ros.conversions import duration_from_seconds, quaternions
from pose3d_ros.teleoperation.hands import HANDS, HandPose
from pose3d_ros.teleoperation.plan import Point as PlanPoint
from pose3d_ros.teleoperation.robot_map import RobotMap
from pose3d_ros.teleoperation.teleoperator import Tick

__all__ = ['Commands']

_RELIABLE = QoSProfile(depth=10)


class Commands:
    """Publishes what the robot shall do, and why.

    All messages of a tick have its stamp. A trajectory goes on from where the last one said that
    the robot would be, and ends at rest; the joint states tell where the robot shall be now.
    """

    def __init__(self, node: Node, robot: RobotMap) -> None:
        """Advertise.

        Args:
            node: Who publishes.
            robot: Whose joints.
        """
        self._robot = robot
        self._state = node.create_publisher(TeleopState, '~/state', _RELIABLE)
        self._joints = node.create_publisher(JointState, '~/joint_commands', _RELIABLE)
        self._poses = {
            name: node.create_publisher(PoseStamped, f'~/pose/{name}', _RELIABLE) for name in HANDS
        }
        self._trajectories = [
            (columns, node.create_publisher(JointTrajectory, _topic(controller), _RELIABLE))
            for controller, columns in robot.controllers.items()
        ]

    def publish(self, tick: Tick, stamp: Time, image_stamp: Time, pose_frame: str) -> None:
        """Publish a tick.

        Args:
            tick: What the robot shall do.
            stamp: The time.
            image_stamp: When the newest image was taken.
            pose_frame: The frame of the poses.
        """
        if tick.now is not None:
            self._publish_joints(tick.now, tick.ahead, stamp)
        header = Header(stamp=stamp, frame_id=pose_frame)
        for name, pose in tick.poses.items():
            self._poses[name].publish(_pose_stamped(pose, header))
        self._state.publish(self._state_of(tick, stamp, image_stamp))

    def _publish_joints(self, now: PlanPoint, ahead: Sequence[PlanPoint], stamp: Time) -> None:
        for columns, publisher in self._trajectories:
            publisher.publish(
                JointTrajectory(
                    header=Header(stamp=stamp),
                    joint_names=[self._robot.names[column] for column in columns],
                    points=[_trajectory_point(point, now.time, columns) for point in ahead],
                )
            )
        self._joints.publish(
            JointState(
                header=Header(stamp=stamp),
                name=list(self._robot.names),
                position=now.positions.tolist(),
                velocity=now.velocities.tolist(),
            )
        )

    def _state_of(self, tick: Tick, stamp: Time, image_stamp: Time) -> Any:
        return TeleopState(
            header=Header(stamp=stamp),
            state=int(tick.state),
            reason=tick.reason,
            person=tick.person,
            image_stamp=image_stamp,
            joint_names=list(self._robot.names),
            joint_states=[int(each) for each in tick.following],
            joint_reasons=list(tick.reasons),
        )


def _topic(controller: str) -> str:
    """Return where a controller of ros2_control listens; without a name it is to be remapped."""
    return f'{controller}/joint_trajectory' if controller else '~/joint_trajectory'


def _trajectory_point(
    point: PlanPoint, begin: float, columns: Sequence[int]
) -> JointTrajectoryPoint:
    return JointTrajectoryPoint(
        positions=point.positions[columns].tolist(),
        velocities=point.velocities[columns].tolist(),
        time_from_start=duration_from_seconds(point.time - begin),
    )


def _pose_stamped(pose: HandPose, header: Header) -> PoseStamped:
    x, y, z = pose.position.tolist()
    (turn,) = quaternions(pose.rotation[None])
    return PoseStamped(header=header, pose=Pose(position=Point(x=x, y=y, z=z), orientation=turn))
