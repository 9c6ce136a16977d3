"""What is wrong is dropped, counted and named; the next good image is answered."""

import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from lifecycle_msgs.msg import Transition
from pose3d_ros.msg import Skeleton3D
from processes import CAMERA, PICTURE, Client, running_node
from sensor_msgs.msg import CameraInfo, CompressedImage

from pose3d_ros.ros.demo.camera import info_from_camera
from pose3d_ros.ros.images import msg_from_image

pytestmark = pytest.mark.ros

BAD_IMAGES = {
    'step is 1920 bytes; a row needs at least 1923': {'width': 641},
    'step 1920: 921600 bytes of data; it must be 923520': {'height': 481},
    'step is 17 bytes; a row needs at least 1920': {'step': 17},
    "encoding 'bgr9' is unknown; known are bgr8, ": {'encoding': 'bgr9'},
    ' 0 bytes of data; it must be 921600': {'data': array.array('B')},
    ' 460800 bytes of data': {'data': array.array('B', PICTURE.tobytes()[::2])},
    'it is empty; width and height must be at least 1': {
        'width': 0,
        'height': 0,
        'step': 0,
        'data': array.array('B'),
    },
}
BAD_INFOS = {
    'fx is nan; it must be above 0': {'k': [float('nan')] * 9},
    'not calibrated: K is all zeros': {'k': [0.0] * 9},
    'fx is 0.0; it must be above 0': {'k': [0.0, 0, 320, 0, 600, 240, 0, 0, 1]},
    'the image has 640x480 px, but camera_info is for 1280x480 px': {'width': 1280},
    "distortion model 'thin_plate' is unknown; known are ": {'distortion_model': 'thin_plate'},
}


def changed(msg: Any, changes: dict[str, Any]) -> Any:
    for name, value in changes.items():
        setattr(msg, name, value)
    return msg


def insist(client: Client, send: Callable[[], None], reason: str, text: str = '') -> None:
    """Send until one more image has been dropped for this reason, and named by this text."""
    key = f'dropped, {reason}'
    before, seen = int(client.values('images').get(key, 0)), len(client.messages('images'))

    def dropped() -> bool:
        send()
        named = any(text in each for each in client.messages('images')[seen:])
        return named and int(client.values('images').get(key, 0)) > before

    client.wait_until(dropped, f'{key} more than {before}, {text!r}')


def test_bad_images_and_bad_calibrations_are_dropped_and_named(tmp_path: Path) -> None:
    with running_node(tmp_path) as client:
        stamps = iter(range(1, 1000))
        client.answer(next(stamps))

        def send(image: dict[str, Any], info: dict[str, Any]) -> None:
            header = client.header(next(stamps))
            client.infos.publish(changed(info_from_camera(CAMERA, header), info))
            client.images.publish(changed(msg_from_image(PICTURE, header), image))

        for text, changes in BAD_IMAGES.items():
            insist(client, lambda changes=changes: send(changes, {}), 'bad image', text)
        for text, changes in BAD_INFOS.items():
            insist(client, lambda changes=changes: send({}, changes), 'bad camera_info', text)
        assert client.answer(2000.0).skeletons
        dropped = sum(int(n) for k, n in client.values('images').items() if 'bad' in k)
        assert dropped >= len(BAD_IMAGES) + len(BAD_INFOS)
        assert client.log.count('image dropped') < dropped / 2 + 2


def test_a_corrupt_jpeg_is_dropped_and_named(tmp_path: Path) -> None:
    with running_node(tmp_path, transport='compressed', info_timeout=0.0) as client:
        client.wait_for_subscriptions(client.jpegs, client.infos)
        good = cv2.imencode('.jpg', PICTURE)[1].tobytes()
        for data in (good[:-50], b'no picture at all', b''):
            msg = CompressedImage(header=client.header(1.0), format='jpeg', data=data)
            insist(client, lambda msg=msg: client.jpegs.publish(msg), 'bad image')

        def answered() -> bool:
            header = client.header(2.0)
            client.jpegs.publish(CompressedImage(header=header, format='jpeg', data=good))
            return bool(client.skeletons)

        client.wait_until(answered, 'an answer')
        named = ' '.join(client.messages('images'))
        assert 'the JPEG is cut off' in named
        assert 'OpenCV cannot decode it' in named


def test_time_that_jumps_back_starts_afresh(tmp_path: Path) -> None:
    with running_node(tmp_path) as client:
        for stamp in (100.0, 100.1, 100.2):
            answer = client.answer(stamp)
        assert answer.skeletons[0].state == Skeleton3D.PERSON_SEEN
        again = client.answer(50.0)
        assert again.skeletons[0].state == Skeleton3D.PERSON_ENTERING
        assert client.answer(50.1).skeletons[0].state == Skeleton3D.PERSON_SEEN
        client.wait_until(lambda: client.values('images').get('time jumps') == '1', 'a count')


def foreign_onnx(path: Path) -> None:
    """Write an ONNX file that is no pose model."""
    value = onnx.helper.make_tensor_value_info('x', onnx.TensorProto.FLOAT, [1])
    result = onnx.helper.make_tensor_value_info('y', onnx.TensorProto.FLOAT, [1])
    node = onnx.helper.make_node('Identity', ['x'], ['y'])
    model = onnx.helper.make_model(
        onnx.helper.make_graph([node], 'g', [value], [result]),
        opset_imports=[onnx.helper.make_opsetid('', 13)],
        ir_version=8,
    )
    path.write_bytes(model.SerializeToString())


def test_what_cannot_be_loaded_fails_with_the_reason_and_the_node_lives(tmp_path: Path) -> None:
    foreign, damaged = tmp_path / 'foreign.onnx', tmp_path / 'damaged.onnx'
    foreign_onnx(foreign)
    damaged.write_bytes(np.random.default_rng(0).bytes(1000))
    with running_node(tmp_path, estimator='nobody') as client:
        client.wait_until(lambda: 'cannot configure' in client.log, 'the reason')
        assert "there is no estimator 'nobody'; installed: compositional, constant" in client.log
        for estimator in (foreign, damaged, tmp_path / 'missing.onnx'):
            assert client.set_parameter('estimator', str(estimator)).successful
            assert not client.change_state(Transition.TRANSITION_CONFIGURE)
            assert client.state() == 'unconfigured'
            assert str(estimator) in client.log
        reason = f'cannot configure: there is no model file {tmp_path}/missing.onnx'
        client.wait_until(lambda: reason in ' '.join(client.messages('node')), reason)
        assert client.set_parameter('estimator', 'constant').successful
        assert client.change_state(Transition.TRANSITION_CONFIGURE)
        assert client.change_state(Transition.TRANSITION_ACTIVATE)
        assert client.answer(1.0).skeletons


@pytest.mark.parametrize(
    ('name', 'wrong', 'reason', 'right'),
    [
        ('threads', -1, '', 1),
        ('transport', 'pigeon', "transport is 'pigeon', but it must be raw or compressed", 'raw'),
        ('publish_tf', 3, 'publish_tf must be true or false', True),
        ('fov_deg', 'wide', "fov_deg is 'wide', but it must be a number from 5 to 170", 60.0),
    ],
)
def test_a_wrong_parameter_at_the_start_is_named_and_can_be_set_right(
    tmp_path: Path, name: str, wrong: Any, reason: str, right: Any
) -> None:
    with running_node(tmp_path, **{name: wrong}) as client:
        assert client.state() == 'unconfigured'
        client.wait_until(lambda: 'cannot configure' in client.log, 'the reason')
        assert reason in client.log
        assert client.set_parameter(name, right).successful
        assert client.change_state(Transition.TRANSITION_CONFIGURE)


def test_another_type_on_the_topic_is_named(tmp_path: Path) -> None:
    with running_node(tmp_path, image_topic='/other') as client:
        client.create_publisher(CameraInfo, '/other', 1)
        expected = '/other carries sensor_msgs/msg/CameraInfo, not sensor_msgs/msg/Image'
        client.wait_until(lambda: expected in ' '.join(client.messages('images')), expected)
