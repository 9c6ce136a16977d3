"""What every installed runtime promises: see `pose3d_ros.estimator.Runtime`."""

import json
from collections.abc import Iterator
from pathlib import Path

import dots
import numpy as np
import pytest

from pose3d_ros import plugins
from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import DeviceError, ModelFileError, PluginError
from pose3d_ros.estimator import Port, Runtime


@pytest.fixture(params=plugins.names(plugins.RUNTIMES))
def name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    path = dots.write_model(tmp_path / 'trial.onnx')
    try:
        plugins.load(plugins.RUNTIMES, request.param)(path, PipelineConfig()).close()
    except (DeviceError, PluginError) as error:
        if request.param == 'onnx':
            raise
        pytest.skip(str(error))
    return request.param


@pytest.fixture
def runtime(name: str, tmp_path: Path) -> Iterator[Runtime]:
    path = dots.write_model(tmp_path / 'dots.onnx')
    runtime = plugins.load(plugins.RUNTIMES, name)(path, PipelineConfig())
    yield runtime
    runtime.close()


def crops_with(joint: int, u: float, v: float, green: int) -> np.ndarray:
    crops = np.zeros((2, dots.SIZE, dots.SIZE, 3), np.uint8)
    crops[1, v - 1 : v + 2, u - 2 : u + 3] = (15 * (1 + joint), green, 255)
    return crops


def test_it_says_what_the_file_says(runtime: Runtime) -> None:
    size, joints = dots.SIZE, dots.JOINTS
    assert runtime.inputs == (Port('image', 'uint8', (None, size, size, 3)),)
    assert runtime.outputs == (
        Port('pixels', 'float32', (None, joints, 2)),
        Port('depth', 'float32', (None, joints)),
        Port('confidence', 'float32', (None, joints)),
        Port('presence', 'float32', (None,)),
    )
    assert json.loads(runtime.metadata['pose3d'])['method'] == 'volumetric'
    assert runtime.describe()


def test_it_computes_what_the_file_says(runtime: Runtime) -> None:
    values = runtime.run(crops_with(joint=5, u=40, v=100, green=255))
    np.testing.assert_allclose(values['pixels'][1, 5], (40, 100), atol=0.05)
    np.testing.assert_allclose(values['depth'][1, 5], dots.DEPTH_RANGE_M, atol=1e-3)
    np.testing.assert_allclose(values['confidence'][:, 5], (0, dots.CONFIDENCE), atol=1e-3)
    np.testing.assert_allclose(values['presence'], (0, 1 / dots.JOINTS), atol=1e-3)


def test_crops_need_not_be_contiguous(runtime: Runtime) -> None:
    crops = crops_with(joint=5, u=40, v=100, green=255)
    mirrored = runtime.run(crops[:, :, ::-1])
    np.testing.assert_allclose(mirrored['pixels'][1, 5], (dots.SIZE - 41, 100), atol=0.05)


def test_a_file_that_is_no_model_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / 'text.onnx'
    path.write_text('not a model')
    with pytest.raises(ModelFileError, match=r'text\.onnx'):
        plugins.load(plugins.RUNTIMES, name)(path, PipelineConfig())


@pytest.mark.parametrize('threads', [0, 1, 2])
def test_the_number_of_threads_changes_nothing_but_the_time(
    name: str, tmp_path: Path, threads: int
) -> None:
    path = dots.write_model(tmp_path / 'dots.onnx')
    runtime = plugins.load(plugins.RUNTIMES, name)(path, PipelineConfig(threads=threads))
    values = runtime.run(crops_with(joint=2, u=10, v=20, green=128))
    np.testing.assert_allclose(values['pixels'][1, 2], (10, 20), atol=0.05)
    runtime.close()
