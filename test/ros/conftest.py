"""A node of one's own, for tests that need no second process."""

from collections.abc import Iterator

import pytest
import rclpy
from rclpy.context import Context
from rclpy.node import Node

from pose3d_ros.ros.demo.domain import reserved_domain


@pytest.fixture
def node() -> Iterator[Node]:
    """Yield a node in a domain that nobody else has."""
    with reserved_domain() as domain:
        context = Context()
        rclpy.init(context=context, domain_id=domain)
        node = rclpy.create_node('tester', context=context)
        yield node
        node.destroy_node()
        rclpy.shutdown(context=context)
