"""What the tests of the runtimes share: stand-ins for a GPU and for TensorRT."""

import sys
import types
from collections.abc import Iterator
from pathlib import Path

import dots
import pytest
from runtimes import standins

from pose3d_ros.config import PipelineConfig
from pose3d_ros.runtimes import cuda


@pytest.fixture(scope='session')
def driver_library(tmp_path_factory: pytest.TempPathFactory) -> standins.StandIn:
    return standins.StandIn(standins.build_driver(tmp_path_factory.mktemp('driver')))


@pytest.fixture
def driver(
    driver_library: standins.StandIn, monkeypatch: pytest.MonkeyPatch
) -> Iterator[standins.StandIn]:
    """A GPU; whatever a test makes on it, it must give back."""
    driver_library.reset()
    before = driver_library.live
    make = cuda.Device.__init__
    monkeypatch.setattr(
        cuda.Device, '__init__', lambda self: make(self, driver_library.path), raising=True
    )
    yield driver_library
    assert driver_library.live == before


@pytest.fixture(params=standins.SURFACES)
def tensorrt(
    request: pytest.FixtureRequest, driver: standins.StandIn, monkeypatch: pytest.MonkeyPatch
) -> types.ModuleType:
    """TensorRT in each of the recorded releases."""
    module = standins.make_tensorrt(request.param, driver)
    monkeypatch.setitem(sys.modules, 'tensorrt', module)
    return module


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return dots.write_model(tmp_path / 'dots.onnx')


@pytest.fixture
def config(tmp_path: Path) -> PipelineConfig:
    return PipelineConfig(engine_folder=str(tmp_path / 'engines'))
