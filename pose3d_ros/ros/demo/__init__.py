"""The demo: a camera, the node and a listener as three real processes.

`python -m pose3d_ros.ros.demo` starts them and ends when the footage does.
"""
