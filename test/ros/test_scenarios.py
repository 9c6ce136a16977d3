"""The scenarios with a node in a plain process, for which nothing but rclpy is needed."""

from pathlib import Path

import pytest
from processes import running_node
from scenarios import SCENARIOS, Scenario

pytestmark = pytest.mark.ros


@pytest.mark.parametrize('scenario', SCENARIOS, ids=lambda each: each.name)
def test_scenario(scenario: Scenario, tmp_path: Path) -> None:
    with running_node(tmp_path, **scenario.parameters(tmp_path)) as client:
        scenario.play(client)
