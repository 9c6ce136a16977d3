"""Map file: the YAML file of a robot map. What is wrong is told with its line and the reason.

defaults:                       # of every joint below, if it does not say otherwise
  velocity: 1.5                 # [rad/s]
  acceleration: 6.0             # [rad/s^2]
joints:
  left_elbow_joint:             # the robot's joint
    human: l_elbow              # the angle of the person that moves it
    limits: [0.0, 2.4]          # [rad]
poses:                          # of wrists and head
  scale: 1.0
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from pose3d_ros.errors import ConfigError
from pose3d_ros.teleoperation.human_angles import NEEDS
from pose3d_ros.teleoperation.robot_map import JointMap, OnLoss, PoseMap, RobotMap
from pose3d_ros.teleoperation.yaml_value import Value, offer

__all__ = ['parse_map', 'read_map']

Reader = Callable[[Value], Any]


def read_map(path: Path) -> RobotMap:
    """Return the robot map of a file.

    Raises:
        ConfigError: The file cannot be read, or something in it is wrong; the message names the
            file, the line and the reason.
    """
    try:
        text = path.read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as error:
        message = f'the robot map {path} cannot be read: {error}'
        raise ConfigError(message) from None
    return parse_map(text, str(path))


def parse_map(text: str, name: str) -> RobotMap:
    """Return the robot map of a text.

    Args:
        text: YAML.
        name: Of the file, for errors.

    Raises:
        ConfigError: Something is wrong; the message names the file, the line and the reason.
    """
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            message = f'{name}, line 1: the file is empty: it needs joints'
            raise ConfigError(message)
        return _robot(Value(node, loader, name, 'the file'))
    except yaml.YAMLError as error:
        mark = getattr(error, 'problem_mark', None)
        line = mark.line + 1 if mark else 1
        message = f'{name}, line {line}: not YAML: {getattr(error, "problem", None) or error}'
        raise ConfigError(message) from None
    finally:
        loader.dispose()


_JOINT_KEYS: dict[str, Reader] = {
    'human': Value.angle,
    'sign': Value.sign,
    'scale': Value.positive,
    'offset': Value.number,
    'limits': Value.limits,
    'velocity': Value.positive,
    'acceleration': Value.positive,
    'home': Value.number,
    'on_loss': Value.on_loss,
    'hold_time': Value.not_negative,
    'min_confidence': Value.share,
    'needs': Value.body_joints,
    'controller': Value.name,
}
_NOT_SHARED = ('human', 'home', 'needs')  # every joint has its own
_FALLBACKS: dict[str, Any] = {
    'human': '',
    'sign': 1.0,
    'scale': 1.0,
    'offset': 0.0,
    'home': 0.0,
    'on_loss': OnLoss.STAY,
    'hold_time': 0.5,
    'min_confidence': 0.4,
}
_POSE_KEYS: dict[str, Reader] = {
    field.name: Value.share
    if field.name == 'min_confidence'
    else Value.not_negative
    if field.name == 'hold_time'
    else Value.positive
    for field in dataclasses.fields(PoseMap)
}


def _robot(file: Value) -> RobotMap:
    parts = file.entries()
    _refuse_unknown(parts, ('defaults', 'joints', 'poses'))
    if 'joints' not in parts:
        file.refuse('has no joints')
    shared: dict[str, Any] = {}
    if 'defaults' in parts:
        entries = parts['defaults'].entries('defaults: ')
        keys = {key: value for key, value in _JOINT_KEYS.items() if key not in _NOT_SHARED}
        shared = _read(entries, keys)
    joints = tuple(
        _joint(name, value, shared) for name, value in parts['joints'].entries('joint ').items()
    )
    if not joints:
        parts['joints'].refuse('is empty')
    poses = PoseMap()
    if 'poses' in parts:
        poses = PoseMap(**_read(parts['poses'].entries('poses: '), _POSE_KEYS))
    return RobotMap(joints, poses)


def _joint(name: str, value: Value, shared: Mapping[str, Any]) -> JointMap:
    entries = value.entries(f'joint {name}: ')
    found = {**_FALLBACKS, **shared, **_read(entries, _JOINT_KEYS)}
    for key in ('limits', 'velocity', 'acceleration'):
        if key not in found:
            value.refuse(f'has no {key}')
    if not found['human'] and 'home' not in entries:
        value.refuse('has no human angle, so it needs a home')
    low, high = found.pop('limits')
    if not low <= found['home'] <= high:
        place = entries.get('home', value)
        place.refuse(
            f'is {found["home"]:g}, which is outside the limits {low:g} to {high:g}'
            if 'home' in entries
            else f'needs a home: 0 is outside the limits {low:g} to {high:g}'
        )
    gain = found.pop('sign') * found.pop('scale')
    needs = found.pop('needs', NEEDS.get(found['human'], ()))
    return JointMap(robot=name, gain=gain, low=low, high=high, needs=needs, **found)


def _read(entries: Mapping[str, Value], keys: Mapping[str, Reader]) -> dict[str, Any]:
    _refuse_unknown(entries, keys)
    return {key: keys[key](value) for key, value in entries.items()}


def _refuse_unknown(entries: Mapping[str, Value], known: Iterable[str]) -> None:
    for key, value in entries.items():
        if key not in known:
            value.refuse(f'is unknown; {offer(key, known)}')
