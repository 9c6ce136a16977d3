"""`pose3d demo`: a camera, the node and a listener as three processes."""

from pose3d_ros.ros.demo.runner import add_arguments, run

__all__ = ['add_arguments', 'run']
