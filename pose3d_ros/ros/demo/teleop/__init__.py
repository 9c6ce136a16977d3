"""The demo of teleoperation: what a robot does while everything around it fails.

Six processes: a stage (a camera whose pictures obey cues), the pose node, the teleoperation node,
a robot that does what it is told, a director who gives the cues and freezes processes, and a judge
who only listens.
"""
