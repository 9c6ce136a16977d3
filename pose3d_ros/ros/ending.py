"""Ending: how a process that spins ends when it is asked to."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node

__all__ = ['requests_to_end', 'ros_until_asked']


@contextmanager
def ros_until_asked(args: Sequence[str] | None = None) -> Iterator[Callable[[Node], None]]:
    """Have ROS in the block; Ctrl-C, SIGTERM or a shutdown ends what spins there, as its end.

    A second Ctrl-C does not wait for what runs.

    Args:
        args: The command line for ROS; None for that of the process.

    Yields:
        What does a node's work until the end. Its executor is there from the beginning: that which
        rclpy shares may be gone again before it begins, if the request comes just then.
    """
    # Python's own handler would raise a KeyboardInterrupt wherever the process is: in the midst of
    # taking a message, rclpy turns it into an error of another kind. rclpy's calls this one first.
    signal.signal(signal.SIGINT, _make_next_one_interrupt)
    rclpy.init(args=None if args is None else list(args))
    executor = SingleThreadedExecutor()
    try:
        yield lambda node: rclpy.spin(node, executor)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    except rclpy_implementation.RCLError:  # a signal may end the context in the midst of a spin
        if rclpy.ok():
            raise
    finally:
        rclpy.try_shutdown()


def requests_to_end() -> threading.Event:
    """Return what Ctrl-C and SIGTERM set from now on, instead of ending the process."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: asked.set())
    return asked


def _make_next_one_interrupt(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.default_int_handler)
