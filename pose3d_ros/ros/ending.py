"""Ending: how a process that spins ends when it is asked to."""

from collections.abc import Iterator
from contextlib import contextmanager

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.impl.implementation_singleton import rclpy_implementation

__all__ = ['when_asked']


@contextmanager
def when_asked() -> Iterator[None]:
    """Take what spinning raises on Ctrl-C, SIGTERM or a shutdown for the end of the block."""
    try:
        yield
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    except rclpy_implementation.RCLError:  # a signal may end the context in the midst of a spin
        if rclpy.ok():
            raise
