"""Settings on a command line: one option each."""

import argparse
from collections.abc import Iterable

from pose3d_ros.options import Config, ConfigT, options, updated

__all__ = ['add_settings', 'from_arguments']


def add_settings(
    parser: argparse.ArgumentParser,
    config_class: type[Config],
    names: Iterable[str] | None = None,
) -> None:
    """Give a parser one `--option` per setting; those not given stay out of the namespace.

    Args:
        parser: Where the options go, in a group named after the config class.
        config_class: Whose settings.
        names: Only these settings; None for all.
    """
    wanted = None if names is None else set(names)
    group = parser.add_argument_group('settings')
    for each in options(config_class):
        if wanted is not None and each.name not in wanted:
            continue
        flag = '--' + each.name.replace('_', '-')
        meaning = each.help.replace('%', '%%')
        if each.kind is bool:
            group.add_argument(
                flag,
                action=argparse.BooleanOptionalAction,
                default=argparse.SUPPRESS,
                help=meaning,
            )
        else:
            is_list = each.kind is tuple
            group.add_argument(
                flag,
                type=str if is_list else each.kind,
                nargs='*' if is_list else None,
                metavar=each.name.rsplit('_', 1)[-1].upper(),
                default=argparse.SUPPRESS,
                help=meaning,
            )


def from_arguments(config_class: type[ConfigT], arguments: argparse.Namespace) -> ConfigT:
    """Return the config that a command line asks for; see `add_settings`.

    Raises:
        ConfigError: A value is not allowed.
    """
    known = {each.name for each in options(config_class)}
    given = {name: value for name, value in vars(arguments).items() if name in known}
    return updated(config_class(), given)
