"""The teleoperation node: skeletons in, commands for a robot out."""
