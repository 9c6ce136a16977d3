"""Runner: starts the demo's three processes, waits for the footage to end, and cleans up."""

import argparse
import contextlib
import sys
import time
from pathlib import Path

import rclpy  # noqa: F401 without ROS 2 the processes need not be started

from pose3d_ros.ros.demo.domain import reserved_domain
from pose3d_ros.ros.demo.footage import demo_clip, open_footage
from pose3d_ros.ros.demo.processes import GRACE_S, environment_of, process_of
from pose3d_ros.ros.parameters import ros_words

__all__ = ['add_arguments', 'run']

_POLL_S = 0.1  # between two looks at the processes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the demo can be asked for."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument('--video', help='a video file instead of the clip that comes along')
    source.add_argument('--camera', help='the number of a camera; Ctrl-C ends')
    parser.add_argument('--estimator', default='volumetric', help='who estimates')
    parser.add_argument('--out', type=Path, default=Path('out/demo'), help='where pictures go')


def run(arguments: argparse.Namespace) -> int:
    """Run the demo; return 0 if at least 95 % of the images were answered.

    Raises:
        DataError: There is nothing to show.
    """
    footage = open_footage(arguments.camera or arguments.video or str(demo_clip()))
    arguments.out.mkdir(parents=True, exist_ok=True)
    film = str(arguments.out / 'camera.mp4') if footage.is_device else footage.source
    settings: dict[str, object] = {'estimator': arguments.estimator}
    if footage.truth is None:
        settings['info_timeout'] = 0.0  # no calibration will come
    node = ['node', *ros_words(settings), '-r', 'image_raw:=/camera/image_raw']
    listener = ['demo.listener', film, '--out', str(arguments.out)]
    camera = ['demo.camera', footage.source, *(['--record', film] if footage.is_device else [])]
    return _run(node, listener, camera)


def _run(*commands: list[str]) -> int:
    """Run the node, the listener and the camera until the listener has reported.

    Returns:
        The exit code of the listener, or that of another process which failed before.
    """
    with contextlib.ExitStack() as stack:
        environment = environment_of(stack.enter_context(reserved_domain()))
        node, listener, camera = (
            stack.enter_context(process_of(command, environment)) for command in commands
        )
        try:
            while listener.poll() is None:
                if node.poll() is not None:
                    print('demo: the node has ended before the camera', file=sys.stderr)
                    return node.returncode or 1
                if camera.poll():
                    return int(camera.returncode)
                time.sleep(_POLL_S)
        except KeyboardInterrupt:  # the others were interrupted as well; the listener reports
            listener.wait(GRACE_S)
        return int(listener.returncode)
