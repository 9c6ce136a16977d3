"""The map file: what is right is read; what is wrong is refused with its line and the reason."""

from pathlib import Path

import pytest

from pose3d_ros.errors import ConfigError
from pose3d_ros.shipped import shipped_files
from pose3d_ros.skeleton import H36M_17
from pose3d_ros.teleoperation.human_angles import HUMAN_ANGLES, NEEDS
from pose3d_ros.teleoperation.map_file import parse_map, read_map
from pose3d_ros.teleoperation.robot_map import OnLoss

GOOD = """\
defaults: {velocity: 1.5, acceleration: 6, on_loss: home}
joints:
  left_elbow:
    human: l_elbow
    sign: -1
    scale: 0.5
    offset: 0.1
    limits: [-2.0, 0.5]
    velocity: 2.5
  grip: {limits: [0.2, 1.0], home: 0.3}
poses: {scale: 0.8, hold_time: 0}
"""


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_map(text, 'robot.yaml')
    return str(caught.value)


def test_every_key_arrives_where_it_belongs() -> None:
    robot = parse_map(GOOD, 'robot.yaml')
    elbow, grip = robot.joints
    assert robot.names == ('left_elbow', 'grip')
    assert (elbow.human, elbow.gain, elbow.offset) == ('l_elbow', -0.5, 0.1)
    assert (elbow.low, elbow.high, elbow.velocity, elbow.acceleration) == (-2.0, 0.5, 2.5, 6.0)
    assert elbow.on_loss is OnLoss.HOME
    assert elbow.needs == NEEDS['l_elbow']
    assert (grip.human, grip.home, grip.needs) == ('', 0.3, ())
    assert (robot.poses.scale, robot.poses.hold_time) == (0.8, 0.0)


def test_the_joints_that_must_be_seen_can_be_chosen() -> None:
    text = GOOD.replace('human: l_elbow', 'human: l_elbow\n    needs: [l_elbow, l_wrist]')
    assert parse_map(text, '').joints[0].needs == ('l_elbow', 'l_wrist')


@pytest.mark.parametrize('name', ['teleop_two_arms', 'teleop_pan_tilt'])
def test_the_maps_that_come_along_are_right(name: str) -> None:
    robot = read_map(shipped_files('config', '.yaml')[name])
    assert {joint.human for joint in robot.joints} <= {*HUMAN_ANGLES, ''}


def test_joints_are_grouped_by_their_controllers() -> None:
    text = GOOD.replace('home: 0.3', 'home: 0.3, controller: /left/hand_controller')
    assert parse_map(text, '').controllers == {'': [0], '/left/hand_controller': [1]}


def test_every_angle_needs_joints_that_there_are() -> None:
    assert set(NEEDS) == set(HUMAN_ANGLES)
    assert all(NEEDS.values())
    assert {joint for needs in NEEDS.values() for joint in needs} <= set(H36M_17.joints)


@pytest.mark.parametrize(
    ('before', 'after', 'line', 'reason'),
    [
        (
            'human: l_elbow',
            'human: l_elbo',
            4,
            "joint left_elbow: human is 'l_elbo', which is no human angle; did you mean l_elbow?",
        ),
        ('scale: 0.5', 'skale: 0.5', 6, 'joint left_elbow: skale is unknown; did you mean scale?'),
        (
            'limits: [-2.0, 0.5]',
            'limits: [0.5, -2.0]',
            8,
            'joint left_elbow: limits are crossed: 0.5 is not below -2',
        ),
        ('offset: 0.1', 'offset: .nan', 7, 'joint left_elbow: offset is nan, but must be finite'),
        ('[-2.0, 0.5]', '[-.inf, 0.5]', 8, 'joint left_elbow: limits is -inf, but must be finite'),
        ('grip:', 'left_elbow:', 10, 'joint left_elbow is there twice'),
        ('    scale: 0.5', '    sign: 1', 6, 'joint left_elbow: sign is there twice'),
        ('    limits: [-2.0, 0.5]\n', '', 3, 'joint left_elbow has no limits'),
        ('velocity: 1.5, ', '', 10, 'joint grip has no velocity'),
        ('velocity: 2.5', 'velocity: 0', 9, 'velocity is 0, but must be above 0'),
        ('velocity: 2.5', 'velocity: fast', 9, "velocity is 'fast', but must be a number"),
        ('velocity: 2.5', 'velocity: true', 9, 'velocity is True, but must be a number'),
        ('velocity: 2.5', 'velocity: [1, 2]', 9, 'velocity must be one value'),
        ('sign: -1', 'sign: -2', 5, 'sign is -2, but must be 1 or -1'),
        ('limits: [-2.0, 0.5]', 'limits: [-2.0]', 8, 'must be [lowest, highest], but has 1'),
        ('limits: [-2.0, 0.5]', 'limits: 2.0', 8, 'limits must be a list in brackets'),
        ('home: 0.3', 'home: 3', 9 + 1, 'home is 3, which is outside the limits 0.2 to 1'),
        (', home: 0.3', '', 10, 'joint grip has no human angle, so it needs a home'),
        ('[-2.0, 0.5]', '[0.1, 0.5]', 3, 'needs a home: 0 is outside the limits 0.1 to 0.5'),
        ('on_loss: home', 'on_loss: panic', 1, "on_loss is 'panic', which is no way to react"),
        ('defaults: {', 'defaults: {human: waist, ', 1, 'defaults: human is unknown'),
        ('scale: 0.8', 'scale: -1', 11, 'poses: scale is -1, but must be above 0'),
        ('hold_time: 0', 'hold_time: -1', 11, 'hold_time is -1, but must not be below 0'),
        ('poses:', 'robots:', 11, 'robots is unknown'),
        ('poses: {scale: 0.8, hold_time: 0}', 'poses: 5', 11, 'poses must have named entries'),
        ('sign: -1', 'needs: [l_hand]', 5, "needs is 'l_hand', which is no joint of a person"),
        ('offset: 0.1', 'min_confidence: 1.1', 7, 'is 1.1, but must be from 0 to 1'),
        ('offset: 0.1', 'controller: my arm', 7, "controller is 'my arm', but must be letters"),
        ('offset: 0.1', 'offset: [', 9, 'not YAML'),
    ],
)
def test_what_is_wrong_is_refused_with_its_line_and_the_reason(
    before: str, after: str, line: int, reason: str
) -> None:
    assert before in GOOD
    message = refusal(GOOD.replace(before, after, 1))
    assert message.startswith(f'robot.yaml, line {line}: '), message
    assert reason in message


def test_an_empty_file_and_one_without_joints_are_refused() -> None:
    assert refusal('') == 'robot.yaml, line 1: the file is empty: it needs joints'
    assert refusal('poses: {}') == 'robot.yaml, line 1: the file has no joints'
    assert refusal('joints: {}') == 'robot.yaml, line 1: joints is empty'


def test_code_in_a_file_is_not_run() -> None:
    text = GOOD.replace('home: 0.3', "home: !!python/name:os.getcwd ''")
    assert 'line 10: not YAML: could not determine a constructor' in refusal(text)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'the robot map .*nothing\.yaml cannot be read'):
        read_map(tmp_path / 'nothing.yaml')
