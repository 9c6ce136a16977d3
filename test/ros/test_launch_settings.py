"""What the arguments of a launch file mean as parameters."""

from typing import Any

import pytest

from pose3d_ros.config import NodeConfig
from pose3d_ros.options import Config, options
from pose3d_ros.ros.launch_settings import settings_given
from pose3d_ros.teleoperation.config import TeleopConfig


def given(config_class: type[Config], **words: str) -> Any:
    return settings_given(
        {option.name: '' for option in options(config_class)} | words, config_class
    )


@pytest.mark.parametrize('config_class', [NodeConfig, TeleopConfig])
def test_what_is_not_given_is_left_to_the_node(config_class: type[Config]) -> None:
    assert given(config_class) == {}


def test_words_get_the_kind_of_their_setting() -> None:
    found = given(TeleopConfig, rate='50', require_deadman='false', person='first', max_age='0.2')
    assert found == {'rate': 50.0, 'require_deadman': False, 'person': 'first', 'max_age': 0.2}
    assert isinstance(found['rate'], float)
    assert found['require_deadman'] is False
    assert given(NodeConfig, cameras='[front, rear]') == {'cameras': ['front', 'rear']}
    assert given(NodeConfig, fov_deg='60') == {'fov_deg': 60.0}
