"""The command `pose3d`: one module of this folder for each sub-command.

Each module has `add_arguments(parser)` and `run(arguments)`, which returns the exit code. Only
the module of the sub-command that is run is imported.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from importlib import import_module

from pose3d_ros.errors import Pose3DError

__all__ = ['COMMANDS', 'main']

COMMANDS = {
    'demo': 'watch a camera, the node and a listener work together, and compare with the truth',
    'teleop-demo': 'watch a simulated robot follow a person while everything around it fails',
    'node': 'run the ROS 2 node',
    'image': 'find the people in a picture',
    'video': 'follow the people through a video file',
    'list': 'list the installed estimators, detectors, runtimes and models',
    'doctor': 'say what is installed, and whether it works',
    'bench': 'measure how long each stage takes on this machine',
    'selftest': 'compare a runtime with the model on this machine, and measure it, for a report',
    'render': 'render people with exact labels',
    'train': 'train an estimator on rendered people',
    'evaluate': 'measure the accuracy of an estimator',
    'ablate': 'compare the methods as their papers do',
    'export': 'write a trained estimator as a model file',
    'convert': 'write the twin of a model file in half precision or 8-bit integers',
}

_REMEDIES = {
    'numba': "pip install 'pose3d_ros[render]'",
    'onnx': "pip install 'pose3d_ros[training]'",
    'rclpy': 'this needs ROS 2: source its setup.bash, or `make setup`',
    'torch': "pip install 'pose3d_ros[training]'",
}


def main(words: Sequence[str] | None = None) -> int:
    """Run a sub-command and return the exit code: 0 for success, 1 for an error that it tells.

    Args:
        words: The command line without the program's name; None for that of the process.
    """
    words = sys.argv[1:] if words is None else words
    logging.basicConfig(format='pose3d: %(message)s')
    logging.getLogger('pose3d_ros').setLevel(logging.INFO)
    parser = argparse.ArgumentParser(
        prog='pose3d', description="Metric 3D human skeletons from a robot's camera images."
    )
    commands = parser.add_subparsers(dest='command', metavar='COMMAND', required=True)
    chosen = next((word for word in words if word in COMMANDS), None)
    try:
        module = import_module(f'{__name__}.{chosen.replace("-", "_")}') if chosen else None
    except ModuleNotFoundError as error:
        return _missing(error, chosen)
    for name, meaning in COMMANDS.items():
        command = commands.add_parser(name, help=meaning, description=f'{meaning.capitalize()}.')
        if module and name == chosen:
            module.add_arguments(command)
    arguments = parser.parse_args(words)
    try:
        return int(module.run(arguments)) if module else 1
    except Pose3DError as error:
        reason = str(error)
    except ModuleNotFoundError as error:
        return _missing(error, chosen)
    print(f'pose3d {arguments.command}: {reason}', file=sys.stderr)
    return 1


def _missing(error: ModuleNotFoundError, command: str | None) -> int:
    """Say how to get a library that is not installed."""
    remedy = _REMEDIES.get((error.name or '').partition('.')[0])
    if remedy is None:
        raise error
    print(f'pose3d {command}: {error}: {remedy}', file=sys.stderr)
    return 1
