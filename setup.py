"""Install everything but the ROS messages, which only a build with colcon makes.

The metadata is in setup.cfg, because the message generator reads it there as well.
"""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
# Folders beside the package go into it: it finds them in either place (pose3d_ros/shipped.py).
BESIDE = [folder for folder in ('config', 'models') if (HERE / folder).is_dir()]

setup(
    packages=[
        *find_packages(include=['pose3d_ros', 'pose3d_ros.*']),
        *(f'pose3d_ros.{folder}' for folder in BESIDE),
    ],
    package_dir={f'pose3d_ros.{folder}': folder for folder in BESIDE},
    include_package_data=False,
    package_data={
        'pose3d_ros': ['py.typed', 'assets/**/*'],
        **{f'pose3d_ros.{folder}': ['*', '*/*'] for folder in BESIDE},
    },
)
