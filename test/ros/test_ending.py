"""How processes end: what runs is not interrupted, what spins ends."""

import os
import subprocess
import sys
import textwrap

import pytest
from processes import DEADLINE_S, reserved_domain

pytestmark = pytest.mark.ros


def said_by(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a ROS domain of its own and return what it said."""
    with reserved_domain() as domain:
        return subprocess.run(
            [sys.executable, '-c', textwrap.dedent(program)],
            env={**os.environ, 'ROS_DOMAIN_ID': str(domain)},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )


@pytest.mark.parametrize('name', ['SIGINT', 'SIGTERM'])
def test_a_request_lets_what_runs_be_and_ends_what_spins(name: str) -> None:
    """A message that is taken just then is taken to its end: else rclpy raises another error."""
    end = said_by(f"""
        import signal
        import rclpy
        from pose3d_ros.ros.ending import ros_until_asked

        with ros_until_asked([]) as spin:
            node = rclpy.create_node('spinning')
            signal.raise_signal(signal.{name})
            print('not interrupted')
            spin(node)
        print('ended')
    """)
    assert (end.returncode, end.stdout) == (0, 'not interrupted\nended\n'), end.stderr


def test_a_shutdown_before_the_work_begins_is_its_end() -> None:
    """A request may come between the making of a node and its first callback."""
    end = said_by("""
        import rclpy
        from pose3d_ros.ros.ending import ros_until_asked

        with ros_until_asked([]) as spin:
            node = rclpy.create_node('spinning')
            rclpy.shutdown()
            spin(node)
        print('ended')
    """)
    assert (end.returncode, end.stdout) == (0, 'ended\n'), end.stderr


def test_a_second_ctrl_c_does_not_wait() -> None:
    """A robot's operator gets rid of a node that builds an engine for minutes."""
    end = said_by("""
        import signal
        from pose3d_ros.ros.ending import ros_until_asked

        with ros_until_asked([]):
            signal.raise_signal(signal.SIGINT)
            print('not interrupted')
            signal.raise_signal(signal.SIGINT)
            print('never said')
        print('ended')
    """)
    assert (end.returncode, end.stdout) == (0, 'not interrupted\nended\n'), end.stderr


def test_an_error_of_what_spins_is_not_taken_for_the_end() -> None:
    """Only what a request causes is swallowed."""
    end = said_by("""
        from rclpy.impl.implementation_singleton import rclpy_implementation
        from pose3d_ros.ros.ending import ros_until_asked

        with ros_until_asked([]):
            raise rclpy_implementation.RCLError('a fault while all is well')
    """)
    assert end.returncode == 1
    assert 'a fault while all is well' in end.stderr


@pytest.mark.parametrize('name', ['SIGINT', 'SIGTERM'])
def test_who_has_a_report_to_write_takes_note_of_a_request(name: str) -> None:
    """Listeners write what they have heard when they are asked to end."""
    end = said_by(f"""
        import signal
        from pose3d_ros.ros.ending import requests_to_end

        asked = requests_to_end()
        print(asked.is_set())
        signal.raise_signal(signal.{name})
        print(asked.is_set())
    """)
    assert (end.returncode, end.stdout) == (0, 'False\nTrue\n'), end.stderr
