"""docs/robot.md says what the code does."""

import re
from pathlib import Path

import pytest

from pose3d_ros.human_model import ANGLES, LINKS
from pose3d_ros.ros.humans import _TOPICS

TEXT = (Path(__file__).parents[1] / 'docs' / 'robot.md').read_text()
AXES = {'x': (1, 0, 0), 'y': (0, 1, 0), 'z': (0, 0, 1)}


def test_the_table_has_all_angles_in_order_with_their_links_and_axes() -> None:
    rows = re.findall(r'^\| `(\w+)` \| `(\w+)` \| `(\w+)` \| (-?)([xyz]) \|', TEXT, re.MULTILINE)
    found = [
        (angle, name, parent, tuple(int(f'{sign}{value}') for value in AXES[axis]))
        for angle, name, parent, sign, axis in rows
    ]
    assert found == [(e.angle, e.name, e.parent, e.axis) for e in LINKS if e.angle]
    assert len(found) == len(ANGLES)


@pytest.mark.parametrize('name', _TOPICS)
def test_every_topic_of_a_body_is_described(name: str) -> None:
    assert f'/{name}`' in TEXT
