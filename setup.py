"""Install everything but the ROS messages, which only a build with colcon makes.

The metadata is in setup.cfg, because the message generator reads it there as well.
"""

from setuptools import find_packages, setup

PACKAGES = find_packages(include=['pose3d_ros', 'pose3d_ros.*'])

setup(
    packages=[*PACKAGES, 'pose3d_ros.models'],
    package_dir={'pose3d_ros.models': 'models'},  # shipped models become package data
    include_package_data=False,
    package_data={'pose3d_ros': ['py.typed', 'assets/**/*'], 'pose3d_ros.models': ['*']},
)
