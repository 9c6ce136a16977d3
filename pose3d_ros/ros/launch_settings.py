"""Launch settings: what the arguments of a launch file mean as parameters of a node."""

from collections.abc import Mapping

import yaml

from pose3d_ros.options import Config, Option, Value, options

__all__ = ['settings_given']


def settings_given(
    arguments: Mapping[str, str], config_class: type[Config]
) -> dict[str, Value | list[str]]:
    """Return the settings that were given.

    Args:
        arguments: All arguments of the launch file; those of settings that were not given are
            empty.
        config_class: Whose settings.
    """
    return {
        option.name: _value(option, text)
        for option in options(config_class)
        if (text := arguments[option.name])
    }


def _value(option: Option, text: str) -> Value | list[str]:
    """Return what a text of the command line means, read as YAML: `[front, rear]` is a list."""
    if option.kind is str:
        return text
    value = yaml.safe_load(text)
    return list(map(str, value)) if option.kind is tuple else option.kind(value)
