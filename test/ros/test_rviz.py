"""The view of RViz shows what the node publishes. RViz itself is not started."""

from pathlib import Path
from typing import Any

import pytest
import yaml

CONFIG = Path(__file__).parents[2] / 'config' / 'pose3d.rviz'


@pytest.fixture(scope='module')
def displays() -> dict[str, dict[str, Any]]:
    """Return the displays by their class."""
    view = yaml.safe_load(CONFIG.read_text())['Visualization Manager']
    assert view['Global Options']['Fixed Frame'] == 'camera_optical_frame'  # the demo camera's
    return {each['Class'].split('/')[1]: each for each in view['Displays'] if each['Enabled']}


def test_image_markers_and_frames_with_axes_are_shown(displays: dict[str, dict[str, Any]]) -> None:
    assert {'Image', 'MarkerArray', 'TF'} <= set(displays)
    assert displays['TF']['Show Axes']
    assert displays['MarkerArray']['Topic']['Value'] == '/pose3d/markers'
    assert displays['Image']['Topic']['Value'] == '/camera/image_raw'


def test_topics_are_subscribed_as_they_are_published(displays: dict[str, dict[str, Any]]) -> None:
    assert displays['Image']['Topic']['Reliability Policy'] == 'Best Effort'  # as cameras publish
    for display in ('Image', 'MarkerArray'):
        assert displays[display]['Topic']['Durability Policy'] == 'Volatile'
