"""The real node, in its own process, with real images through DDS."""

import itertools
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from lifecycle_msgs.msg import Transition
from pose3d_ros.msg import Skeleton3D, Skeleton3DArray
from processes import CAMERA, HEIGHT, PICTURE, WIDTH, running_node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CompressedImage

from pose3d_ros.ros.conversions import seconds
from pose3d_ros.ros.demo.camera import info_from_camera
from pose3d_ros.ros.images import image_from_compressed, msg_from_image
from pose3d_ros.skeleton import H36M_17

pytestmark = pytest.mark.ros


def test_an_image_becomes_skeletons_frames_and_markers(tmp_path: Path) -> None:
    with running_node(tmp_path) as client:
        answer = client.answer(12.5)
        assert answer.header == client.header(12.5)
        assert (answer.method, answer.skeleton) == ('constant', 'h36m_17')
        assert tuple(answer.joint_names) == H36M_17.joints
        (person,) = answer.skeletons
        check_person(person)
        client.wait_until(lambda: client.frames and client.markers, 'frames and markers')
        check_frames(client.frames[0].transforms, person, answer.header)
        assert all(marker.header == answer.header for marker in client.markers[0].markers)


def check_person(person: Skeleton3D) -> None:
    assert len(person.id) == 5
    assert person.id.isalpha()
    assert person.id.islower()
    positions = np.array([(p.x, p.y, p.z) for p in person.positions])
    pixels = np.column_stack((person.pixels_u, person.pixels_v))
    assert positions.shape == (17, 3)
    assert CAMERA.project(positions) == pytest.approx(pixels, abs=0.01)
    thigh = H36M_17.index('l_hip'), H36M_17.index('l_knee')
    length = np.linalg.norm(positions[thigh[0]] - positions[thigh[1]])
    assert length == pytest.approx(H36M_17.bone_lengths[thigh[1]], rel=0.2)


def check_frames(transforms: Any, person: Skeleton3D, header: Any) -> None:
    body = f'body_{person.id}'
    parents = {each.child_frame_id: each.header.frame_id for each in transforms}
    assert parents.pop(body) == 'camera_optical'
    assert set(parents) >= {f'{joint}_{person.id}' for joint in H36M_17.joints}
    assert parents[f'l_wrist_{person.id}'] == f'l_elbow_{person.id}'
    assert parents[f'torso_{person.id}'] == f'waist_{person.id}'
    assert set(parents.values()) <= {body, *parents}
    assert all(each.header.stamp == header.stamp for each in transforms)
    origin = next(each for each in transforms if each.child_frame_id == body).transform.translation
    root = person.positions[H36M_17.root]
    assert (origin.x, origin.y, origin.z) == pytest.approx((root.x, root.y, root.z))


def test_people_keep_their_ids_from_image_to_image(tmp_path: Path) -> None:
    with running_node(tmp_path) as client:
        answers = [client.answer(1 + index / 30) for index in range(5)]
        assert len({answer.skeletons[0].id for answer in answers}) == 1
        assert answers[0].skeletons[0].state == Skeleton3D.PERSON_ENTERING
        assert answers[-1].skeletons[0].state == Skeleton3D.PERSON_SEEN


def test_compressed_images_are_answered_too(tmp_path: Path) -> None:
    with running_node(tmp_path, transport='compressed') as client:
        client.wait_for_subscriptions(client.jpegs, client.infos)
        header = client.header(3.0)
        data = cv2.imencode('.jpg', PICTURE)[1].tobytes()

        def answered() -> bool:
            client.infos.publish(info_from_camera(CAMERA, header))
            client.jpegs.publish(CompressedImage(header=header, format='jpeg', data=data))
            return bool(client.skeletons)

        client.wait_until(answered, 'an answer')
        assert client.skeletons[0].header == header


def test_images_come_in_by_best_effort_and_bodies_go_out_reliably(tmp_path: Path) -> None:
    with running_node(tmp_path) as client:
        client.answer(1.0)
        (images,) = client.get_subscriptions_info_by_topic('/image_raw')
        assert images.qos_profile.reliability == ReliabilityPolicy.BEST_EFFORT
        for topic in ('/pose3d/skeletons', '/pose3d/markers', '/tf'):
            (bodies,) = client.get_publishers_info_by_topic(topic)
            assert bodies.qos_profile.reliability == ReliabilityPolicy.RELIABLE


def test_only_live_parameters_change_while_active(tmp_path: Path) -> None:
    with running_node(tmp_path) as client:
        client.answer(1.0)
        described = client.describe_parameter('min_presence')
        assert described.description == 'A person below this presence is not reported as seen.'
        (limits,) = described.floating_point_range
        assert (limits.from_value, limits.to_value) == (0.0, 1.0)
        assert not client.set_parameter('min_presence', 1.5).successful
        refused = client.set_parameter('threads', 1)
        assert not refused.successful
        assert (
            refused.reason == 'threads cannot change while active: deactivate and clean up first'
        )
        assert client.set_parameter('publish_tf', value=False).successful
        client.answer(2.0)
        client.answer(3.0)
        stamped = {each.header.stamp.sec for msg in client.frames for each in msg.transforms}
        assert stamped <= {1}


def test_the_overlay_is_the_image_with_skeletons_until_nobody_wants_it(tmp_path: Path) -> None:
    with running_node(tmp_path) as client:
        client.answer(2.0)
        client.wait_until(lambda: client.overlays, 'an overlay')
        assert client.overlays[0].header == client.header(2.0)
        picture = image_from_compressed(client.overlays[0])
        assert picture.shape == PICTURE.shape
        assert np.abs(picture.astype(int) - PICTURE).max() > 100  # somebody is drawn
        assert client.set_parameter('publish_overlay', value=False).successful
        client.answer(3.0)
        assert client.overlays[-1].header == client.header(2.0)


def test_nobody_is_published_under_humans_when_not_wanted(tmp_path: Path) -> None:
    with running_node(tmp_path, publish_humans='false') as client:
        client.answer(1.0)
        topics = [name for name, _ in client.get_topic_names_and_types()]
        assert client.count_publishers('/pose3d/skeletons') == 1
        assert not [n for n in topics if n.startswith('/humans') and client.count_publishers(n)]


def test_a_whole_number_will_do_for_a_setting_with_a_fraction(tmp_path: Path) -> None:
    with running_node(tmp_path, fov_deg=70) as client:
        client.answer(1.0)
        assert client.set_parameter('fov_deg', 80).successful


def test_the_life_cycle_goes_round(tmp_path: Path) -> None:
    with running_node(tmp_path, autostart='false') as client:
        assert client.state() == 'unconfigured'
        for stamp in (1.0, 2.0):
            assert client.change_state(Transition.TRANSITION_CONFIGURE)
            assert client.state() == 'inactive'
            assert client.change_state(Transition.TRANSITION_ACTIVATE)
            assert client.answer(stamp).skeletons
            assert client.change_state(Transition.TRANSITION_DEACTIVATE)
            client.wait_until(lambda: client.count_subscribers('/image_raw') == 0, 'unsubscribing')
            assert client.change_state(Transition.TRANSITION_CLEANUP)
            client.wait_until(lambda: not client.count_publishers('/pose3d/skeletons'), 'cleanup')
        assert client.change_state(Transition.TRANSITION_UNCONFIGURED_SHUTDOWN)
        assert client.state() == 'finalized'


def test_a_transition_that_is_not_possible_is_refused(tmp_path: Path) -> None:
    with running_node(tmp_path, autostart='false') as client:
        assert not client.change_state(Transition.TRANSITION_ACTIVATE)
        assert client.state() == 'unconfigured'


def test_without_a_calibration_a_field_of_view_is_assumed_and_said(tmp_path: Path) -> None:
    with running_node(tmp_path, info_timeout=0.0, fov_deg=75.0) as client:
        client.wait_for_subscriptions(client.images, client.infos)

        def answered() -> bool:
            client.images.publish(msg_from_image(PICTURE, client.header(4.0)))
            return bool(client.skeletons)

        client.wait_until(answered, 'an answer')
        expected = 'nothing on /camera_info: assuming a field of view of 75 deg'
        client.wait_until(lambda: expected in ' '.join(client.messages('images')), expected)


def test_a_subscriber_that_wants_another_qos_is_named(tmp_path: Path) -> None:
    with running_node(tmp_path) as client:
        client.answer(1.0)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        client.create_subscription(
            Skeleton3DArray, '/pose3d/skeletons', client.skeletons.append, latched
        )
        expected = '/pose3d/skeletons: a subscriber wants another QoS (durability)'
        client.wait_until(lambda: expected in ' '.join(client.messages('node')), expected)


def test_diagnostics_tell_rates_latencies_and_what_is_in_use(tmp_path: Path) -> None:
    with running_node(tmp_path) as client:
        stamps = itertools.count(1)

        def told() -> (
            bool
        ):  # an image that had to be sent twice is a problem, which is told instead
            client.answer(float(next(stamps)))
            return any('images answered' in text for text in client.messages('images'))

        client.wait_until(told, 'how many images are answered')
        expected = {'rate in [Hz]', 'rate out [Hz]', 'people', 'time jumps'}
        stages = {
            f'latency, {stage} [ms]'
            for stage in ('infer', 'reading', 'pipeline', 'from the stamp')
        }
        client.wait_until(lambda: stages <= client.seen_values('images').keys(), 'latencies')
        assert expected <= client.seen_values('images').keys()
        assert client.values('node')['method'] == 'constant'


def test_latency_is_counted_from_the_stamp(tmp_path: Path) -> None:
    with running_node(tmp_path) as client:
        now = client.get_clock().now().nanoseconds * 1e-9
        answer = client.answer(now)
        assert 0 < seconds(answer.latency) < 30
        assert (CAMERA.width, CAMERA.height) == (WIDTH, HEIGHT)
