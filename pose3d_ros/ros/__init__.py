"""The ROS 2 side: everything that speaks rclpy. Nothing else imports it."""
