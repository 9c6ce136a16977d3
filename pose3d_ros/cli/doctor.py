"""`pose3d doctor`: what is installed, and whether it works."""

import argparse
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree as ET

from pose3d_ros import plugins
from pose3d_ros.cli.settings import add_settings, from_arguments
from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import Pose3DError
from pose3d_ros.model_file import shipped_models
from pose3d_ros.pipeline import Pipeline
from pose3d_ros.shipped import shipped_files

__all__ = ['add_arguments', 'run']

_OK, _NOTE, _BAD = 'ok', 'note', 'BAD'
_SETTINGS = ('estimator', 'model', 'runtime', 'device', 'threads')
_LIBRARIES = ('numpy', 'scipy', 'opencv-python-headless', 'onnxruntime')
_PROFILE_VARIABLES = ('FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE')
_SEGMENT = 32 * 2**20  # holds five full-HD images [bytes]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: how good it is, what it is about, and what was found."""

    verdict: str
    subject: str
    text: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the settings that decide what would run."""
    add_settings(parser, PipelineConfig, _SETTINGS)


def run(arguments: argparse.Namespace) -> int:
    """Print the report; return 1 if something is bad, that is, would not run."""
    config = from_arguments(PipelineConfig, arguments)
    findings: list[Finding] = []
    for finding in _examine(config):
        print(f'{finding.verdict:<5} {finding.subject:<10} {finding.text}')
        findings.append(finding)
    bad = [finding.subject for finding in findings if finding.verdict == _BAD]
    print(f'pose3d will not work: {", ".join(bad)}' if bad else 'pose3d is ready')
    return 1 if bad else 0


def _examine(config: PipelineConfig) -> Iterator[Finding]:
    yield Finding(_OK, 'python', f'{platform.python_version()} on {platform.machine()}')
    for name in _LIBRARIES:
        yield _library(name)
    wanted = {config.estimator, config.detector, config.runtime}
    for group in plugins.GROUPS:
        for name in plugins.names(group):
            yield _plugin(group, name, needed=name in wanted)
    yield from _models()
    yield _pipeline(config)
    yield from _ros()


def _library(name: str) -> Finding:
    try:
        return Finding(_OK, 'library', f'{name} {version(name)}')
    except PackageNotFoundError:
        return Finding(_NOTE, 'library', f'{name} was not installed by pip')


def _plugin(group: str, name: str, *, needed: bool) -> Finding:
    subject = group.rpartition('.')[2].removesuffix('s')
    try:
        plugins.load(group, name)
        return Finding(_OK, subject, f'{name} of {plugins.package(group, name)}')
    except Pose3DError as error:
        return Finding(_BAD if needed else _NOTE, subject, str(error))


def _models() -> Iterator[Finding]:
    models = shipped_models()
    for name, path in models.items():
        yield Finding(_OK, 'model', f'{name}: {path}')
    if not models:
        yield Finding(_NOTE, 'model', 'none comes with this installation')


def _pipeline(config: PipelineConfig) -> Finding:
    try:
        pipeline = Pipeline.load(config=config)
    except Pose3DError as error:
        return Finding(_BAD, 'pipeline', str(error))
    facts = ', '.join(f'{key} {value}' for key, value in pipeline.describe().items())
    pipeline.close()
    return Finding(_OK, 'pipeline', facts)


def _ros() -> Iterator[Finding]:
    if not find_spec('rclpy'):
        text = 'there is no ROS 2 here: the Python API works, the node does not'
        yield Finding(_NOTE, 'ROS 2', text)
        return
    yield Finding(_OK, 'ROS 2', f'rclpy of {os.environ.get("ROS_DISTRO", "a Python package")}')
    yield _messages()
    yield _transport()


def _messages() -> Finding:
    try:
        import_module('pose3d_ros.msg')
        return Finding(_OK, 'messages', 'pose3d_ros.msg can be imported')
    except ImportError as error:
        text = f'pose3d_ros.msg cannot be imported ({error}): build with colcon, or `make setup`'
        return Finding(_BAD, 'messages', text)


def _transport() -> Finding:
    named = next((os.environ[name] for name in _PROFILE_VARIABLES if name in os.environ), None)
    if named is None:
        ours = shipped_files('config', '.xml').get('fastdds_shm')
        text = (
            f'no profile is active, large images may be lost: set {_PROFILE_VARIABLES[1]}={ours}'
        )
        return Finding(_NOTE, 'transport', text)
    try:
        segment = _segment(Path(named))
    except (OSError, ET.ParseError, ValueError) as error:
        return Finding(_BAD, 'transport', f'the profile {named} cannot be read: {error}')
    if segment < _SEGMENT:
        text = f'the profile {named} gives images less than {_SEGMENT >> 20} MiB of shared memory'
        return Finding(_NOTE, 'transport', text)
    return Finding(_OK, 'transport', f'{named}: {segment >> 20} MiB of shared memory')


def _segment(profile: Path) -> int:
    """Return the size of the largest shared-memory segment of a Fast DDS profile [bytes]."""
    elements = ET.parse(profile).iter()  # noqa: S314 - the user's own file
    sizes = (each.text for each in elements if each.tag.rpartition('}')[2] == 'segment_size')
    return max((int(size or 0) for size in sizes), default=0)
