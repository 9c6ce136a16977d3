"""`pose3d teleop-demo`: starts all processes of the teleoperation demo, and plays the piece."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import rclpy

from pose3d_ros.ros.demo.domain import reserved_domain
from pose3d_ros.ros.demo.footage import demo_clip
from pose3d_ros.ros.demo.processes import GRACE_S, environment_of, process_of
from pose3d_ros.ros.demo.teleop.director import Director, Disappointment, direct
from pose3d_ros.ros.parameters import ros_words
from pose3d_ros.ros.teleop.node import robot_map
from pose3d_ros.teleoperation.config import TeleopConfig

__all__ = ['add_arguments', 'run']

_PAUSE_S = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the demo can be asked for."""
    parser.add_argument('--video', default=str(demo_clip()), help='a clip with its truth beside')
    parser.add_argument('--mapping', default='teleop_two_arms', help='the robot')
    parser.add_argument('--joint', default='left_elbow_joint', help='follows the left elbow')
    parser.add_argument(
        '--following', type=float, default=8.0, help='time between two failures [s] (default 8)'
    )
    parser.add_argument(
        '--max-age', type=float, default=TeleopConfig().max_age, help='of an image [s]'
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the demo; return 0 if all went as it must, and no command was wrong."""
    robot_map(arguments.mapping)  # say what is wrong before anything starts
    config = TeleopConfig()
    with contextlib.ExitStack() as stack:
        surroundings = environment_of(stack.enter_context(reserved_domain()))

        def start(module: str, *words: str) -> subprocess.Popen[bytes]:
            return stack.enter_context(process_of([module, *words], surroundings))

        pose = ros_words({'remember': 0.0})  # whoever comes back is somebody else
        pose += ['-r', 'image_raw:=/camera/image_raw']
        teleop = ros_words({'mapping': arguments.mapping, 'max_age': arguments.max_age})
        times = ['--max-age', str(arguments.max_age)]
        times += ['--deadman-timeout', str(config.deadman_timeout)]
        listener = start('demo.teleop.listener', arguments.mapping, *times)
        start('demo.teleop.robot', arguments.mapping)
        processes = {'pose': start('node', *pose).pid}
        processes['teleop'] = start('teleop.node', *teleop).pid
        start('demo.teleop.stage', str(Path(arguments.video)))
        went_well = _played(arguments, processes, int(surroundings['ROS_DOMAIN_ID']))
        listener.wait(GRACE_S)
        return 0 if went_well and listener.returncode == 0 else 1


def _played(arguments: argparse.Namespace, processes: dict[str, int], domain: int) -> bool:
    """Play the piece, and cue its end; return whether everything happened that should."""
    os.environ.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    rclpy.init(args=[], domain_id=domain)
    director = Director(processes)
    try:
        direct(director, joint=arguments.joint, following_s=arguments.following, pause_s=_PAUSE_S)
    except Disappointment as disappointment:
        print(f'teleop-demo: {disappointment}', file=sys.stderr)
        return False
    else:
        return True
    finally:
        for process in processes.values():
            os.kill(process, signal.SIGCONT)
        director.cue('end')
        director.wait(_PAUSE_S)
        director.destroy_node()
        rclpy.try_shutdown()
