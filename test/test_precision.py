"""Precisions: which of a model file and its twins is run, and twins that do not belong to it."""

import hashlib
from pathlib import Path

import dots
import numpy as np
import onnx
import pytest

from pose3d_ros import precision
from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import ModelFileError
from pose3d_ros.model_estimator import ModelEstimator
from pose3d_ros.model_file import shipped_models
from pose3d_ros.shipped import shipped_files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return dots.write_model(tmp_path / 'dots.onnx')


def write_twin(path: Path, kind: str, source: bytes | None = None) -> Path:
    """Write a twin that is a copy and says that it was made from these bytes."""
    model = onnx.load(path)
    digest = hashlib.sha256(path.read_bytes() if source is None else source).hexdigest()
    facts = {each.key: each.value for each in model.metadata_props}
    onnx.helper.set_model_props(model, {**facts, precision.SOURCE_KEY: digest})
    onnx.save(model, precision.twin(path, kind))
    return precision.twin(path, kind)


def ran(path: Path, **settings: object) -> Path:
    estimator = ModelEstimator(path, PipelineConfig(**settings))
    estimator.close()
    return estimator.file.path


def test_a_file_without_twins_runs_itself(path: Path) -> None:
    assert ran(path) == path


def test_the_fastest_twin_for_the_processor_runs_by_default(path: Path) -> None:
    write_twin(path, 'fp16')
    assert ran(path) == path
    assert ran(path) == path.with_name('dots.onnx')
    integers = write_twin(path, 'int8')
    assert ran(path) == integers


@pytest.mark.parametrize('kind', precision.TWINS)
def test_a_precision_can_be_asked_for_by_name(path: Path, kind: str) -> None:
    twins = {each: write_twin(path, each) for each in precision.TWINS}
    assert ran(path, precision=kind) == twins[kind]
    assert ran(path, precision='fp32') == path


def test_a_twin_that_is_missing_is_named_with_what_makes_it(path: Path) -> None:
    with pytest.raises(ModelFileError, match=r'dots_fp16\.onnx: `pose3d convert .*dots\.onnx'):
        ran(path, precision='fp16')


def test_a_twin_of_an_older_model_is_refused(path: Path) -> None:
    write_twin(path, 'int8', source=b'an older model')
    with pytest.raises(ModelFileError, match=r'dots_int8\.onnx was not made from .*dots\.onnx'):
        ran(path)
    assert ran(path, precision='fp32') == path


def test_a_twin_that_does_not_say_where_it_comes_from_is_refused(path: Path) -> None:
    precision.twin(path, 'int8').write_bytes(path.read_bytes())
    with pytest.raises(ModelFileError, match='was not made from'):
        ran(path)


def test_a_twin_is_no_model_of_its_own(path: Path) -> None:
    twin = write_twin(path, 'fp16')
    assert precision.is_twin(twin)
    assert not precision.is_twin(path)
    path.unlink()
    assert not precision.is_twin(twin)


def test_every_shipped_model_has_its_twins() -> None:
    files = shipped_files('models', '.onnx').values()
    for path in shipped_models().values():
        for kind in precision.TWINS:
            assert precision.twin(path, kind) in files


@pytest.mark.parametrize('name', shipped_models())
def test_mirror_averaging_can_be_switched_off(name: str) -> None:
    path = shipped_models()[name]
    crops = np.random.default_rng(5).integers(0, 256, (1, 128, 128, 3), np.uint8)
    found = {}
    for wanted in (True, False):
        estimator = ModelEstimator(path, PipelineConfig(mirror_averaging=wanted))
        assert estimator.file.mirror_averaging
        assert estimator.describe()['mirror averaging'] == ('on' if wanted else 'off')
        found[wanted] = [estimator(crops), estimator(crops[:, :, ::-1].copy())]
        estimator.close()
    order = list(estimator.skeleton.mirror)
    here, there = found[True]
    np.testing.assert_allclose(here.pixels[..., 0], 127 - there.pixels[:, order, 0], atol=1e-3)
    np.testing.assert_allclose(here.depth, there.depth[:, order], atol=1e-4)
    alone = found[False][0]
    assert np.abs(alone.pixels - here.pixels).max() > 1e-3
