"""What every method promises: its network, its loss, and its model file."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip('torch')

from training.crops import SIZE, mirrored, random_image, random_truth  # noqa: E402

from pose3d_ros.networks.contract import Network, Prediction, Truth  # noqa: E402
from pose3d_ros.skeleton import H36M_17  # noqa: E402
from pose3d_ros.training.recipe import SMOKE_METHODS, Recipe  # noqa: E402
from pose3d_ros.training.student import Student  # noqa: E402

pytestmark = pytest.mark.training

SMOKE = SMOKE_METHODS


@pytest.fixture(params=SMOKE)
def plan(request: pytest.FixtureRequest) -> Recipe:
    return SMOKE[request.param]


def _network(plan: Recipe, truth: Truth) -> Network:
    torch.manual_seed(0)
    network = plan.network.build().eval()
    network.prepare(truth)
    return network


def _double(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach().double()
    if isinstance(value, tuple):
        parts = [_double(part) for part in value]
        return type(value)(*parts) if hasattr(value, '_fields') else tuple(parts)
    return value


def test_gradients_of_every_loss_agree_with_finite_differences(plan: Recipe) -> None:
    truth = random_truth(3)
    network = _network(plan, truth)
    prediction = network(random_image(3))
    changes: dict[str, Any] = {
        field.name: _double(getattr(prediction, field.name)) for field in fields(prediction)
    }
    loss: Any = plan.loss
    weights = {'confidence': 0.0}  # its target is a threshold
    if hasattr(loss, 'reconstruction'):
        weights['reconstruction'] = 0.0  # noise is drawn anew
        changes['reconstruct'] = None
    if hasattr(loss, 'lifting'):
        weights['lifting'] = 0.0  # in single precision, see below
    loss = replace(loss, **weights)
    in_double = random_truth(3, torch.float64)
    leaves = [
        leaf.requires_grad_()
        for value in changes.values()
        for leaf in (value if isinstance(value, tuple) else [value])
        if isinstance(leaf, torch.Tensor)
    ]

    def total() -> torch.Tensor:
        return torch.stack(list(loss(type(prediction)(**changes), in_double).values())).sum()

    gradients = torch.autograd.grad(total(), leaves, allow_unused=True)
    assert any(gradient is not None and gradient.abs().max() > 0 for gradient in gradients)
    generator = torch.Generator().manual_seed(3)
    step = 1e-6
    for leaf, gradient in zip(leaves, gradients, strict=True):
        if gradient is None:
            continue
        direction = torch.randn(leaf.shape, generator=generator, dtype=torch.float64)
        with torch.no_grad():
            leaf.add_(direction, alpha=step)
            ahead = total()
            leaf.add_(direction, alpha=-2 * step)
            behind = total()
            leaf.add_(direction, alpha=step)
        numeric = float((ahead - behind) / (2 * step))
        exact = float((gradient * direction).sum())
        assert exact == pytest.approx(numeric, rel=1e-4, abs=1e-7)


def test_the_loss_of_the_lifter_has_the_gradient_of_finite_differences() -> None:
    truth = random_truth(4)
    plan = SMOKE['lifting_smoke']
    network = _network(plan, truth)
    bias = network.lift.end.bias

    def total() -> torch.Tensor:
        return plan.loss(network(random_image(4)), truth)['lifting']

    (gradient,) = torch.autograd.grad(total(), [bias])
    step, direction = 1e-2, torch.randn(bias.shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        bias += step * direction
        ahead = total()
        bias -= 2 * step * direction
        behind = total()
    numeric = float((ahead - behind) / (2 * step))
    assert float((gradient * direction).sum()) == pytest.approx(numeric, rel=1e-2)


def test_all_weights_but_those_of_reading_learn(plan: Recipe) -> None:
    truth = random_truth(3)
    network = _network(plan, truth).train()
    total = torch.stack(list(plan.loss(network(random_image(3)), truth).values())).sum()
    total.backward()
    idle = [name for name, weight in network.named_parameters() if weight.grad is None]
    assert not idle


def test_the_root_has_no_relative_depth(plan: Recipe) -> None:
    found = _network(plan, random_truth(3))(random_image(3))
    assert found.depth.shape == (3, 17)
    assert found.pixels.shape == (3, 17, 2)
    assert float(found.depth[:, 0].abs().max()) < 1e-6


def test_crops_without_a_person_teach_no_joint(plan: Recipe) -> None:
    truth = replace(random_truth(3), presence=torch.zeros(3))
    network = _network(plan, random_truth(3))
    terms = plan.loss(network(random_image(3)), truth)
    about_joints = {name: float(term) for name, term in terms.items()}
    assert about_joints.pop('presence') > 0
    del about_joints['confidence']
    assert set(about_joints.values()) == {0.0}


@pytest.mark.parametrize('name', ['coordinate_smoke', 'compositional_smoke'])
def test_a_mirrored_prediction_of_mirrored_truth_is_as_good(name: str) -> None:
    plan, truth = SMOKE[name], random_truth(3)
    both = mirrored(truth, H36M_17.mirror)
    network = _network(plan, truth)
    prediction = network(random_image(3))
    flipped = _flipped(name, prediction)
    key = 'coordinates' if name == 'coordinate_smoke' else 'offsets'
    ours, theirs = plan.loss(prediction, truth)[key], plan.loss(flipped, both)[key]
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def _flipped(name: str, prediction: Any) -> Prediction:
    twins = list(H36M_17.mirror)
    turn = torch.tensor([-1.0, 1.0, 1.0])
    if name == 'coordinate_smoke':
        return replace(prediction, offsets=prediction.offsets[:, twins] * turn)
    deviation = prediction.deviation[twins][:, twins]
    return replace(prediction, bones=prediction.bones[:, twins] * turn, deviation=deviation)


@pytest.mark.slow
def test_the_model_file_agrees_with_torch(plan: Recipe, tmp_path: Path) -> None:
    from pose3d_ros.config import PipelineConfig  # noqa: PLC0415
    from pose3d_ros.model_estimator import ModelEstimator  # noqa: PLC0415
    from pose3d_ros.training import export  # noqa: PLC0415

    network = _network(plan, random_truth(8))
    path = tmp_path / 'model.onnx'
    card = export.card(
        path=path, method=plan.method, skeleton=H36M_17, size=SIZE,
        depth_range_m=plan.network.depth_range_m, training={}, metrics={},
    )  # fmt: skip
    export.export(network, card)
    crops = random_image(5)
    estimator = ModelEstimator(path, PipelineConfig(), method=plan.method)
    theirs = estimator(np.asarray(crops))
    estimator.close()
    with torch.no_grad():
        pixels, depth, confidence, presence = export.Deployed(network).eval()(crops)
    assert np.abs(pixels.numpy() - theirs.pixels).max() < 1e-3
    assert np.abs(depth.numpy() - theirs.depth).max() < 1e-3
    assert np.abs(confidence.numpy() - theirs.confidence).max() < 1e-4
    assert np.abs(presence.numpy() - theirs.presence).max() < 1e-4


def test_a_given_part_of_the_lifting_network_stays_as_it_is() -> None:
    plan = SMOKE['lifting_smoke']
    plan = replace(plan, network=replace(plan.network, given=True))
    truth = random_truth(6)
    student = Student(plan, torch.device('cpu'))
    before = {name: value.clone() for name, value in student.network.state_dict().items()}
    batch = {field.name: getattr(truth, field.name) for field in fields(truth)}
    del batch['size']
    student.learn({**batch, 'image': random_image(6)})
    changed = {
        name.split('.')[0]
        for name, value in student.network.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert changed == {'lift', 'confidence'}
