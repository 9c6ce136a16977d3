"""Let a robot follow a person whom the pose node sees, which is started by itself.

    ros2 launch pose3d_ros teleop.launch.py mapping:=my_robot.yaml

Every setting of the teleoperation node is an argument (`--show-args` lists them). Nothing moves
until it is armed: see docs/teleoperation.md.
"""

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from pose3d_ros.options import options
from pose3d_ros.ros.launch_settings import settings_given
from pose3d_ros.teleoperation.config import TeleopConfig


def generate_launch_description() -> LaunchDescription:
    """Return the node."""
    return LaunchDescription(
        [
            DeclareLaunchArgument('namespace', default_value='', description='Of the node.'),
            DeclareLaunchArgument(
                'trajectory_topic',
                default_value='~/joint_trajectory',
                description='Where the controller listens, if the robot map names none.',
            ),
            DeclareLaunchArgument(
                'log_level', default_value='info', description='debug, info, warn or error.'
            ),
            *(
                DeclareLaunchArgument(option.name, default_value='', description=option.help)
                for option in options(TeleopConfig)
            ),
            OpaqueFunction(function=node),
        ]
    )


def node(context: LaunchContext) -> list[Node]:
    """Return the node with the settings that were given."""
    return [
        Node(
            package='pose3d_ros',
            executable='pose3d_teleop',
            name='teleop',
            namespace=LaunchConfiguration('namespace'),
            parameters=[settings_given(context.launch_configurations, TeleopConfig)],
            remappings=[('~/joint_trajectory', LaunchConfiguration('trajectory_topic'))],
            arguments=['--ros-args', '--log-level', LaunchConfiguration('log_level')],
            output='screen',
        )
    ]
