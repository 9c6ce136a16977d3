"""NVIDIA's own parser and builder, on every shipped model: needs `tensorrt-rtx`, but no GPU.

TensorRT for RTX has the interface of TensorRT, runs on x86 without a GPU as far as building, and
refuses to load engines without one. `make test-tensorrt` runs this in a venv of its own.
"""

import logging
from pathlib import Path

import pytest

from pose3d_ros.errors import ModelFileError
from pose3d_ros.model_file import shipped_models
from pose3d_ros.precision import twin
from pose3d_ros.runtimes.tensorrt.build import build_plan
from pose3d_ros.runtimes.tensorrt.library import find_tensorrt, make_logger

pytest.importorskip('tensorrt_rtx', reason='tensorrt-rtx is not installed: `make test-tensorrt`')

MODELS = list(shipped_models().values())


@pytest.fixture(scope='module')
def trt():  # noqa: ANN201
    return find_tensorrt('tensorrt_rtx')


@pytest.mark.parametrize('path', [*MODELS, *(twin(each, 'fp16') for each in MODELS)])
def test_every_shipped_model_becomes_a_plan(
    trt: object, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    built = build_plan(trt, make_logger(trt), path)
    assert len(built.plan) > path.stat().st_size / 4
    assert built.timing_cache
    assert f'building the engine of {path.name}: ' in caplog.text


@pytest.mark.parametrize('path', MODELS)
def test_what_was_measured_is_taken_again(trt: object, path: Path) -> None:
    first = build_plan(trt, make_logger(trt), path)
    again = build_plan(trt, make_logger(trt), path, first.timing_cache)
    assert again.plan


@pytest.mark.parametrize('path', MODELS)
def test_integers_for_cpus_are_refused_with_the_reason(trt: object, path: Path) -> None:
    with pytest.raises(ModelFileError, match=r'cannot be read by TensorRT: .*zero point'):
        build_plan(trt, make_logger(trt), twin(path, 'int8'))


def test_a_file_that_is_no_model_is_refused(trt: object, tmp_path: Path) -> None:
    path = tmp_path / 'text.onnx'
    path.write_text('not a model')
    with pytest.raises(ModelFileError, match=r'text\.onnx cannot be read by TensorRT'):
        build_plan(trt, make_logger(trt), path)
