"""YAML value: one of a file, which knows where it stands and refuses what it must not be."""

import difflib
import math
import re
from collections.abc import Iterable
from typing import NoReturn

import yaml

from pose3d_ros.errors import ConfigError
from pose3d_ros.skeleton import H36M_17
from pose3d_ros.teleoperation.human_angles import HUMAN_ANGLES
from pose3d_ros.teleoperation.robot_map import OnLoss

__all__ = ['Value', 'offer']

_NAME = re.compile(r'/?[A-Za-z_]\w*(/[A-Za-z_]\w*)*')


class Value:
    """A value of the file, which knows where it stands."""

    def __init__(
        self, node: yaml.Node, loader: yaml.SafeLoader, file: str, what: str, line: int = 1
    ) -> None:
        self._node, self._loader, self._file, self._what = node, loader, file, what
        self._line = line

    def refuse(self, reason: str) -> NoReturn:
        """Say what is wrong here.

        Raises:
            ConfigError: Always.
        """
        message = f'{self._file}, line {self._line}: {self._what} {reason}'
        raise ConfigError(message)

    def entries(self, prefix: str = '') -> dict[str, 'Value']:
        """Return the values of a mapping by their keys, which must be different words."""
        if not isinstance(self._node, yaml.MappingNode):
            self.refuse('must have named entries')
        found: dict[str, Value] = {}
        for key_node, value_node in self._node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ''
            line = key_node.start_mark.line + 1
            value = Value(value_node, self._loader, self._file, f'{prefix}{key}', line)
            if not key:
                value.refuse('an entry has no name')
            if key in found:
                value.refuse('is there twice')
            found[key] = value
        return found

    def items(self) -> list['Value']:
        """Return the values of a list."""
        if not isinstance(self._node, yaml.SequenceNode):
            self.refuse('must be a list in brackets')
        return [
            Value(node, self._loader, self._file, self._what, node.start_mark.line + 1)
            for node in self._node.value
        ]

    def number(self) -> float:
        """Return a finite number."""
        value = self._scalar()
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(f'is {value!r}, but must be a number')
        if not math.isfinite(value):
            self.refuse(f'is {value}, but must be finite')
        return float(value)

    def positive(self) -> float:
        """Return a number above 0."""
        value = self.number()
        if value <= 0:
            self.refuse(f'is {value:g}, but must be above 0')
        return value

    def not_negative(self) -> float:
        """Return a number that is not below 0."""
        value = self.number()
        if value < 0:
            self.refuse(f'is {value:g}, but must not be below 0')
        return value

    def share(self) -> float:
        """Return a number from 0 to 1."""
        value = self.number()
        if not 0 <= value <= 1:
            self.refuse(f'is {value:g}, but must be from 0 to 1')
        return value

    def sign(self) -> float:
        """Return 1 or -1."""
        value = self.number()
        if abs(value) != 1:
            self.refuse(f'is {value:g}, but must be 1 or -1; `scale` takes other factors')
        return value

    def limits(self) -> tuple[float, float]:
        """Return the lowest and the highest of two numbers."""
        numbers = [each.number() for each in self.items()]
        if len(numbers) != 2:
            self.refuse(f'must be [lowest, highest], but has {len(numbers)} numbers')
        low, high = numbers
        if low >= high:
            self.refuse(f'are crossed: {low:g} is not below {high:g}')
        return low, high

    def angle(self) -> str:
        """Return the name of a human angle."""
        return self.one_of(HUMAN_ANGLES, 'human angle')

    def on_loss(self) -> OnLoss:
        """Return what to do on loss."""
        return OnLoss(self.one_of([each.value for each in OnLoss], 'way to react'))

    def name(self) -> str:
        """Return a name as ROS 2 allows it, with or without namespaces."""
        value = str(self._scalar())
        if not _NAME.fullmatch(value):
            self.refuse(f'is {value!r}, but must be letters, digits, _ and /')
        return value

    def body_joints(self) -> tuple[str, ...]:
        """Return names of a person's joints."""
        return tuple(each.one_of(H36M_17.joints, 'joint of a person') for each in self.items())

    def one_of(self, known: Iterable[str], kind: str) -> str:
        """Return a word that must be one of those known."""
        value = str(self._scalar())
        if value not in known:
            self.refuse(f'is {value!r}, which is no {kind}; {offer(value, known)}')
        return value

    def _scalar(self) -> object:
        if not isinstance(self._node, yaml.ScalarNode):
            self.refuse('must be one value')
        return self._loader.construct_object(self._node)


def offer(word: str, known: Iterable[str]) -> str:
    """Return which words there are, the nearest first."""
    near = difflib.get_close_matches(word, list(known), n=1)
    hint = f'did you mean {near[0]}? ' if near else ''
    return f'{hint}There are {", ".join(known)}'
