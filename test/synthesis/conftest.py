"""What the tests of the renderer share."""

import pytest

from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.person import People


@pytest.fixture(scope='session')
def body() -> Body:
    return Body.load()


@pytest.fixture(scope='session')
def people() -> People:
    return People()
