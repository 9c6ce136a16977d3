"""The teleoperation node as a process: what it hears, what it says, and what stops it."""

import os
import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from geometry_msgs.msg import TransformStamped
from operator_client import OperatorClient, running_teleop, started
from pose3d_ros.msg import TeleopState
from processes import DEADLINE_S
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import Header
from teleoperation.actors import MAP, actor
from tf2_msgs.msg import TFMessage

from pose3d_ros.person import JointState as SeenState
from pose3d_ros.ros.conversions import seconds
from pose3d_ros.ros.demo.domain import reserved_domain
from pose3d_ros.skeleton import H36M_17

pytestmark = pytest.mark.ros

OCCLUDED = {'l_wrist': SeenState.OCCLUDED}


def told(operator: OperatorClient) -> str:
    """Return all messages of the diagnostics."""
    return ' '.join(s.message for each in operator.diagnostics for s in each.status)


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[OperatorClient]:
    with running_teleop(tmp_path) as client:
        yield client


def test_nothing_moves_until_armed_and_then_the_robot_follows(operator: OperatorClient) -> None:
    operator.people = [actor(l_elbow=1.0)]
    operator.wait_until(lambda: len(operator.states) > 60, 'a second of states')
    assert {state.state for state in operator.states} == {TeleopState.DISARMED}
    assert not operator.trajectories
    assert not operator.commands
    assert not operator.poses
    operator.arm()
    operator.wait_until(lambda: operator.positions['elbow'] > 0.95, 'the elbow to follow')
    assert operator.state.person == 'abcde'
    assert operator.state.joint_names == ['elbow', 'pan', 'grip']
    assert seconds(operator.state.image_stamp) > 0
    assert operator.poses[-1].header.frame_id == 'torso'
    assert operator.call('disarm').success
    operator.wait_for_state(TeleopState.DISARMED, reason='disarmed by the service')
    told = len(operator.trajectories)
    operator.wait_for_state(TeleopState.DISARMED)
    operator.people = [actor(l_elbow=2.0)]
    begin = len(operator.states)
    operator.wait_until(lambda: len(operator.states) > begin + 60, 'a second of states')
    assert len(operator.trajectories) <= told + 30  # it has braked


def test_trajectories_keep_the_limits_end_at_rest_and_go_on_from_one_another(
    operator: OperatorClient,
) -> None:
    operator.arm()
    for elbow in (2.0, 0.2, 1.5):
        operator.people = [actor(l_elbow=elbow)]
        operator.wait_until(
            lambda e=elbow: abs(operator.positions['elbow'] - e) < 0.05, f'an elbow of {elbow}'
        )
    for msg in operator.trajectories:
        assert msg.joint_names == ['elbow', 'pan', 'grip']
        positions = np.array([point.positions for point in msg.points])
        velocities = np.array([point.velocities for point in msg.points])
        times = [seconds(point.time_from_start) for point in msg.points]
        assert all(before < after for before, after in pairwise([0.0, *times]))
        assert (positions >= (0.0, -1.0, 0.0)).all()
        assert (positions <= (2.4, 1.0, 1.0)).all()
        assert (np.abs(velocities) <= 2.0 + 1e-9).all()
        assert not velocities[-1].any()
    stamped = [(seconds(each.header.stamp), np.array(each.position)) for each in operator.commands]
    for (earlier, before), (later, after) in pairwise(stamped):
        assert (np.abs(after - before) <= 2.0 * (later - earlier) + 0.01).all()


@pytest.mark.parametrize(
    ('attribute', 'value', 'reason'),
    [
        ('pressed', False, 'the deadman switch is not pressed'),
        ('pressed', None, 'the deadman switch has fallen silent'),
        ('filming', False, 'the newest image is'),
        ('people', [], 'abcde is lost'),
    ],
)
def test_what_is_not_well_stops_the_robot(
    operator: OperatorClient, attribute: str, value: object, reason: str
) -> None:
    operator.arm()
    before = getattr(operator, attribute)
    setattr(operator, attribute, value)
    operator.wait_for_state(TeleopState.STOPPED, reason=reason)
    setattr(operator, attribute, before)
    operator.wait_for_state(TeleopState.FOLLOWING)
    setattr(operator, attribute, value)
    operator.wait_for_state(TeleopState.DISARMED, reason='stopped for more than 2 s')
    setattr(operator, attribute, before)
    operator.wait_until(lambda: operator.call('arm').success, 'arming again')


def test_a_joint_out_of_sight_holds_and_says_why(operator: OperatorClient) -> None:
    operator.arm()
    operator.people = [actor(hidden=OCCLUDED)]
    state = operator.wait_for_state(TeleopState.HOLDING)
    assert state.joint_states[0] == TeleopState.JOINT_HOLDING
    assert state.joint_reasons[0] == 'l_wrist is OCCLUDED'
    assert state.joint_states[1] == TeleopState.JOINT_FOLLOWING


def test_a_frozen_node_stops_and_goes_on_slowly(operator: OperatorClient) -> None:
    operator.arm()
    os.kill(operator.process.pid, signal.SIGSTOP)
    begin = operator.get_clock().now().nanoseconds
    operator.wait_until(
        lambda: operator.get_clock().now().nanoseconds - begin > 1e9, 'a second to pass'
    )
    os.kill(operator.process.pid, signal.SIGCONT)
    operator.wait_for_state(TeleopState.STOPPED, reason='this node was held up for')
    operator.wait_for_state(TeleopState.ARMING, reason='goes on')


def test_arming_is_refused_with_the_reason(operator: OperatorClient) -> None:
    operator.pressed = False
    operator.wait_until(
        lambda: operator.refusal() == 'the deadman switch is not pressed', 'a refusal'
    )
    operator.pressed = True
    operator.positions['elbow'] = -0.7
    operator.wait_until(
        lambda: operator.refusal().startswith('elbow is at -0.700 rad'), 'a refusal'
    )


def test_skeletons_that_cannot_be_used_are_told_and_the_node_lives(
    operator: OperatorClient,
) -> None:
    operator.filming = False
    broken = operator.picture()
    broken.skeletons[0].confidences = []
    foreign = operator.picture()
    foreign.joint_names = ['head']
    future = operator.picture()
    future.header.stamp.sec += 100

    for msg, reason in (
        (broken, "'abcde' has 0 confidences for 17 joints"),
        (foreign, "skeletons are 'h36m_17', but teleoperation needs h36m_17"),
        (future, 's ahead of the clock'),
    ):

        def heard(msg: object = msg, reason: str = reason) -> bool:
            operator.skeletons.publish(msg)
            return reason in told(operator)

        operator.wait_until(heard, reason)
    operator.filming = True
    operator.arm()


def test_settings_are_checked_while_it_runs(operator: OperatorClient) -> None:
    result = operator.set_parameter('person', 'Anna')
    assert not result.successful
    assert "person is 'Anna', but must be nearest, first or an id" in result.reason
    assert operator.set_parameter('person', 'zzzzz').successful
    operator.wait_until(lambda: operator.refusal() == 'zzzzz is not there', 'nobody of that name')


def test_poses_are_told_in_a_frame_that_tf_connects_with_the_camera(tmp_path: Path) -> None:
    with running_teleop(tmp_path, pose_frame='base') as operator:
        operator.arm()
        operator.wait_until(
            lambda: "no poses: TF does not connect 'camera' with 'base'" in told(operator),
            'a problem that is told',
        )
        assert not operator.poses
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        above = TransformStamped(header=Header(frame_id='base'), child_frame_id='camera')
        above.transform.translation.z = 1.5
        operator.create_publisher(TFMessage, '/tf_static', latched).publish(
            TFMessage(transforms=[above])
        )
        operator.wait_until(lambda: operator.poses, 'poses')
        pose = operator.poses[-1]
        wrist = operator.people[0].positions[H36M_17.index('l_wrist')] + (0, 0, 1.5)
        place = pose.pose.position
        assert pose.header.frame_id == 'base'
        assert (place.x, place.y, place.z) == pytest.approx(wrist, abs=1e-3)


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        (MAP.replace('l_elbow', 'l_elbo'), "robot.yaml, line 3: joint elbow: human is 'l_elbo'"),
        (MAP.replace('[0.0, 2.4]', '[2.4, 0.0]'), 'robot.yaml, line 3: joint elbow: limits are'),
        (MAP.replace('velocity: 2.0', 'velocity: .nan'), 'line 1: defaults: velocity is nan'),
        (MAP.replace('grip:', 'pan:'), 'robot.yaml, line 5: joint pan is there twice'),
    ],
)
def test_a_wrong_robot_map_is_refused_at_start(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / 'robot.yaml'
    path.write_text(text, encoding='utf-8')
    with reserved_domain() as domain:
        process = started(tmp_path, domain, ['--ros-args', '-p', f'mapping:={path}'])
        assert process.wait(DEADLINE_S) == 1
    assert reason in (tmp_path / 'teleop.log').read_text(encoding='utf-8')
