"""Starting from a model file: nothing is lost by folding and unfolding."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip('torch')

from pose3d_ros.config import PipelineConfig  # noqa: E402
from pose3d_ros.errors import DataError, ModelFileError  # noqa: E402
from pose3d_ros.methods.volumetric.network import HourglassConfig  # noqa: E402
from pose3d_ros.model_file import find_model  # noqa: E402
from pose3d_ros.runtimes.onnx import OnnxRuntime  # noqa: E402
from pose3d_ros.training.export import Deployed  # noqa: E402
from pose3d_ros.training.recipe import recipe  # noqa: E402
from pose3d_ros.training.start import start_from  # noqa: E402

pytestmark = pytest.mark.training

MODEL = find_model('volumetric')


@pytest.fixture(scope='module')
def crops() -> torch.Tensor:
    """Return smooth noise, RGB, uint8, shape (8, 128, 128, 3)."""
    coarse = torch.from_numpy(np.random.default_rng(5).integers(0, 256, (8, 3, 16, 16), np.uint8))
    fine = torch.nn.functional.interpolate(coarse.float(), scale_factor=8, mode='bilinear')
    return fine.to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def test_a_network_of_the_same_shape_computes_what_the_file_does(crops: torch.Tensor) -> None:
    network = recipe('volumetric').network.build()
    start_from(network, MODEL, crops)
    runtime = OnnxRuntime(MODEL, PipelineConfig(precision='fp32'))
    theirs = runtime.run(crops.numpy())
    runtime.close()
    with torch.no_grad():
        ours = Deployed(network, mirror_averaging=False).eval()(crops)
    for name, value, tolerance in zip(
        ('pixels', 'depth', 'confidence', 'presence'), ours, (1e-2, 1e-3, 1e-3, 1e-3), strict=True
    ):
        np.testing.assert_allclose(value.numpy(), theirs[name], atol=tolerance)


def test_in_training_it_computes_almost_the_same(crops: torch.Tensor) -> None:
    network = recipe('volumetric').network.build()
    start_from(network, MODEL, crops)
    with torch.no_grad():
        learning = network.train()(crops).pixels
        settled = network.eval()(crops).pixels
    torch.testing.assert_close(learning, settled, atol=0.1, rtol=0)


@pytest.mark.parametrize('name', ['ordinal', 'compositional', 'lifting', 'coordinate'])
def test_other_methods_take_over_the_trunk(name: str, crops: torch.Tensor) -> None:
    copied = start_from(recipe(name).network.build(), MODEL, crops)
    assert {'trunk.stem.0', 'trunk.lateral', 'trunk.merge.body.1'} <= {*copied}


def test_a_network_that_shares_nothing_is_refused(crops: torch.Tensor) -> None:
    with pytest.raises(DataError, match=r'no layer of .* has the name and the shape'):
        start_from(HourglassConfig(joints=5, levels=2).build(), MODEL, crops)


def test_a_file_that_is_no_model_is_named(tmp_path: Path, crops: torch.Tensor) -> None:
    path = tmp_path / 'broken.onnx'
    path.write_bytes(b'not a model')
    with pytest.raises(DataError, match=r'broken\.onnx cannot be read'):
        start_from(recipe('volumetric').network.build(), path, crops)


def test_a_name_that_does_not_ship_lists_those_that_do() -> None:
    with pytest.raises(ModelFileError, match=r'shipped: .*volumetric'):
        find_model('volumetrik')
