"""What is costly is computed only while somebody subscribes."""

from typing import Any

import numpy as np
import pytest
from people import METHOD, somebody
from rclpy.node import Node
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from pose3d_ros.config import NodeConfig
from pose3d_ros.picture import Picture
from pose3d_ros.ros import outlets
from pose3d_ros.ros.humans import Humans
from pose3d_ros.ros.outlets import Outlets
from pose3d_ros.skeleton import H36M_17

pytestmark = pytest.mark.ros

HEADER = Header(frame_id='camera_optical')
PICTURE = Picture.of(np.zeros((60, 80, 3), np.uint8))
COSTLY = ('overlay_of', 'markers_of', 'transforms_of')


def test_without_subscribers_nothing_costly_is_computed(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[str] = []
    for name in COSTLY:
        real = getattr(outlets, name)

        def counted(*arguments: Any, _name: str = name, _real: Any = real, **named: Any) -> Any:
            computed.append(_name)
            return _real(*arguments, **named)

        monkeypatch.setattr(outlets, name, counted)
    each = Outlets(node, METHOD, '~', Humans(node, H36M_17))
    each.publish([somebody()], HEADER, NodeConfig(), PICTURE)
    assert not computed
    assert not each.show_images(NodeConfig())
    subscription = node.create_subscription(
        CompressedImage, f'{node.get_fully_qualified_name()}/overlay/compressed', print, 10
    )
    for _ in range(100_000):
        each.publish([somebody()], HEADER, NodeConfig(), PICTURE)
        if computed:
            break
    assert set(computed) == {'overlay_of'}
    assert each.show_images(NodeConfig())
    assert not each.show_images(NodeConfig(publish_overlay=False))
    node.destroy_subscription(subscription)
    each.close()
