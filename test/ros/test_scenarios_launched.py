"""The scenarios with a node that ROS 2's launch has started, through the package's launch file."""

import json
import tempfile
import unittest
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from processes import client_of
from scenarios import SCENARIOS

from pose3d_ros.ros.demo.domain import reserved_domain

pytest.importorskip(
    'launch_testing', reason="ROS 2's launch and launch_testing are not installed (not on PyPI)"
)
import launch_testing
import launch_testing.actions
import launch_testing.asserts
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription, SetEnvironmentVariable
from launch.substitutions import PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare

FAST = {'estimator': 'constant', 'diagnostics_period': 0.1}


@pytest.mark.launch_test
@pytest.mark.ros
@launch_testing.parametrize('name', [scenario.name for scenario in SCENARIOS])
def generate_test_description(name: str) -> tuple[LaunchDescription, dict[str, Any]]:
    """Return the node as a user launches it, in a ROS domain of its own."""
    scenario = next(each for each in SCENARIOS if each.name == name)
    stack = ExitStack()  # is closed by the test
    domain = stack.enter_context(reserved_domain())
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    settings = {**FAST, **scenario.parameters(folder)}
    arguments = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in settings.items()
    }
    share = FindPackageShare('pose3d_ros')
    description = LaunchDescription(
        [
            SetEnvironmentVariable('ROS_DOMAIN_ID', str(domain)),
            IncludeLaunchDescription(
                PathJoinSubstitution([share, 'launch', 'pose3d.launch.py']),
                launch_arguments=arguments.items(),
            ),
            launch_testing.actions.ReadyToTest(),
        ]
    )
    return description, {'scenario': scenario, 'domain': domain, 'stack': stack}


class TestWhileItRuns(unittest.TestCase):
    def test_scenario(
        self, scenario: Any, domain: int, stack: ExitStack, proc_info: Any, proc_output: Any
    ) -> None:
        def is_alive() -> bool:
            return not any(hasattr(each, 'returncode') for each in proc_info)

        def read_log() -> str:
            return b''.join(each.text for each in proc_output).decode()

        with stack, client_of(domain, is_alive, read_log) as client:
            scenario.play(client)


@launch_testing.post_shutdown_test()
class TestAfterwards(unittest.TestCase):
    def test_the_node_ends_without_an_error(self, proc_info: Any) -> None:
        launch_testing.asserts.assertExitCodes(proc_info)
