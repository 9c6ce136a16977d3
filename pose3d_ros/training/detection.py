"""From a trained centre network to its model file, and how good it is on held-out frames."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pose3d_ros.boxes import overlap
from pose3d_ros.config import PipelineConfig
from pose3d_ros.detectors.centre.detector import METADATA_KEY, CentreModel
from pose3d_ros.detectors.centre.network import proposals
from pose3d_ros.networks.contract import Network
from pose3d_ros.synthesis.frames import Frame, FrameComposer, frame_size
from pose3d_ros.training.export import LICENCE, OPSET, commit
from pose3d_ros.training.recipe import recipe
from pose3d_ros.training.student import Student

Array = NDArray[np.float64]
Detect = Callable[[NDArray[np.uint8]], tuple[Array, Array]]

FORMAT = 1
SEED = 2027
PROPOSALS = 16
GOOD_OVERLAP = 0.5
THRESHOLD = 0.3


class DeployedDetector(nn.Module):
    """The network as the model file wants it: peaks and boxes instead of maps."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return boxes and scores of RGB uint8 frames (N, H, W, 3)."""
        return proposals(self.network(image), PROPOSALS)


def release_detector(
    run: Path, name: str, out: Path, *, held_out: Path, frames: int
) -> dict[str, float]:
    """Write the model file of a detector and its card, and return its metrics.

    Args:
        run: Folder of a training run.
        name: Of the recipe of the run.
        out: The model file to write (.onnx).
        held_out: The shards to evaluate on.
        frames: How many frames to evaluate on.

    Raises:
        ConfigError: There is no such recipe.
        DataError: The checkpoint or the shards cannot be read.
    """
    plan = recipe(name)
    student = Student(plan, torch.device('cpu'))
    student.load(run / 'checkpoint.pt')
    out.parent.mkdir(parents=True, exist_ok=True)
    metrics: dict[str, float] = {}
    seen = held_out_frames(held_out, plan.final_size, frames)
    for _ in range(2):  # the metrics of the file are part of the file
        card = {
            'format': FORMAT,
            'method': plan.method,
            'input_size': frame_size(plan.final_size),
            'training': {
                'recipe': name,
                'steps': student.step,
                'samples': student.step * plan.batch,
                **({'start': plan.start} if plan.start else {}),
                'data': 'frames of rendered people on CC0 panoramas, procedural rooms and noise',
            },
            'metrics': metrics,
            'licence': LICENCE,
            'source_commit': commit(),
        }
        _export(student.average, out, card)
        if not metrics:
            model = CentreModel(out, PipelineConfig())
            metrics = on_frames(model, seen)
            model.close()
    out.with_suffix('.json').write_text(json.dumps(card, indent=1) + '\n')
    return metrics


def held_out_frames(folder: Path, size: int, count: int) -> Frame:
    """Return the fixed evaluation frames.

    Args:
        folder: Shards of held-out people.
        size: Height of the frames [px].
        count: How many.
    """
    return FrameComposer.load(folder, held_out=True).batch((SEED,), count, size)


def on_frames(detect: Detect, frames: Frame) -> dict[str, float]:
    """Return how well people are found in frames.

    A person is found by the surest box with an intersection over union of at least 0.5 that found
    nobody else. People who are hardly to be seen neither count nor are held against a box.

    Args:
        detect: From a BGR image to boxes and scores.
        frames: From `held_out_frames`.

    Returns:
        `ap50_percent` (area under precision over recall), and recall, precision and false boxes
        per frame at a score of 0.3.
    """
    scores, hits, people = [], [], 0
    for image, boxes, clear in zip(frames.image, frames.boxes, frames.clear, strict=True):
        truth = boxes[np.isfinite(boxes).all(1)]
        sure = clear[np.isfinite(boxes).all(1)] > 0
        people += int(sure.sum())
        found, score = detect(np.ascontiguousarray(image[..., ::-1]))
        for hit, value in zip(_matches(found, truth, sure), score, strict=True):
            if hit is not None:
                hits.append(hit)
                scores.append(value)
    order = np.argsort(scores)[::-1]
    right = np.cumsum(np.array(hits, float)[order])
    recall, precision = right / max(people, 1), right / np.arange(1, len(right) + 1)
    kept = int((np.array(scores) >= THRESHOLD).sum())
    best = np.maximum.accumulate(precision[::-1])[::-1]
    last = max(kept - 1, 0)
    figures = {
        'frames': len(frames.image),
        'people': people,
        'ap50_percent': 100 * float((np.diff(recall, prepend=0.0) * best).sum()),
        'recall_percent': 100 * float(recall[last]),
        'precision_percent': 100 * float(precision[last]),
        'false_boxes_per_frame': float(kept - right[last]) / len(frames.image),
    }
    return {name: round(value, 4) for name, value in figures.items()}


def _matches(
    found: Array, truth: NDArray[np.float32], sure: NDArray[np.bool_]
) -> list[bool | None]:
    """Return for each box, the surest first, whether it finds somebody; None does not count."""
    if not len(truth):
        return [False] * len(found)
    overlaps = overlap(found, truth)
    taken: set[int] = set()
    answers: list[bool | None] = []
    for row in overlaps:
        free = [i for i in np.argsort(row)[::-1].tolist() if i not in taken]
        if free and row[free[0]] >= GOOD_OVERLAP:
            taken.add(free[0])
            answers.append(True if sure[free[0]] else None)
        else:
            unsure = ~sure & (row > 0.1)
            answers.append(None if unsure.any() else False)
    return answers


def _export(network: Network, path: Path, card: dict[str, object]) -> None:
    width, height = card['input_size']  # type: ignore[misc]
    example = torch.zeros(1, height, width, 3, dtype=torch.uint8)  # type: ignore[has-type]
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # the tracing exporter announces its successor
        torch.onnx.export(
            DeployedDetector(network).eval().cpu(),
            (example,),
            path,
            input_names=['image'],
            output_names=['boxes', 'scores'],
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {METADATA_KEY: json.dumps(card)})
    onnx.save(model, path)
