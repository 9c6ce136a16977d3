"""Laws of the volumetric network, its loss and its decoding."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip('torch')

from pose3d_ros.methods.volumetric.loss import LossConfig, VolumeLossConfig  # noqa: E402
from pose3d_ros.methods.volumetric.network import (  # noqa: E402
    HourglassConfig,
    HourglassNetwork,
    NetworkConfig,
    VolumetricNetwork,
    predict,
)
from pose3d_ros.methods.volumetric.targets import bump, gaussian_volume  # noqa: E402
from pose3d_ros.networks import terms  # noqa: E402
from pose3d_ros.networks.contract import Truth  # noqa: E402
from pose3d_ros.networks.softargmax import cell_center, expectation, marginals  # noqa: E402
from pose3d_ros.networks.terms import gaussian, image_target, metric_joints  # noqa: E402
from pose3d_ros.networks.volume import STRIDE, most_likely, read_volume  # noqa: E402

pytestmark = pytest.mark.training

CONFIG = NetworkConfig(widths=(8, 8, 16, 16), blocks=(1, 1, 1), depth_cells=8)
SIZE = 64
CELLS = SIZE // STRIDE


def _truth(count: int) -> Truth:
    generator = torch.Generator().manual_seed(1)
    pixels = torch.rand(count, 17, 2, generator=generator) * SIZE
    depth = (torch.rand(count, 17, generator=generator) - 0.5) * 0.8
    depth[:, 0] = 0
    focal = torch.full((count,), 90.0)
    distance = 3 + depth
    flat = (pixels - (SIZE - 1) / 2) / 90.0
    points = torch.cat([flat * distance[..., None], distance[..., None]], -1)
    return Truth(pixels, depth, points, focal, torch.ones(count), SIZE)


def _volume(peak: tuple[int, int, int]) -> torch.Tensor:
    volume = torch.full((1, 1, 8, 8, 8), -30.0)
    depth, row, column = peak
    volume[0, 0, depth, row, column] = 30.0
    return volume


def test_marginals_are_log_probabilities() -> None:
    volume = torch.randn(2, 3, 4, 5, 6)
    found = marginals(volume)
    torch.testing.assert_close(found.image.exp().sum((2, 3)), torch.ones(2, 3))
    torch.testing.assert_close(found.depth.exp().sum(2), torch.ones(2, 3))


def test_marginals_agree_with_summing_the_softmax() -> None:
    volume = torch.randn(1, 2, 4, 5, 6)
    whole = volume.flatten(2).softmax(2).reshape(volume.shape)
    found = marginals(volume)
    torch.testing.assert_close(found.image.exp(), whole.sum(2))
    torch.testing.assert_close(found.depth.exp(), whole.sum((3, 4)))


@pytest.mark.parametrize('shift', [1, 2, 3])
def test_soft_argmax_of_a_translated_volume_translates(shift: int) -> None:
    volume = torch.full((1, 1, 8, 8, 8), -30.0)
    volume[0, 0, 2:4, 1:4, 2:5] = torch.randn(2, 3, 3)
    moved = torch.full_like(volume, -30.0)
    moved[0, 0, 2:4, 1:4, 2 + shift : 5 + shift] = volume[0, 0, 2:4, 1:4, 2:5]
    before, after = (expectation(marginals(v).image.exp().sum(2))[0] for v in (volume, moved))
    torch.testing.assert_close(after - before, torch.full_like(before, shift), atol=1e-4, rtol=0)


def test_a_single_peak_is_found_where_it_is() -> None:
    found = marginals(_volume((3, 5, 2)))
    column, spread = expectation(found.image.exp().sum(2))
    assert float(column) == pytest.approx(2)
    assert float(spread) == pytest.approx(0, abs=1e-6)
    assert float(cell_center(column, STRIDE)) == pytest.approx(2 * STRIDE + (STRIDE - 1) / 2)


@pytest.mark.parametrize('center', [2.0, 3.3, 4.75])
def test_a_gaussian_target_sums_to_one_and_peaks_at_its_center(center: float) -> None:
    target = gaussian(torch.tensor(center), 8, 0.75)
    assert float(target.sum()) == pytest.approx(1, abs=1e-4)
    assert int(target.argmax()) == round(center)
    assert float(expectation(target)[0]) == pytest.approx(center, abs=0.02)


def test_an_image_target_is_around_its_pixel() -> None:
    pixels = torch.tensor([[[20.0, 44.0]]])
    target = image_target(pixels, CELLS, 0.75, STRIDE)
    row, column = divmod(int(target.flatten().argmax()), CELLS)
    assert abs(column * STRIDE + 3.5 - 20) <= STRIDE / 2
    assert abs(row * STRIDE + 3.5 - 44) <= STRIDE / 2


def test_the_root_has_no_relative_depth_and_every_pixel_lies_in_the_crop() -> None:
    network = VolumetricNetwork(CONFIG).eval()
    found = network(torch.randint(0, 255, (3, SIZE, SIZE, 3), dtype=torch.uint8))
    assert (found.depth[:, 0] == 0).all()
    assert ((found.pixels >= 0) & (found.pixels <= SIZE - 1)).all()


def test_the_true_joints_are_where_the_labels_say() -> None:
    truth = _truth(2)
    found = metric_joints(truth.pixels, truth.depth, truth)
    torch.testing.assert_close(found, truth.points - truth.points[:, :1])


@pytest.mark.parametrize('depths', [(8,), (1, 8), (8, 8)])
def test_gradients_of_the_loss_agree_with_finite_differences(depths: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    truth = _truth(2)
    config = replace(LossConfig(), confidence=0.0)  # its target is a threshold
    network = VolumetricNetwork(CONFIG).eval()
    image = torch.randint(0, 255, (2, SIZE, SIZE, 3), dtype=torch.uint8)
    base = network(image)

    def loss(stack: torch.Tensor) -> torch.Tensor:
        presence = base.presence.detach()
        volumes = stack.split(depths, dim=2)
        prediction = predict(volumes, presence, network.confidence, CONFIG, STRIDE)
        return torch.stack(list(config(prediction, truth).values())).sum()

    volume = 0.5 * torch.randn(2, 17, sum(depths), CELLS, CELLS)
    volume.requires_grad_()
    loss(volume).backward()
    assert all((part != 0).any() for part in volume.grad.split(depths, dim=2))
    noise = torch.randn_like(volume)  # across it a float sees no change
    direction = volume.grad / volume.grad.norm() + 0.3 * noise / noise.norm()
    step = 2e-2
    with torch.no_grad():
        numeric = (loss(volume + step * direction) - loss(volume - step * direction)) / (2 * step)
    assert float((volume.grad * direction).sum()) == pytest.approx(float(numeric), rel=0.05)


def test_crops_without_a_person_teach_nothing_about_joints() -> None:
    truth = replace(_truth(2), presence=torch.zeros(2))
    network = VolumetricNetwork(CONFIG)
    found = LossConfig()(network(torch.zeros(2, SIZE, SIZE, 3, dtype=torch.uint8)), truth)
    assert all(float(found[t]) == 0 for t in ('pixels', 'depth', 'image_marginal'))
    assert float(found['presence']) > 0


def test_unclear_crops_do_not_count_for_presence() -> None:
    truth = _truth(2)
    presence = truth.presence.clone()
    presence[0] = np.nan
    network = VolumetricNetwork(CONFIG).eval()
    image = torch.randint(0, 255, (2, SIZE, SIZE, 3), dtype=torch.uint8)
    both = LossConfig()(network(image), replace(truth, presence=presence))
    one = LossConfig()(network(image[1:]), without_the_first(truth))
    torch.testing.assert_close(both['presence'], one['presence'])


def without_the_first(truth: Truth) -> Truth:
    labels = (getattr(truth, name) for name in Truth.__slots__ if name != 'size')
    return Truth(*(label[1:] for label in labels), truth.size)


@pytest.mark.parametrize('cells', [32, 64])
def test_a_gaussian_volume_sums_and_peaks_as_derived(cells: int) -> None:
    plane = torch.full((1, 1), float(cells // 2))
    volume = gaussian_volume(torch.full((1, 1, 2), 32.0), plane, (cells, 64, 64), 2.0)
    assert float(volume[0, 0, cells // 2, 32, 32]) == 1
    width = 2.0 * cells / 64
    assert float(volume.max()) == 1
    # The integral of exp(-x^2 / 2 s^2) is s sqrt(2 pi), and a fine grid sums to it.
    expected = (2 * np.pi) ** 1.5 * width * 2.0 * 2.0
    assert float(volume.sum()) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize('cells', [1, 2, 4, 8])
def test_a_narrow_gaussian_is_a_single_slice(cells: int) -> None:
    found = bump(torch.linspace(-0.4, cells - 0.6, 5), cells, 2.0)
    torch.testing.assert_close(found.sum(-1), torch.ones(5), rtol=0, atol=0)


def test_an_empty_volume_has_the_loss_one_and_the_target_none() -> None:
    truth = _truth(2)
    volumes = tuple(torch.zeros(2, 17, depth, CELLS, CELLS) for depth in (1, 8))
    network = VolumetricNetwork(CONFIG)
    prediction = predict(volumes, torch.zeros(2), network.confidence, CONFIG, STRIDE)
    found = VolumeLossConfig()(prediction, truth)
    assert float(found['volume_0']) == pytest.approx(1)
    assert float(found['volume_1']) == pytest.approx(1)
    cells = terms.cell_index(truth.pixels, STRIDE)
    exact = tuple(
        gaussian_volume(
            cells, terms.plane_index(truth.depth, depth, 1.2), (depth, CELLS, CELLS), 2.0
        )
        for depth in (1, 8)
    )
    right = VolumeLossConfig()(replace(prediction, volumes=exact), truth)
    assert float(right['volume_0']) == float(right['volume_1']) == 0


def test_argmax_finds_the_cell_that_soft_argmax_surrounds() -> None:
    volume = torch.randn(2, 3, 5, 6, 7, generator=torch.Generator().manual_seed(0))
    plane, row, column = most_likely(volume)
    flat = volume.flatten(2).argmax(2)
    torch.testing.assert_close(plane.long() * 42 + row.long() * 7 + column.long(), flat)


def test_hard_and_soft_decoding_of_a_sharp_volume_agree() -> None:
    volume = _volume((3, 5, 2))
    soft, hard = (read_volume(volume, STRIDE, decode) for decode in ('soft', 'hard'))
    torch.testing.assert_close(soft.pixels, hard.pixels)
    torch.testing.assert_close(soft.plane, hard.plane)


def test_stacks_grow_from_coarse_to_fine() -> None:
    shape = HourglassConfig(features=16, levels=2, depths=(1, 2, 8))
    network = HourglassNetwork(shape).eval()
    image = torch.randint(0, 255, (2, SIZE, SIZE, 3), dtype=torch.uint8)
    assert [volume.shape[2] for volume in network(image).volumes] == [1, 2, 8]
