"""Plugins: parts that can be exchanged, found by name among the installed packages.

A plugin is an entry point in one of three groups, and a callable that makes the part:

    pose3d_ros.estimators   config -> Estimator
    pose3d_ros.detectors    config -> Detector
    pose3d_ros.runtimes     path, config -> Runtime

The contracts are in `pose3d_ros.estimator`; `config` is a `PipelineConfig`. The parts that come
with this package are declared exactly like those of others.
"""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from pose3d_ros.errors import PluginError

__all__ = ['DETECTORS', 'ESTIMATORS', 'GROUPS', 'RUNTIMES', 'load', 'names', 'package']

ESTIMATORS = 'pose3d_ros.estimators'
DETECTORS = 'pose3d_ros.detectors'
RUNTIMES = 'pose3d_ros.runtimes'
GROUPS = (ESTIMATORS, DETECTORS, RUNTIMES)


def names(group: str) -> tuple[str, ...]:
    """Return the names of the plugins installed in a group, sorted, whether they work or not."""
    return tuple(sorted({found.name for found in entry_points(group=group)}))


def package(group: str, name: str) -> str:
    """Return the name and version of the package that brings a plugin.

    Raises:
        PluginError: No plugin has this name, or several packages claim it.
    """
    return _package(_find(group, name))


def load(group: str, name: str) -> Callable[..., Any]:
    """Return what makes the part of this name.

    Args:
        group: One of `GROUPS`.
        name: The plugin's name; see `names`.

    Raises:
        PluginError: No plugin has this name, several packages claim it, or it is broken.
    """
    found = _find(group, name)
    try:
        plugin = found.load()
    except Exception as error:  # a stranger's code may raise anything
        msg = (
            f'{_kind(group)} {name!r} of {_package(found)} is broken: '
            f'{found.value} raised {type(error).__name__}: {error}'
        )
        raise PluginError(msg) from error
    if not callable(plugin):
        msg = (
            f'{_kind(group)} {name!r} of {_package(found)} is broken: '
            f'{found.value} is not callable'
        )
        raise PluginError(msg)
    return cast('Callable[..., Any]', plugin)


def _find(group: str, name: str) -> EntryPoint:
    found = tuple(entry_points(group=group, name=name))
    if not found:
        installed = ', '.join(names(group)) or 'none: is pose3d_ros itself installed?'
        msg = f'there is no {_kind(group)} {name!r}; installed: {installed}'
        raise PluginError(msg)
    if len({each.value for each in found}) > 1:
        claims = ' and '.join(sorted(_package(each) for each in found))
        msg = f'{_kind(group)} {name!r} is claimed by {claims}; uninstall one'
        raise PluginError(msg)
    return found[0]


def _package(found: EntryPoint) -> str:
    return f'{found.dist.name} {found.dist.version}' if found.dist else 'an unknown package'


def _kind(group: str) -> str:
    return group.rpartition('.')[2].removesuffix('s')
