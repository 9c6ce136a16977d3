"""From a training run to a model file: exported, evaluated and compared with torch."""

from dataclasses import dataclass
from pathlib import Path

import torch

from pose3d_ros.config import PipelineConfig
from pose3d_ros.model_estimator import ModelEstimator
from pose3d_ros.precision import TWINS
from pose3d_ros.synthesis.shards import CutOuts
from pose3d_ros.training import evaluate, export, twins
from pose3d_ros.training.export import Parity
from pose3d_ros.training.recipe import recipe
from pose3d_ros.training.student import Student
from pose3d_ros.training.twins import Loss

PARITY_CROPS = 64
LOSS_CROPS = 500


@dataclass(frozen=True, slots=True)
class Release:
    """What is known about a model file that was just written.

    Attributes:
        metrics: Of the file on held-out crops, by name; also in the file's card.
        parity: How far it is from torch on the first crops.
        losses: What its twins of smaller numbers lose on the first crops, by precision.
    """

    metrics: dict[str, float]
    parity: Parity
    losses: dict[str, Loss]


def release(run: Path, name: str, out: Path, *, data: Path, held_out: Path, crops: int) -> Release:
    """Write a model file, its card and its twins of smaller numbers.

    Args:
        run: Folder of a training run.
        name: Of the recipe of the run.
        out: The model file to write (.onnx).
        data: The shards it was trained on.
        held_out: The shards to evaluate on.
        crops: How many crops to evaluate on.

    Raises:
        ConfigError: There is no such recipe.
        DataError: The checkpoint or the shards cannot be read.
    """
    plan = recipe(name)
    student = Student(plan, torch.device('cpu'))
    student.load(run / 'checkpoint.pt')
    skeleton = export.mean_skeleton(CutOuts(data))
    seen = evaluate.held_out_crops(held_out, plan.final_size, crops)
    out.parent.mkdir(parents=True, exist_ok=True)
    metrics: dict[str, float] = {}
    for _ in range(2):  # the metrics of the file are part of the file
        card = export.card(
            path=out,
            method=plan.method,
            skeleton=skeleton,
            size=plan.final_size,
            depth_range_m=plan.network.depth_range_m,
            training={
                'recipe': name,
                'steps': student.step,
                'samples': student.step * plan.batch,
                **({'start': plan.start} if plan.start else {}),
                'data': 'rendered people: anny bodies, CC0 panoramas, procedural and CMU poses',
            },
            metrics=metrics,
        )
        export.export(student.average, card)
        estimator = ModelEstimator(out, PipelineConfig(precision='fp32'))
        metrics = metrics or {
            metric: round(value, 4)
            for metric, value in evaluate.on_rendered(estimator, seen, skeleton).items()
        }
        estimator.close()
    export.write_card(card)
    few = export.first(seen, PARITY_CROPS)
    losses = {}
    for precision in TWINS:
        twins.make(out, precision, data=data)
        losses[precision] = twins.compare(out, precision, export.first(seen, LOSS_CROPS))
    return Release(metrics, export.parity(student.average, out, few), losses)
