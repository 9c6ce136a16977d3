"""Start the node for one camera, or for several.

    ros2 launch pose3d_ros pose3d.launch.py image_topic:=/camera/image_raw
    ros2 launch pose3d_ros pose3d.launch.py cameras:='[front, rear image=/rear/color]'

Every setting of the node is an argument (`--show-args` lists them). One that is not given has the
value of the parameter file, or else its default.
"""

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare

from pose3d_ros.config import NodeConfig
from pose3d_ros.options import options
from pose3d_ros.ros.launch_settings import settings_given

SHARE = FindPackageShare('pose3d_ros')


def generate_launch_description() -> LaunchDescription:
    """Return the node, and RViz if wanted."""
    config = PathJoinSubstitution([SHARE, 'config', 'pose3d.yaml'])
    rviz_config = PathJoinSubstitution([SHARE, 'config', 'pose3d.rviz'])
    return LaunchDescription(
        [
            DeclareLaunchArgument('namespace', default_value='', description='Of the node.'),
            DeclareLaunchArgument(
                'params_file', default_value=config, description='YAML file with settings.'
            ),
            DeclareLaunchArgument(
                'rviz', default_value='false', description='Start RViz with a fitting view.'
            ),
            DeclareLaunchArgument(
                'log_level', default_value='info', description='debug, info, warn or error.'
            ),
            *(
                DeclareLaunchArgument(option.name, default_value='', description=option.help)
                for option in options(NodeConfig)
            ),
            OpaqueFunction(function=node),
            Node(
                package='rviz2',
                executable='rviz2',
                arguments=['-d', rviz_config],
                condition=IfCondition(LaunchConfiguration('rviz')),
            ),
        ]
    )


def node(context: LaunchContext) -> list[Node]:
    """Return the node with the settings that were given."""
    return [
        Node(
            package='pose3d_ros',
            executable='pose3d_node',
            name='pose3d',
            namespace=LaunchConfiguration('namespace'),
            parameters=[
                LaunchConfiguration('params_file'),
                settings_given(context.launch_configurations, NodeConfig),
            ],
            arguments=['--ros-args', '--log-level', LaunchConfiguration('log_level')],
            output='screen',
        )
    ]
