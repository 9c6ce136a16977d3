"""`pose3d bench`: how fast everything is on this machine.

Each module measures one thing: `stages` the pipeline, `peer` another program beside it, `roofline`
the network against the processor, `cameras` and `overhead` the node.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from pose3d_ros.cli.bench import cameras, overhead, peer, roofline, stages
from pose3d_ros.cli.settings import add_settings
from pose3d_ros.config import PipelineConfig

__all__ = ['add_arguments', 'run']

_SETTINGS = (
    'estimator',
    'model',
    'runtime',
    'device',
    'precision',
    'threads',
    'mirror_averaging',
    'engine_folder',
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add how much to measure, and what."""
    what = parser.add_argument_group('what to measure; the pipeline by stages if nothing is named')
    what.add_argument('--against', choices=['mediapipe'], help='another program, image by image')
    what.add_argument(
        '--roofline', action='store_true', help='the network against what the processor can do'
    )
    what.add_argument('--ros', action='store_true', help='what the node adds to the pipeline')
    what.add_argument(
        '--cameras',
        type=int,
        default=0,
        metavar='N',
        help='the node (ROS 2) with N cameras at 30 Hz, one of which is killed',
    )
    parser.add_argument(
        '--images', type=int, default=200, metavar='N', help='how many to measure (default 200)'
    )
    parser.add_argument(
        '--people',
        type=int,
        nargs='+',
        default=[1],
        metavar='N',
        help='how many people are in an image (default 1)',
    )
    parser.add_argument(
        '--runtimes', nargs='+', metavar='NAME', help='several to compare, instead of --runtime'
    )
    parser.add_argument(
        '--peer-python',
        type=Path,
        default=Path('build/mediapipe/bin/python'),
        metavar='PATH',
        help='with --against: the Python that has it (default build/mediapipe/bin/python)',
    )
    parser.add_argument(
        '--seconds',
        type=float,
        default=20.0,
        metavar='S',
        help='with --cameras: how long to measure with all, and without one (default 20)',
    )
    parser.add_argument('--picture', type=Path, metavar='FILE', help='draw the stages as bars')
    parser.add_argument('--json', action='store_true', help='print JSON')
    add_settings(parser, PipelineConfig, _SETTINGS)


def run(arguments: argparse.Namespace) -> int:
    """Print what was measured."""
    if arguments.cameras:
        settings = {name: value for name, value in vars(arguments).items() if name in _SETTINGS}
        return cameras.run(arguments, settings)
    measure = (
        peer.run
        if arguments.against
        else roofline.run
        if arguments.roofline
        else overhead.run
        if arguments.ros
        else stages.run
    )
    load = os.getloadavg()[0]
    report, text = measure(arguments)
    machine: dict[str, Any] = {'cores': os.cpu_count(), 'load_before': round(load, 1)}
    if arguments.json:
        print(json.dumps({**report, **machine}))
    else:
        print(text)
        print(', '.join(f'{name} {value}' for name, value in machine.items()))
    return 0
