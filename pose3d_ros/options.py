"""What a setting is: a dataclass field that knows its meaning, its bounds, and if it is live.

ROS parameters, launch arguments, command-line options and the documentation are all derived from
`options`; nobody writes a default twice.

    config = updated(PipelineConfig(), {'min_presence': 0.7})
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast, get_origin, get_type_hints

from pose3d_ros.errors import ConfigError

__all__ = ['Config', 'ConfigT', 'Option', 'Value', 'option', 'options', 'updated']

Value = bool | int | float | str | tuple[str, ...]
ValueT = TypeVar('ValueT')


@dataclass(frozen=True, slots=True)
class Option:
    """What is known about one setting.

    Attributes:
        name: The field's name; also the name of the ROS parameter and the launch argument.
        kind: One of bool, int, float, str, and tuple for a list of texts.
        default: The value when nobody says otherwise.
        meaning: One sentence with the unit in brackets.
        low: Smallest allowed number, or None.
        high: Largest allowed number, or None.
        choices: The allowed words, or () for any.
        live: Whether it may change while the node is active.
    """

    name: str
    kind: type[Value]
    default: Value
    meaning: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    live: bool = False

    @property
    def allowed(self) -> str:
        """The allowed values in words, such as 'a number from 0 to 1' or 'raw or compressed'."""
        if self.choices:
            return ' or '.join(self.choices)
        kinds = {
            bool: 'true or false',
            str: 'text',
            tuple: 'a list of texts',
            int: 'a whole number',
            float: 'a number',
        }
        low = '' if self.low is None else f' from {self.low:g}'
        high = '' if self.high is None else f' to {self.high:g}'
        return kinds[self.kind] + low + high

    @property
    def help(self) -> str:
        """The meaning, the allowed values and the default, for a help page."""
        default = repr(self.default) if isinstance(self.default, str) else self.default
        return f'{self.meaning} ({self.allowed}; default {default})'

    def check(self, value: object) -> None:
        """Pass if this setting may have this value.

        Raises:
            ConfigError: It may not; the message names the setting, the value and what is allowed.
        """
        if not (self._has_kind(value) and self._is_within(cast('Value', value))):
            message = f'{self.name} is {value!r}, but it must be {self.allowed}'
            raise ConfigError(message)

    def _has_kind(self, value: object) -> bool:
        if self.kind is float:
            return isinstance(value, int | float) and not isinstance(value, bool)
        if self.kind is tuple:
            return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
        return type(value) is self.kind

    def _is_within(self, value: Value) -> bool:
        if self.choices:
            return value in self.choices
        if not isinstance(value, int | float):
            return True
        low = float('-inf') if self.low is None else self.low
        high = float('inf') if self.high is None else self.high
        return low <= value <= high  # false for NaN


def option(
    default: ValueT,
    meaning: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    live: bool = False,
) -> ValueT:
    """Declare a setting: a dataclass field that knows its meaning and bounds.

    The arguments are those of `Option`; the name and the kind come from the field.
    """
    facts = {'meaning': meaning, 'low': low, 'high': high, 'choices': choices, 'live': live}
    return field(default=default, metadata={'option': facts})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A group of settings. Values out of bounds raise ConfigError."""

    def __post_init__(self) -> None:
        """Check every value."""
        for each in options(type(self)):
            each.check(getattr(self, each.name))


ConfigT = TypeVar('ConfigT', bound=Config)


def options(config_class: type[Config]) -> tuple[Option, ...]:
    """Return the settings of a config class, in the order of their declaration."""
    kinds = get_type_hints(config_class)
    return tuple(
        Option(
            each.name,
            get_origin(kinds[each.name]) or kinds[each.name],
            cast('Value', each.default),
            **each.metadata['option'],
        )
        for each in dataclasses.fields(config_class)
    )


def updated(config: ConfigT, values: Mapping[str, object], *, live_only: bool = False) -> ConfigT:
    """Return the config with some values replaced.

    Args:
        config: Where all other values come from.
        values: New values by name.
        live_only: Refuse settings that must not change while the node is active.

    Raises:
        ConfigError: A name is unknown, a value is not allowed, or a setting is not live.
    """
    known = {each.name: each for each in options(type(config))}
    for name in values:
        if name not in known:
            message = f'there is no setting {name!r}; the settings are {", ".join(known)}'
            raise ConfigError(message)
        if live_only and not known[name].live:
            message = f'{name} cannot change while active: deactivate and clean up first'
            raise ConfigError(message)
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    return dataclasses.replace(config, **given)
