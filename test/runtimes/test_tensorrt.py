"""The TensorRT runtime, in each recorded release, on stand-ins for TensorRT and the driver."""

import logging
import sys
import types
from dataclasses import replace
from pathlib import Path

import dots
import numpy as np
import pytest
from runtimes import standins

from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import DeviceError, EngineError, ModelFileError
from pose3d_ros.model_estimator import ModelEstimator
from pose3d_ros.runtimes.automatic import open_fastest
from pose3d_ros.runtimes.onnx import OnnxRuntime
from pose3d_ros.runtimes.tensorrt.runtime import TensorRTRuntime

RNG = np.random.default_rng(8)


def crops(count: int) -> np.ndarray:
    return RNG.integers(0, 256, (count, dots.SIZE, dots.SIZE, 3), np.uint8)


def assert_same(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> None:
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize('integrated', [False, True])
def test_it_computes_what_onnx_runtime_computes(
    tensorrt: types.ModuleType,
    driver: standins.StandIn,
    model: Path,
    config: PipelineConfig,
    integrated: bool,  # noqa: FBT001
) -> None:
    driver.reset(integrated=integrated)
    ours, theirs = TensorRTRuntime(model, config), OnnxRuntime(model, config)
    assert ours.inputs == theirs.inputs
    assert ours.outputs == theirs.outputs
    assert dict(ours.metadata) == dict(theirs.metadata)
    for count in (1, 2, 3, 1, 35):
        pictures = crops(count)
        assert_same(ours.run(pictures), theirs.run(pictures))
    assert tensorrt.__version__ in ours.describe()['runtime']
    ours.close()


def test_an_estimator_runs_on_it(
    tensorrt: types.ModuleType, model: Path, config: PipelineConfig
) -> None:
    estimator = ModelEstimator(model, replace(config, runtime='tensorrt'))
    assert estimator(crops(2)).pixels.shape == (2, 17, 2)
    assert tensorrt.builds == 1
    estimator.close()


def test_later_outputs_leave_earlier_ones_alone(
    tensorrt: types.ModuleType, model: Path, config: PipelineConfig
) -> None:
    del tensorrt
    runtime = TensorRTRuntime(model, config)
    first = runtime.run(crops(2))
    before = {name: values.copy() for name, values in first.items()}
    runtime.run(crops(2))
    assert_same(first, before)
    runtime.close()


def test_each_size_of_batch_is_recorded_once_and_then_replayed(
    tensorrt: types.ModuleType, driver: standins.StandIn, model: Path, config: PipelineConfig
) -> None:
    del tensorrt
    runtime = TensorRTRuntime(model, config)
    for count in (1, 2, 1, 2, 3, 4):
        runtime.run(crops(count))
    assert driver.calls.count('cuStreamBeginCapture_v2') == 3
    assert driver.calls.count('cuGraphLaunch') == 6
    first = driver.calls.index('cuMemcpyHtoDAsync_v2')
    assert (
        first < driver.calls.index('cuStreamBeginCapture_v2') < driver.calls.index('cuGraphLaunch')
    )
    runtime.close()


def test_it_runs_without_graphs_where_they_cannot_be_made(
    tensorrt: types.ModuleType,
    driver: standins.StandIn,
    model: Path,
    config: PipelineConfig,
    caplog: pytest.LogCaptureFixture,
) -> None:
    del tensorrt
    runtime, exact = TensorRTRuntime(model, config), OnnxRuntime(model, config)
    driver.fail('cuGraphInstantiateWithFlags')
    for pictures in (crops(1), crops(1)):
        assert_same(runtime.run(pictures), exact.run(pictures))
    assert 'runs without a CUDA graph: the call cuGraphInstantiateWithFlags' in caplog.text
    runtime.close()


def test_a_failing_call_is_named(
    tensorrt: types.ModuleType, driver: standins.StandIn, model: Path, config: PipelineConfig
) -> None:
    del tensorrt
    runtime = TensorRTRuntime(model, config)
    driver.fail('cuStreamSynchronize')
    with pytest.raises(DeviceError, match='the call cuStreamSynchronize of CUDA failed'):
        runtime.run(crops(1))
    driver.fail('')
    runtime.close()


def test_the_engine_is_built_while_configuring_with_progress(
    tensorrt: types.ModuleType,
    model: Path,
    config: PipelineConfig,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    runtime = TensorRTRuntime(model, config)
    assert tensorrt.builds == 1
    told = [record.message for record in caplog.records if '%' in record.message]
    assert told[0] == 'building the engine of dots.onnx: 12 %'
    assert told[-1] == 'building the engine of dots.onnx: 100 %'
    assert runtime.describe()['engine'].startswith('built, kept in')
    runtime.close()


def test_a_second_start_builds_nothing(
    tensorrt: types.ModuleType, model: Path, config: PipelineConfig
) -> None:
    for _ in range(2):
        runtime = TensorRTRuntime(model, config)
        runtime.close()
    assert tensorrt.builds == 1
    assert runtime.describe()['engine'].startswith('kept in')


def test_another_version_builds_anew(
    tensorrt: types.ModuleType, model: Path, config: PipelineConfig
) -> None:
    TensorRTRuntime(model, config).close()
    tensorrt.__version__ = '99.0.0'
    TensorRTRuntime(model, config).close()
    assert tensorrt.builds == 2


def test_what_was_measured_is_kept_for_the_next_build(
    tensorrt: types.ModuleType, model: Path, config: PipelineConfig
) -> None:
    del tensorrt
    TensorRTRuntime(model, config).close()
    dots.write_model(model, scale=0.5)
    TensorRTRuntime(model, config).close()
    (measured,) = Path(config.engine_folder).glob('timing-*.plan')
    assert measured.read_bytes() == b'measured measured '


def test_a_plan_cut_short_is_built_anew(
    tensorrt: types.ModuleType, model: Path, config: PipelineConfig
) -> None:
    TensorRTRuntime(model, config).close()
    (plan,) = Path(config.engine_folder).glob('dots-*.plan')
    plan.write_bytes(plan.read_bytes()[:-100])
    TensorRTRuntime(model, config).close()
    assert tensorrt.builds == 2


def test_a_model_that_tensorrt_cannot_read_is_refused_with_its_reason(
    tensorrt: types.ModuleType, model: Path, config: PipelineConfig
) -> None:
    tensorrt.refused = 'no importer for operator Dance'
    with pytest.raises(
        ModelFileError, match=r'dots\.onnx cannot be read by TensorRT: no importer'
    ):
        TensorRTRuntime(model, config)


def test_an_engine_that_cannot_be_built_is_an_error_with_its_reason(
    tensorrt: types.ModuleType, model: Path, config: PipelineConfig
) -> None:
    tensorrt.unbuildable = 'out of memory'
    for open_model in (TensorRTRuntime, open_fastest):
        with pytest.raises(
            EngineError, match=r'cannot build an engine of .*dots\.onnx: out of mem'
        ):
            open_model(model, config)


def test_an_open_folder_is_refused(
    tensorrt: types.ModuleType, model: Path, config: PipelineConfig
) -> None:
    folder = Path(config.engine_folder)
    folder.mkdir()
    folder.chmod(0o777)
    for open_model in (TensorRTRuntime, open_fastest):
        with pytest.raises(EngineError, match='others may write'):
            open_model(model, config)
    assert tensorrt.builds == 0


def test_a_file_that_is_no_model_is_refused(
    tensorrt: types.ModuleType, tmp_path: Path, config: PipelineConfig
) -> None:
    del tensorrt
    path = tmp_path / 'text.onnx'
    path.write_text('not a model')
    with pytest.raises(ModelFileError, match=r'text\.onnx'):
        TensorRTRuntime(path, config)


def old() -> types.ModuleType:
    module = types.ModuleType('tensorrt')
    module.__version__ = '8.6.1'
    return module


@pytest.fixture(
    params=[
        (None, 'TensorRT is not usable here: `import tensorrt`'),
        (old(), 'TensorRT 8.6.1 is too old: 10.3'),
    ]
)
def reason(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is said where TensorRT is missing, or too old."""
    module, reason = request.param
    monkeypatch.setitem(sys.modules, 'tensorrt', module)
    return reason


def test_without_tensorrt_auto_warns_and_tensorrt_by_name_fails(
    reason: str, model: Path, config: PipelineConfig, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(DeviceError, match=reason):
        TensorRTRuntime(model, config)
    estimator = ModelEstimator(model, replace(config, runtime='auto'))
    assert 'onnxruntime' in estimator.describe()['runtime']
    assert f'ONNX Runtime runs dots.onnx, because {reason}' in caplog.text
    estimator.close()


@pytest.mark.parametrize('tensorrt', ['10.3.0'], indirect=True)
def test_without_a_gpu_auto_warns_and_tensorrt_by_name_fails(
    tensorrt: types.ModuleType,
    driver: standins.StandIn,
    model: Path,
    config: PipelineConfig,
    caplog: pytest.LogCaptureFixture,
) -> None:
    del tensorrt
    driver.reset(gpus=0)
    with pytest.raises(DeviceError, match='no NVIDIA GPU here'):
        TensorRTRuntime(model, config)
    runtime = open_fastest(model, config)
    assert 'onnxruntime' in runtime.describe()['runtime']
    assert 'because there is no NVIDIA GPU here' in caplog.text
    runtime.close()


def test_auto_takes_tensorrt_where_it_is(
    tensorrt: types.ModuleType, model: Path, config: PipelineConfig
) -> None:
    runtime = open_fastest(model, config)
    assert tensorrt.__version__ in runtime.describe()['runtime']
    runtime.close()
