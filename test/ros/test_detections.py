"""Another program's detector: its boxes through DDS, good, bad, late and missing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from processes import Client, running_node
from rclpy.qos import qos_profile_sensor_data
from vision_msgs.msg import Detection2D, Detection2DArray, ObjectHypothesisWithPose

from pose3d_ros.ros.detections import boxes_from_msg

pytestmark = pytest.mark.ros

BOX = (200.0, 40.0, 240.0, 400.0)


def detection(box: tuple[float, ...], score: float = 0.9, class_id: str = 'person') -> Detection2D:
    msg = Detection2D()
    x, y, msg.bbox.size_x, msg.bbox.size_y = box
    msg.bbox.center.position.x = x + (box[2] - 1) / 2
    msg.bbox.center.position.y = y + (box[3] - 1) / 2
    result = ObjectHypothesisWithPose()
    result.hypothesis.class_id, result.hypothesis.score = class_id, score
    msg.results = [result]
    return msg


def test_boxes_come_back_as_they_were_sent_the_surest_first() -> None:
    other = (1.0, 2.0, 3.0, 4.0)
    msg = Detection2DArray(detections=[detection(other, 0.4), detection(BOX, 0.8)])
    np.testing.assert_allclose(boxes_from_msg(msg), [BOX, other])


def test_other_things_than_people_are_left_out() -> None:
    msg = Detection2DArray(detections=[detection(BOX), detection(BOX, class_id='dog')])
    assert len(boxes_from_msg(msg, 'person')) == 1
    assert len(boxes_from_msg(msg)) == 2


def test_a_detection_without_hypothesis_is_a_box_like_others() -> None:
    plain = detection(BOX)
    plain.results = []
    np.testing.assert_allclose(boxes_from_msg(Detection2DArray(detections=[plain])), [BOX])
    assert boxes_from_msg(Detection2DArray(detections=[plain]), 'person').shape == (0, 4)


def told(client: Client, publisher: Any, stamp_s: float, *boxes: tuple[float, ...]) -> Any:
    """Return the answer to an image whose boxes came before it; best effort is tried again."""
    msg = Detection2DArray(header=client.header(stamp_s), detections=[detection(b) for b in boxes])
    client.wait_for_subscriptions(publisher)
    publisher.publish(msg)
    return client.answer(stamp_s)


def test_people_are_looked_for_where_the_topic_says(tmp_path: Path) -> None:
    with running_node(tmp_path, detector='topic') as client:
        boxes = client.create_publisher(Detection2DArray, '/detections', qos_profile_sensor_data)
        assert not client.answer(1.0).skeletons
        stamps = iter(range(2, 200))

        def found() -> bool:
            return bool(told(client, boxes, next(stamps), BOX).skeletons)

        client.wait_until(found, 'somebody in the box')
        # What is wrong with other boxes is said, and does no harm.
        nan = (float('nan'), 0.0, 10.0, 10.0)

        def named() -> bool:
            told(client, boxes, next(stamps), BOX, nan, (0.0, 0.0, 0.0, 5.0))
            said = ' '.join(client.messages('images'))
            return 'boxes are not finite' in said and 'boxes have no size' in said

        client.wait_until(named, 'what is wrong with the boxes')
        client.destroy_publisher(boxes)
        client.wait_until(
            lambda: 'nobody publishes /detections' in ' '.join(client.messages('images')[-3:]),
            'the missing topic being named',
        )
