"""`pose3d list`: the installed plugins and the shipped models."""

import argparse

from pose3d_ros import plugins
from pose3d_ros.errors import PluginError
from pose3d_ros.model_file import shipped_models

__all__ = ['add_arguments', 'run']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Do nothing: there is nothing to choose."""
    del parser


def run(arguments: argparse.Namespace) -> int:
    """Print names and where they come from; a broken plugin is listed with its reason."""
    del arguments
    for group in plugins.GROUPS:
        print(f'{group.rpartition(".")[2]}:')
        for name in plugins.names(group):
            print(f'  {name:<14} {_origin(group, name)}')
    print('models:')
    for name, path in shipped_models().items():
        print(f'  {name:<14} {path}')
    return 0


def _origin(group: str, name: str) -> str:
    try:
        plugins.load(group, name)
        return plugins.package(group, name)
    except PluginError as error:
        return f'broken: {error}'
