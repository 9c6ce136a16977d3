"""REP-155: what a client finds that knows the standard, and nothing of pose3d_ros."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import rclpy
from builtin_interfaces.msg import Time
from geometry_msgs.msg import PointStamped, TwistStamped
from hri_msgs.msg import IdsList, NormalizedRegionOfInterest2D, Skeleton2D
from numpy.typing import NDArray
from people import somebody
from processes import HEIGHT, WIDTH, Client, running_node
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from scipy.spatial.transform import Rotation
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Float32, Header, String

from pose3d_ros.motions import Motions
from pose3d_ros.person import Person, PersonState
from pose3d_ros.picture import Picture
from pose3d_ros.ros.humans import Humans, region_of, skeleton2d_of
from pose3d_ros.skeleton import H36M_17

Array = NDArray[np.float64]

HEADER = Header(frame_id='camera_optical')
PICTURE = Picture.of(np.zeros((60, 80, 3), np.uint8))

SHOULDER = ('y_shoulder', 'p_shoulder', 'r_shoulder', 'elbow')
HIP = ('y_hip', 'p_hip', 'r_hip', 'knee')
MOVABLE = {'waist', 'r_head', 'y_head', 'p_head'} | {
    f'{side}_{name}' for side in 'lr' for name in SHOULDER + HIP
}
LINKS = {'body', 'waist', 'torso', 'head'} | {
    f'{side}_{name}'
    for side in 'lr'
    for name in ('shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle')
}
TOPICS: dict[str, Any] = {
    'roi': NormalizedRegionOfInterest2D,
    'cropped': Image,
    'skeleton2d': Skeleton2D,
    'joint_states': JointState,
    'position': PointStamped,
    'velocity': TwistStamped,
    'residual': Float32,
}


class Humans155:
    """A client of the standard: who is tracked, and the last message of each of their topics."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.lists: list[IdsList] = []
        self.heard: dict[tuple[str, str], Any] = {}
        client.create_subscription(IdsList, '/humans/bodies/tracked', self._on_ids, 10)
        self._known: set[str] = set()

    def _on_ids(self, msg: IdsList) -> None:
        self.lists.append(msg)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        for each in set(msg.ids) - self._known:
            self._known.add(each)
            for name, kind in TOPICS.items():
                self._listen(each, name, kind, QoSProfile(depth=10))
            self._listen(each, 'urdf', String, latched)

    def _listen(self, person: str, name: str, kind: Any, qos: QoSProfile) -> None:
        def on_message(msg: Any) -> None:
            self.heard[person, name] = msg

        topic = f'/humans/bodies/{person}/{name}'
        self._client.create_subscription(kind, topic, on_message, qos)

    def hears_all(self, person: str) -> bool:
        """Whether everything was heard, and the region and the picture are of the same image."""
        known = all((person, name) in self.heard for name in (*TOPICS, 'urdf'))
        pair = [self.heard.get((person, name)) for name in ('roi', 'cropped')]
        return known and pair[0].header == pair[1].header


@pytest.mark.ros
def test_a_client_of_the_standard_finds_the_joints_of_our_message(tmp_path: Path) -> None:
    with running_node(tmp_path) as client:
        humans, stamp = Humans155(client), 1.0

        def is_complete() -> bool:
            nonlocal stamp
            stamp += 1 / 30
            client.answer(stamp)
            return any(msg.ids and humans.hears_all(msg.ids[0]) for msg in humans.lists)

        client.wait_until(is_complete, 'all topics of a body')
        person = next(msg.ids[0] for msg in humans.lists if msg.ids)
        check_image_topics(humans, person)
        check_urdf_and_angles(humans, person)
        check_position(client, humans, person)
        answer = client.answer(stamp + 1 / 30)
        client.wait_until(lambda: has_frames(client, answer.header.stamp), 'frames')
        check_tree(client, humans, person, answer)


def check_image_topics(humans: Humans155, person: str) -> None:
    assert len(person) == 5
    assert person.isalpha()
    roi = humans.heard[person, 'roi']
    assert 0 <= roi.xmin < roi.xmax <= 1
    assert 0 <= roi.ymin < roi.ymax <= 1
    assert 0.5 <= roi.c <= 1
    cropped = humans.heard[person, 'cropped']
    assert cropped.width == pytest.approx((roi.xmax - roi.xmin) * WIDTH, abs=1.5)
    assert cropped.height == pytest.approx((roi.ymax - roi.ymin) * HEIGHT, abs=1.5)
    points = humans.heard[person, 'skeleton2d'].skeleton
    assert points[Skeleton2D.LEFT_WRIST].x > points[Skeleton2D.RIGHT_WRIST].x  # facing us
    assert points[Skeleton2D.NOSE].y < points[Skeleton2D.LEFT_ANKLE].y
    assert points[Skeleton2D.LEFT_EYE].c == 0


def check_urdf_and_angles(humans: Humans155, person: str) -> None:
    robot = ET.fromstring(humans.heard[person, 'urdf'].data)  # noqa: S314 from our own node
    revolute = {e.get('name') for e in robot.findall('joint') if e.get('type') == 'revolute'}
    assert revolute == {f'{name}_{person}' for name in MOVABLE}
    state = humans.heard[person, 'joint_states']
    assert set(state.name) == revolute
    assert np.isfinite(state.position).all()
    assert {e.get('name') for e in robot.findall('link')} >= {f'{n}_{person}' for n in LINKS}
    assert humans.heard[person, 'residual'].data < 1.0  # the constant body does not move


def check_position(client: Client, humans: Humans155, person: str) -> None:
    position, velocity = (humans.heard[person, name] for name in ('position', 'velocity'))
    answer = next(each for each in client.skeletons if each.header == position.header)
    pelvis = answer.skeletons[0].positions[answer.joint_names.index('pelvis')]
    assert position.point == pelvis
    assert velocity.header.frame_id == answer.header.frame_id
    speed = velocity.twist.linear
    assert np.isfinite((speed.x, speed.y, speed.z)).all()


def has_frames(client: Client, stamp: Any) -> bool:
    return any(t.header.stamp == stamp for msg in client.frames for t in msg.transforms)


def check_tree(client: Client, humans: Humans155, person: str, answer: Any) -> None:
    """Walk from the sensor to the links that the URDF names, in TF and through its own joints."""
    stamp = answer.header.stamp
    frames = {
        t.child_frame_id: t
        for msg in client.frames
        for t in msg.transforms
        if t.header.stamp == stamp
    }
    robot = ET.fromstring(humans.heard[person, 'urdf'].data)  # noqa: S314 from our own node
    angles = humans.heard[person, 'joint_states']
    values = dict(zip(angles.name, angles.position, strict=True))
    joints = {e.find('child').get('link'): e for e in robot.findall('joint')}

    def by_tf(link: str) -> Array:
        transform = frames[link]
        parent = transform.header.frame_id
        above = np.eye(4) if parent == answer.header.frame_id else by_tf(parent)
        if link in joints:
            assert parent == joints[link].find('parent').get('link')
        turn, move = transform.transform.rotation, transform.transform.translation
        rotation = Rotation.from_quat((turn.x, turn.y, turn.z, turn.w))
        return above @ affine(rotation, (move.x, move.y, move.z))

    def by_urdf(link: str) -> Array:
        if link not in joints:
            return by_tf(link)
        joint = joints[link]
        xyz = [float(value) for value in joint.find('origin').get('xyz').split()]
        rotation = Rotation.identity()
        if joint.get('type') == 'revolute':
            axis = np.array([float(value) for value in joint.find('axis').get('xyz').split()])
            rotation = Rotation.from_rotvec(values[joint.get('name')] * axis)
        return by_urdf(joint.find('parent').get('link')) @ affine(rotation, xyz)

    names = {'body': 'pelvis', 'torso': 'neck', 'head': 'nose'}
    (skeleton,) = answer.skeletons
    for link in LINKS - {'waist'}:
        index = answer.joint_names.index(names.get(link, link))
        point = skeleton.positions[index]
        for walk in (by_tf, by_urdf):
            found = walk(f'{link}_{person}')[:3, 3]
            assert found == pytest.approx((point.x, point.y, point.z), abs=0.005), (link, walk)


def affine(rotation: Rotation, move: Any) -> Array:
    result = np.eye(4)
    result[:3, :3], result[:3, 3] = rotation.as_matrix(), move
    return result


@pytest.mark.ros
def test_nobody_is_published_as_an_empty_list(node: Node) -> None:
    humans, lists = Humans(node, H36M_17), []
    subscription = node.create_subscription(IdsList, '/humans/bodies/tracked', lists.append, 10)
    for _ in range(100):
        humans.publish('~', [], [], HEADER, PICTURE)
        spin(node)
        if lists:
            break
    assert lists[0] == IdsList(header=HEADER)
    node.destroy_subscription(subscription)
    humans.close()


@pytest.mark.ros
def test_topics_come_and_go_with_a_person(node: Node) -> None:
    humans, motions = Humans(node, H36M_17), Motions(H36M_17)

    def publish(*people: Any) -> set[str]:
        humans.publish('~', people, motions.update(people), HEADER, PICTURE)
        return topics(node)

    expected = {f'/humans/bodies/abcde/{name}' for name in (*TOPICS, 'urdf')}
    assert publish(somebody('abcde')) == {*expected, '/humans/bodies/tracked'}
    assert publish(somebody('abcde', state=PersonState.PREDICTED)) >= expected
    assert publish(somebody('abcde', state=PersonState.LOST)) == {'/humans/bodies/tracked'}
    humans.close()
    assert not topics(node)


@pytest.mark.ros
def test_what_cannot_say_how_sure_it_is_comes_only_where_the_person_is_seen(node: Node) -> None:
    humans, motions, heard = Humans(node, H36M_17), Motions(H36M_17), list[tuple[str, Any]]()

    def publish(person: Person, second: int) -> None:
        header = Header(stamp=Time(sec=second), frame_id='camera_optical')
        humans.publish('~', [person], motions.update([person]), header, PICTURE)
        for _ in range(6):
            spin(node)

    def names(second: int) -> set[str]:
        return {name for name, msg in heard if msg.header.stamp.sec == second}

    for name in ('roi', 'cropped', 'skeleton2d', 'joint_states', 'position', 'velocity'):
        on_message = partial(lambda name, msg: heard.append((name, msg)), name)
        node.create_subscription(TOPICS[name], f'/humans/bodies/abcde/{name}', on_message, 10)
    for step in range(100):
        publish(somebody('abcde', stamp=7 + step / 30), 7)
        if len(names(7)) == 6:
            break
    assert len(names(7)) == 6
    for step in range(100):
        unsure = somebody('abcde', state=PersonState.PREDICTED, stamp=11 + step / 30)
        publish(replace(unsure, presence=0.0), 11)
        if len(names(11)) == 2 and step > 5:
            break
    assert names(11) == {'roi', 'skeleton2d'}
    region, points = (
        next(m for n, m in heard[::-1] if n == name) for name in ('roi', 'skeleton2d')
    )
    assert region.c == 0
    assert {point.c for point in points.skeleton} == {0.0}
    humans.close()


@pytest.mark.ros
def test_the_urdf_is_told_anew_when_measures_change_but_once_a_second(node: Node) -> None:
    humans, motions, texts = Humans(node, H36M_17), Motions(H36M_17), list[str]()
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    topic = '/humans/bodies/abcde/urdf'
    node.create_subscription(String, topic, lambda msg: texts.append(msg.data), latched)

    def publish(size: float, stamp: float) -> None:
        person = somebody('abcde', stamp=stamp)
        person = replace(person, positions=size * person.positions)
        humans.publish('~', [person], motions.update([person]), HEADER, PICTURE)
        spin(node)

    for _ in range(100):
        publish(1.0, 0.0)
        if texts:
            break
    for stamp in (0.3, 0.6, 0.9):
        publish(1.3, stamp)
    assert len(set(texts)) == 1
    for step in range(100):
        publish(1.3, 1.2 + step / 1000)
        if len(set(texts)) == 2:
            break
    assert len(set(texts)) == 2
    humans.close()


@pytest.mark.ros
def test_the_list_is_about_the_people_of_all_cameras(node: Node) -> None:
    humans, motions, lists = Humans(node, H36M_17), Motions(H36M_17), list[list[str]]()
    subscription = node.create_subscription(
        IdsList, '/humans/bodies/tracked', lambda msg: lists.append(list(msg.ids)), 10
    )
    left, right = [somebody('aaaaa')], [somebody('bbbbb')]
    for _ in range(100):
        humans.publish('left', left, motions.update(left), HEADER, PICTURE)
        humans.publish('right', right, motions.update(right), HEADER, PICTURE)
        spin(node)
        if ['aaaaa', 'bbbbb'] in lists:
            break
    assert lists[-1] == ['aaaaa', 'bbbbb']
    humans.forget('left', HEADER)
    for _ in range(100):
        spin(node)
        if lists[-1] == ['bbbbb']:
            break
    assert lists[-1] == ['bbbbb']
    bodies = {name.split('/')[3] for name in topics(node)}
    assert bodies == {'bbbbb', 'tracked'}
    node.destroy_subscription(subscription)
    humans.close()


def topics(node: Node) -> set[str]:
    """What the node publishes under /humans."""
    found = node.get_publisher_names_and_types_by_node(node.get_name(), '/')
    return {name for name, _ in found if name.startswith('/humans')}


def test_the_region_is_cut_at_the_edges_of_the_image() -> None:
    roi = region_of(somebody(), 20, 100, HEADER)  # the box is 1, 2, 30, 40
    assert (roi.xmin, roi.xmax) == pytest.approx((0.075, 1.0))
    assert (roi.ymin, roi.ymax) == pytest.approx((0.025, 0.425))
    assert roi.c == pytest.approx(0.9)


def test_key_points_are_found_by_the_names_of_the_standard() -> None:
    person = somebody(unknown='l_wrist')
    msg = skeleton2d_of(person, H36M_17, 64, 64, HEADER)
    assert len(msg.skeleton) == 18
    elbow = H36M_17.index('r_elbow')
    point = msg.skeleton[Skeleton2D.RIGHT_ELBOW]
    assert (point.x * 64, point.y * 64) == pytest.approx(tuple(person.pixels[elbow] + 0.5))
    assert point.c == pytest.approx(person.confidence[elbow])
    assert msg.skeleton[Skeleton2D.LEFT_WRIST].c == 0


def spin(node: Node) -> None:
    executor = rclpy.executors.SingleThreadedExecutor(context=node.context)
    executor.add_node(node)
    executor.spin_once(timeout_sec=0.05)
    executor.remove_node(node)
    executor.shutdown()
