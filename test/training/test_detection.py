"""The detector's network: targets, decoding, export and the measure of it."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip('torch')

from pose3d_ros.cli import main  # noqa: E402
from pose3d_ros.config import PipelineConfig  # noqa: E402
from pose3d_ros.detectors.centre.detector import CentreModel  # noqa: E402
from pose3d_ros.detectors.centre.loss import LossConfig  # noqa: E402
from pose3d_ros.detectors.centre.network import FramePrediction, proposals  # noqa: E402
from pose3d_ros.networks.contract import FrameTruth  # noqa: E402
from pose3d_ros.synthesis.frames import Frame  # noqa: E402
from pose3d_ros.synthesis.shards import ShardJob, write_shards  # noqa: E402
from pose3d_ros.training.detection import on_frames  # noqa: E402
from pose3d_ros.training.recipe import recipe  # noqa: E402

pytestmark = pytest.mark.training

BOX = (20.0, 12.0, 24.0, 40.0)


def prediction_of(box: tuple[float, ...], sure: float = 8.0) -> FramePrediction:
    """What a perfect network says about a frame of 64 x 80 pixels with this person."""
    u, v = box[0] + (box[2] - 1) / 2, box[1] + (box[3] - 1) / 2
    row, column = int(v // 8), int(u // 8)
    heat = torch.full((1, 8, 10), -sure)
    heat[0, row, column] = sure
    middle_u, middle_v = column * 8 + 3.5, row * 8 + 3.5
    sides = (
        middle_u - box[0], middle_v - box[1],
        box[0] + box[2] - 1 - middle_u, box[1] + box[3] - 1 - middle_v,
    )  # fmt: skip
    reach = torch.tensor(sides).reshape(1, 4, 1, 1).expand(1, 4, 8, 10).clone()
    return FramePrediction(heat=heat, reach=reach)


def truth_of(*boxes: tuple[float, ...], clear: float = 1.0) -> FrameTruth:
    rows = torch.full((1, 8, 4), torch.nan)
    for index, box in enumerate(boxes):
        rows[0, index] = torch.tensor(box)
    return FrameTruth(rows, torch.full((1, 8), clear), 64)


def total(prediction: FramePrediction, truth: FrameTruth) -> float:
    return float(sum(LossConfig()(prediction, truth).values()))


def test_the_best_proposal_is_the_box_that_the_maps_say() -> None:
    boxes, scores = proposals(prediction_of(BOX), 4)
    assert boxes[0, 0].tolist() == pytest.approx(BOX)
    assert scores[0, 0] > 0.99
    assert scores[0, 1] < 0.01


def test_the_truth_costs_least() -> None:
    best = total(prediction_of(BOX), truth_of(BOX))
    for wrong in ((44.0, 12.0, 24.0, 40.0), (20.0, 12.0, 24.0, 20.0)):
        assert total(prediction_of(wrong), truth_of(BOX)) > best + 0.1
    assert total(prediction_of(BOX), truth_of()) > best + 0.1


def test_people_hardly_to_be_seen_may_be_found_or_not() -> None:
    nobody = FramePrediction(heat=torch.full((1, 8, 10), -8.0), reach=torch.ones(1, 4, 8, 10))
    unclear = truth_of(BOX, clear=0.0)
    assert total(nobody, unclear) < 1e-3
    assert total(prediction_of(BOX), unclear) < 1e-3


def test_gradients_are_finite_with_nobody_there() -> None:
    found = prediction_of(BOX)
    found.heat.requires_grad_()
    found.reach.requires_grad_()
    sum(LossConfig()(found, truth_of()).values()).backward()
    assert torch.isfinite(found.heat.grad).all()
    assert found.reach.grad is None or torch.isfinite(found.reach.grad).all()


def test_the_network_keeps_its_budget() -> None:
    """At most 0.5 GFLOP (two for each multiplication with its addition)."""
    network = recipe('centre').network.build()
    operations = [0]

    def count(layer: torch.nn.Module, _: object, output: torch.Tensor) -> None:
        if isinstance(layer, torch.nn.Conv2d):
            operations[0] += 2 * layer.weight.numel() * output.shape[2] * output.shape[3]

    for layer in network.modules():
        layer.register_forward_hook(count)
    with torch.no_grad():
        network(torch.zeros(1, 256, 320, 3, dtype=torch.uint8))
    assert 0.1e9 < operations[0] < 0.5e9


def test_a_detector_that_knows_the_truth_is_perfect_and_a_blind_one_is_not() -> None:
    boxes = np.full((2, 8, 4), np.nan, np.float32)
    boxes[0, 0], boxes[0, 1], boxes[1, 0] = BOX, (50, 12, 20, 40), BOX
    clear = np.isfinite(boxes).all(-1).astype(np.float32)
    image = np.zeros((2, 64, 80, 3), np.uint8)
    image[1] = 1
    frames = Frame(image, boxes, clear)

    def knowing(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = boxes[int(picture.max())]
        found = found[np.isfinite(found).all(1)].astype(float)
        return found, np.full(len(found), 0.9)

    def seeing_ghosts(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found, scores = knowing(picture)
        return np.concatenate([found, [(0.0, 0, 8, 8)]]), np.append(scores, 0.8)

    perfect, other = on_frames(knowing, frames), on_frames(seeing_ghosts, frames)
    assert perfect['ap50_percent'] == perfect['recall_percent'] == 100
    assert perfect['false_boxes_per_frame'] == 0
    assert other['recall_percent'] == 100
    assert other['precision_percent'] == 60
    assert other['false_boxes_per_frame'] == 1


@pytest.mark.slow
def test_the_commands_lead_from_nothing_to_a_detector(tmp_path: Path) -> None:
    train_data, held_out = tmp_path / 'train', tmp_path / 'eval'
    write_shards(ShardJob(train_data, size=96, count=24), range(1))
    write_shards(ShardJob(held_out, size=96, count=24, held_out=True), range(1))
    run, model = tmp_path / 'run', tmp_path / 'detector.onnx'
    assert not main([
        'train', 'centre_smoke', '--data', str(train_data), '--out', str(run),
        '--samples', '240', '--workers', '0',
    ])  # fmt: skip
    assert not main([
        'export', str(run), str(model), '--recipe', 'centre_smoke',
        '--data', str(train_data), '--eval', str(held_out), '--crops', '20',
    ])  # fmt: skip
    assert model.with_suffix('.json').exists()
    boxes, scores = CentreModel(model, PipelineConfig())(np.zeros((50, 70, 3), np.uint8))
    assert boxes.shape == (16, 4)
    assert scores.shape == (16,)
