"""Model files: what keeps the contract is read, all else is refused with the reason."""

import hashlib
import json
from pathlib import Path

import dots
import pytest

from pose3d_ros import model_file
from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import ConfigError, ModelFileError, PluginError
from pose3d_ros.methods.volumetric.estimator import VolumetricEstimator
from pose3d_ros.model_estimator import ModelEstimator
from pose3d_ros.skeleton import H36M_17


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / 'dots.onnx'


def refusal(path: Path) -> str:
    with pytest.raises(ModelFileError) as raised:
        ModelEstimator(path, PipelineConfig())
    message = str(raised.value)
    assert str(path) in message
    return message


def test_a_sound_file_says_what_it_is(path: Path) -> None:
    estimator = ModelEstimator(dots.write_model(path), PipelineConfig())
    assert estimator.name == 'volumetric'
    assert estimator.skeleton == H36M_17
    assert estimator.input_size == (dots.SIZE, dots.SIZE)
    assert estimator.crop_margin == 1.25
    assert estimator.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert estimator.file.licence == 'Apache-2.0'
    assert estimator.describe()['model'] == str(path)


def test_the_metadata_that_a_file_gives_is_the_metadata_that_made_it(path: Path) -> None:
    estimator = ModelEstimator(dots.write_model(path), PipelineConfig())
    assert json.loads(estimator.file.metadata()) == json.loads(json.dumps(dots.metadata()))


def test_a_file_that_says_nothing_about_mirror_averaging_goes_without(path: Path) -> None:
    stored = dots.metadata()
    del stored['mirror_averaging']
    estimator = ModelEstimator(dots.write_model(path, stored=stored), PipelineConfig())
    assert not estimator.file.mirror_averaging


def test_a_skeleton_may_have_other_bone_lengths(path: Path) -> None:
    skeleton = dots.skeleton(bone_lengths=[0.0, *[0.3] * 16])
    dots.write_model(path, stored=dots.metadata(skeleton=skeleton))
    assert ModelEstimator(path, PipelineConfig()).skeleton.bone_lengths[1] == 0.3


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ModelFileError, match=r'there is no model file /nowhere/model\.onnx'):
        model_file.find_model('/nowhere/model.onnx')


def test_a_model_that_does_not_ship_is_named_with_those_that_do() -> None:
    with pytest.raises(ModelFileError, match="there is no model 'volumetrik'; shipped: "):
        model_file.find_model('volumetrik')


def test_shipped_models_are_found_by_their_name() -> None:
    for name, path in model_file.shipped_models().items():
        assert model_file.find_model(name) == path
        assert path.is_file()


def test_a_path_is_taken_as_it_is(path: Path) -> None:
    assert model_file.find_model(str(dots.write_model(path))) == path


@pytest.mark.parametrize('content', [b'', b'GIF89a nonsense', b'\x00' * 1000])
def test_a_file_that_is_no_onnx_model_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert 'cannot be opened as an ONNX model' in refusal(path)


@pytest.mark.parametrize('share', [0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused(path: Path, share: float) -> None:
    whole = dots.write_model(path).read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    refusal(path)


def test_a_foreign_model_is_refused(path: Path) -> None:
    dots.write_model(path, stored='')
    assert "it has no metadata 'pose3d'" in refusal(path)


@pytest.mark.parametrize(
    ('stored', 'reason'),
    [
        ('{', "its metadata 'pose3d' is not JSON"),
        ('[]', 'its format is None, but this version reads format 1'),
        (dots.metadata(format=2), 'its format is 2, but this version reads format 1'),
        ({'format': 1, 'method': 'volumetric'}, 'its metadata lacks skeleton, input_size'),
        (dots.metadata(licence=3), 'its licence is 3, but it must be a text'),
        (dots.metadata(mirror_averaging=2), 'its mirror_averaging is 2, but it must be true or'),
        (dots.metadata(crop_margin=-1.0), 'its crop_margin is -1.0, but it must be above 0'),
        (dots.metadata(input_size=[192]), 'its input_size is [192], but it must be [width,'),
        (dots.metadata(input_size=[0, 192]), 'its input_size is [0, 192], but it must be'),
        (dots.metadata(skeleton={'name': 'x'}), 'its skeleton is not one: '),
    ],
)
def test_metadata_that_is_not_whole_is_refused(
    path: Path, stored: dict[str, object] | str, reason: str
) -> None:
    dots.write_model(path, stored=stored)
    assert reason in refusal(path)


def test_a_model_with_other_joints_is_refused(path: Path) -> None:
    joints = (*H36M_17.joints[:-1], 'tail')
    dots.write_model(path, stored=dots.metadata(skeleton=dots.skeleton(joints=joints)))
    message = refusal(path)
    assert "its skeleton 'h36m_17' has other joints than 'h36m_17'" in message
    assert 'tail' in message
    assert 'r_wrist' in message


def test_a_model_with_fewer_joints_is_refused(path: Path) -> None:
    short = {key: values[:3] for key, values in dots.skeleton(name='leg').items()}
    dots.write_model(path, stored=dots.metadata(skeleton={**short, 'mirror': [0, 1, 2]}))
    assert "its skeleton 'leg' has other joints" in refusal(path)


@pytest.mark.parametrize(
    ('port', 'reason'),
    [
        ('image', 'its inputs are other, but they must be image'),
        ('presence', 'its outputs are pixels, depth, confidence, other, but they must be pixels'),
    ],
)
def test_a_model_with_other_inputs_or_outputs_is_refused(
    path: Path, port: str, reason: str
) -> None:
    dots.write_model(path, renamed={port: 'other'})
    assert reason in refusal(path)


def test_a_model_with_outputs_that_change_places_is_refused(path: Path) -> None:
    dots.write_model(path, renamed={'depth': 'presence', 'presence': 'depth'})
    assert "its output 'depth' is float32 [N], but it must be float32 [N, 17]" in refusal(path)


def test_a_model_for_one_size_of_batch_is_refused(path: Path) -> None:
    dots.write_model(path, batch=1)
    message = refusal(path)
    assert "its input 'image' is uint8 [1, 192, 192, 3], but it must be uint8 [N, 192" in message


def test_a_model_for_other_crops_than_it_says_is_refused(path: Path) -> None:
    dots.write_model(path, stored=dots.metadata(input_size=[256, 192]))
    assert 'but it must be uint8 [N, 192, 256, 3]' in refusal(path)


def test_a_model_whose_weights_give_nonsense_is_refused(path: Path) -> None:
    dots.write_model(path, scale=float('nan'))
    assert 'is damaged' in refusal(path)


def test_a_model_of_another_method_is_refused(path: Path) -> None:
    dots.write_model(path, stored=dots.metadata(method='ordinal'))
    with pytest.raises(ModelFileError, match="holds the method 'ordinal', not 'volumetric'"):
        VolumetricEstimator(PipelineConfig(model=str(path)))


def test_an_unknown_runtime_is_named_with_those_that_are_installed(path: Path) -> None:
    dots.write_model(path)
    with pytest.raises(PluginError, match=r"no runtime 'abacus'; installed: .*onnx"):
        ModelEstimator(path, PipelineConfig(runtime='abacus'))


def test_a_device_that_is_not_there_is_refused(path: Path) -> None:
    onnxruntime = pytest.importorskip('onnxruntime')
    if 'CUDAExecutionProvider' in onnxruntime.get_available_providers():
        pytest.skip('this machine has the device')
    with pytest.raises(ConfigError, match='device is cuda, but this onnxruntime has only'):
        ModelEstimator(dots.write_model(path), PipelineConfig(device='cuda'))
