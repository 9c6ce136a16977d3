"""Parameters: every setting of a node as a ROS parameter."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Generic

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node
from rclpy.parameter import Parameter

from pose3d_ros.errors import ConfigError
from pose3d_ros.options import ConfigT, Option, Value, options, updated

__all__ = ['Parameters', 'ros_words']


def ros_words(settings: Mapping[str, object]) -> list[str]:
    """Return the words of a command line that set a node's parameters."""
    pairs = (('-p', f'{name}:={json.dumps(value)}') for name, value in settings.items())
    return ['--ros-args', *(word for pair in pairs for word in pair)]


class Parameters(Generic[ConfigT]):
    """A node's parameters, declared from a config class.

    Values that are not allowed are refused with the reason. One that the node was started with
    does not stop it: it is kept in mind, and there is no config until it has been set right.
    """

    def __init__(
        self, node: Node, config_class: type[ConfigT], is_active: Callable[[], bool]
    ) -> None:
        """Declare all parameters.

        Args:
            node: Whose parameters.
            config_class: Its settings.
            is_active: Whether only live settings may change now.
        """
        self._node = node
        self._is_active = is_active
        self._refused: dict[str, str] = {}
        self._names = {option.name for option in options(config_class)}
        values = {option.name: self._declare(option) for option in options(config_class)}
        self._config = updated(config_class(), values)
        node.add_on_set_parameters_callback(self._on_set)

    @property
    def config(self) -> ConfigT:
        """The settings as they are now.

        Raises:
            ConfigError: The node was started with values that are not allowed.
        """
        if self._refused:
            raise ConfigError('; '.join(self._refused.values()))
        return self._config

    def _declare(self, option: Option) -> Value:
        """Declare a parameter; instead of a value that is not allowed, return the default."""
        arguments = (option.name, option.default, _descriptor(option))
        try:
            value: Value = self._node.declare_parameter(*arguments).value
            option.check(value)
        except ConfigError as error:
            self._refused[option.name] = str(error)
        except (InvalidParameterTypeException, InvalidParameterValueException) as error:
            self._refused[option.name] = f'{error}; {option.name} must be {option.allowed}'
            self._node.declare_parameter(*arguments, ignore_override=True)
        else:
            return value
        return option.default

    def _on_set(self, parameters: Sequence[Parameter]) -> SetParametersResult:
        values = {each.name: each.value for each in parameters if each.name in self._names}
        try:
            self._config = updated(self._config, values, live_only=self._is_active())
        except ConfigError as error:
            return SetParametersResult(successful=False, reason=str(error))
        self._refused = {k: v for k, v in self._refused.items() if k not in values}
        return SetParametersResult(successful=True)


def _descriptor(option: Option) -> ParameterDescriptor:
    when = 'at any time' if option.live else 'before configuring'
    descriptor = ParameterDescriptor(
        description=option.meaning,
        additional_constraints=f'{option.allowed}; may change {when}',
        # 60 is as good as 60.0, and an empty list has the type of none.
        dynamic_typing=option.kind in {float, tuple},
    )
    if option.low is not None and option.high is not None:
        if option.kind is float:
            limits = FloatingPointRange(from_value=option.low, to_value=option.high)
            descriptor.floating_point_range = [limits]
        else:
            limits = IntegerRange(from_value=int(option.low), to_value=int(option.high), step=1)
            descriptor.integer_range = [limits]
    return descriptor
