"""The renderer of `pose3d_ros.synthesis` in torch: the same people on any device, many at once."""
