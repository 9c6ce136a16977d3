"""The demo: a camera, the node and a listener as three real processes.

`pose3d demo` starts them, and ends when the footage does.
"""
