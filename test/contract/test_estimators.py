"""What every installed estimator promises: see `pose3d_ros.estimator.Estimator`."""

from pathlib import Path

import dots
import numpy as np
import pytest

from pose3d_ros import plugins
from pose3d_ros.config import PipelineConfig
from pose3d_ros.estimator import Estimator
from pose3d_ros.shipped import shipped_files

DOTS = 'volumetric over a file of dots'


@pytest.fixture(params=[*plugins.names(plugins.ESTIMATORS), DOTS], scope='module')
def estimator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):  # noqa: ANN201
    if request.param == DOTS:
        path = dots.write_model(Path(tmp_path_factory.mktemp('dots')) / 'dots.onnx')
        config = PipelineConfig(estimator='volumetric', model=str(path))
    else:
        config = PipelineConfig(estimator=request.param)
    ours = {'volumetric', 'ordinal', 'compositional', 'coordinate', 'lifting'}
    if config.estimator in ours - shipped_files('models', '.onnx').keys() and not config.model:
        pytest.skip('the model does not ship yet')
    estimator = plugins.load(plugins.ESTIMATORS, config.estimator)(config)
    yield estimator
    estimator.close()


@pytest.fixture
def crops(estimator: Estimator) -> np.ndarray:
    width, height = estimator.input_size
    crops = np.random.default_rng(3).integers(0, 256, (3, height, width, 3), np.uint8)
    crops[1] = 128
    return crops


def fields(estimates: object) -> dict[str, np.ndarray]:
    return {name: getattr(estimates, name) for name in type(estimates).__dataclass_fields__}


def test_it_says_what_it_is(estimator: Estimator) -> None:
    assert estimator.name
    assert all(isinstance(side, int) and side > 0 for side in estimator.input_size)
    assert estimator.crop_margin > 0
    assert isinstance(estimator.digest, str)
    for key, value in estimator.describe().items():
        assert isinstance(key, str)
        assert isinstance(value, str)


@pytest.mark.parametrize('count', [0, 1, 3])
def test_estimates_have_one_row_per_crop(
    estimator: Estimator, crops: np.ndarray, count: int
) -> None:
    joints = len(estimator.skeleton.joints)
    estimates = estimator(crops[:count])
    assert len(estimates) == count
    for name, shape in {
        'pixels': (count, joints, 2),
        'depth': (count, joints),
        'confidence': (count, joints),
        'presence': (count,),
    }.items():
        values = getattr(estimates, name)
        assert values.shape == shape
        assert values.dtype == np.float32


def test_all_numbers_are_finite_and_probabilities_are_probabilities(
    estimator: Estimator, crops: np.ndarray
) -> None:
    estimates = estimator(crops)
    for values in fields(estimates).values():
        assert np.isfinite(values).all()
    for probability in (estimates.confidence, estimates.presence):
        assert ((probability >= 0) & (probability <= 1)).all()


def test_depth_is_relative_to_the_root(estimator: Estimator, crops: np.ndarray) -> None:
    np.testing.assert_allclose(estimator(crops).depth[:, estimator.skeleton.root], 0, atol=1e-3)


def test_a_batch_gives_what_its_crops_give_alone(estimator: Estimator, crops: np.ndarray) -> None:
    together = fields(estimator(crops))
    for index in range(len(crops)):
        for name, values in fields(estimator(crops[index : index + 1])).items():
            np.testing.assert_allclose(together[name][index], values[0], atol=1e-3, rtol=1e-3)


def test_the_same_crop_gives_the_same_twice(estimator: Estimator, crops: np.ndarray) -> None:
    again = fields(estimator(crops))
    for name, values in fields(estimator(crops)).items():
        np.testing.assert_array_equal(values, again[name])


def test_the_crops_stay_as_they_are(estimator: Estimator, crops: np.ndarray) -> None:
    before = crops.copy()
    estimator(crops)
    np.testing.assert_array_equal(crops, before)


def test_later_estimates_leave_earlier_ones_alone(estimator: Estimator, crops: np.ndarray) -> None:
    estimates = estimator(crops)
    before = {name: values.copy() for name, values in fields(estimates).items()}
    estimator(crops[::-1].copy())
    for name, values in fields(estimates).items():
        np.testing.assert_array_equal(values, before[name])
