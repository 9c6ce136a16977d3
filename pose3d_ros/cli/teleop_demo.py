"""`pose3d teleop-demo`: a simulated robot follows a rendered person while everything fails."""

from pose3d_ros.ros.demo.teleop.runner import add_arguments, run

__all__ = ['add_arguments', 'run']
