"""Teleoperation: a robot follows a person, within limits that always hold. No ROS, no clock.

`teleoperator` tells the story: images, the deadman's switch and the robot's own joints come in,
promises of motion come out, each of which ends at rest.
"""
