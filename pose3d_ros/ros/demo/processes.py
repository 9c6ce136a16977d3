"""Processes: modules of this package, each run as a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import rclpy
from rclpy.context import Context

from pose3d_ros.ros.demo.domain import reserved_domain
from pose3d_ros.shipped import shipped_files

__all__ = ['GRACE_S', 'environment_of', 'joined_domain', 'process_of']

GRACE_S = 20.0
"""Between asking a process to end and ending it [s]."""


@contextmanager
def process_of(
    command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module of `pose3d_ros.ros` as a process, and end it in the end.

    Args:
        command: Name of the module, then its arguments.
        environment: Of the process.
    """
    module, *arguments = command
    process = subprocess.Popen(  # noqa: S603 our own modules
        [sys.executable, '-m', f'pose3d_ros.ros.{module}', *arguments], env=environment
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def environment_of(domain: int) -> dict[str, str]:
    """Return an environment in which images travel through large shared memory.

    Args:
        domain: The ROS domain, if the environment does not say.
    """
    profile = str(shipped_files('config', '.xml')['fastdds_shm'])
    ours = {
        'FASTRTPS_DEFAULT_PROFILES_FILE': profile,
        'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        'ROS_DOMAIN_ID': str(domain),
    }
    return {**ours, **os.environ}


@contextmanager
def joined_domain() -> Iterator[tuple[dict[str, str], Context]]:
    """Reserve a ROS domain, and join it with this process.

    Yields:
        The environment of the processes that belong there, and the context of nodes in this one.
    """
    with reserved_domain() as domain:
        environment = environment_of(domain)
        os.environ.update(environment)  # of this process as well
        context = Context()
        rclpy.init(args=[], context=context, domain_id=int(environment['ROS_DOMAIN_ID']))
        try:
            yield environment, context
        finally:
            rclpy.shutdown(context=context)
