"""Play a video as a camera, and watch the node follow the people in it in RViz.

`ros2 launch pose3d_ros demo.launch.py`, or with `video:=my.mp4`. For a demo that compares with
the truth and needs no RViz, there is `pose3d demo`.
"""

import sys

from launch import LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    ExecuteProcess,
    IncludeLaunchDescription,
    SetEnvironmentVariable,
)
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare

from pose3d_ros.ros.demo.footage import demo_clip

SHARE = FindPackageShare('pose3d_ros')


def generate_launch_description() -> LaunchDescription:
    """Return the camera, the node and RViz."""
    camera = [sys.executable, '-m', 'pose3d_ros.ros.demo.camera', LaunchConfiguration('video')]
    profile = PathJoinSubstitution([SHARE, 'config', 'fastdds_shm.xml'])
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                'video',
                default_value=str(demo_clip()),
                description='A video file, or the number of a camera.',
            ),
            DeclareLaunchArgument(
                'estimator', default_value='volumetric', description='Who estimates.'
            ),
            DeclareLaunchArgument('rviz', default_value='true', description='Start RViz.'),
            SetEnvironmentVariable('FASTRTPS_DEFAULT_PROFILES_FILE', profile),
            ExecuteProcess(cmd=[*camera, '--unlogged'], output='screen'),
            IncludeLaunchDescription(
                PathJoinSubstitution([SHARE, 'launch', 'pose3d.launch.py']),
                launch_arguments={
                    'image_topic': '/camera/image_raw',
                    'estimator': LaunchConfiguration('estimator'),
                    'rviz': LaunchConfiguration('rviz'),
                }.items(),
            ),
        ]
    )
