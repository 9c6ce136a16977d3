"""Train the students of a table together, measure them, and write the table."""

import json
import platform
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import DataError
from pose3d_ros.networks.contract import Network
from pose3d_ros.runtimes.onnx import OnnxRuntime
from pose3d_ros.skeleton import H36M_17
from pose3d_ros.synthesis.compose import Sample
from pose3d_ros.synthesis.shards import CutOuts, ShardJob, write_shards
from pose3d_ros.training import evaluate, export
from pose3d_ros.training.ablation import measure, report
from pose3d_ros.training.ablation.report import TRUTH, Circumstances
from pose3d_ros.training.ablation.tables import PLACES, Table, Trunk, table
from pose3d_ros.training.curves import read_log
from pose3d_ros.training.recipe import FROM_NOTHING, FROM_OURS, SMOKE_METHODS, Recipe, tiny
from pose3d_ros.training.student import Student
from pose3d_ros.training.train import LOG_INTERVAL, train_together

PARITY_CROPS = 16
PARITY_PX, PARITY_MM = 1e-3, 1.0
NEGLIGIBLE_PX = 1e-2  # no figure of a table changes by it; heat is sharp, and amplifies roundings
SMOKE_BATCH = 8
ALWAYS_EASY = 1e9  # a loss that falls on crops of one kind may rise on ever harder ones
TIMED_RUNS = 20
_OUR_MODEL = 'volumetric'
_START_WORDS: dict[Trunk, str] = {
    'none': 'random weights',
    'ours': f'the trunk of the shipped model `{_OUR_MODEL}`',
    'places': 'a trunk that had learned places in the image, and no depths, from {:,} crops',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is trained and measured.

    Attributes:
        samples: Crops that each student is to see.
        trunk_samples: Crops that a trunk is to see, where one is trained first.
        batch: Crops per step.
        sizes: As in `Recipe`.
        minutes: Time budget of this call [min]; the next one goes on.
        crops: Held-out crops to measure on.
        seed: Of weights and batches.
        threads: Of the networks; 0 for all cores.
        workers: Processes that make crops.
        smoke: Train tiny networks instead.
    """

    samples: int = 150_000
    trunk_samples: int = 150_000
    batch: int = 32
    sizes: tuple[tuple[float, int], ...] = ((0.0, 64), (0.6, 96))
    minutes: float = 9.0
    crops: int = 2000
    seed: int = 0
    threads: int = 0
    workers: int = 1
    smoke: bool = False

    def apply(self, plan: Recipe, start_from: str = '') -> Recipe:
        """Return a recipe that takes this much effort.

        Args:
            plan: The recipe.
            start_from: Name or path of a model file; empty for random weights.
        """
        start = FROM_OURS | {'start': start_from} if start_from else FROM_NOTHING
        plan = tiny(plan) if self.smoke else plan
        return replace(
            plan,
            samples=self.samples,
            batch=self.batch,
            sizes=self.sizes,
            backgrounds=60 if self.smoke else 1500,
            seed=self.seed,
            **(start | {'hard_at': ALWAYS_EASY} if self.smoke else start),
        )


def smoke_effort(steps: int) -> Effort:
    """Return the effort of showing that everything works: tiny networks, some hundred steps."""
    return Effort(
        samples=steps * SMOKE_BATCH,
        trunk_samples=steps * SMOKE_BATCH,
        batch=SMOKE_BATCH,
        sizes=((0.0, 64),),
        crops=64,
        workers=0,
        smoke=True,
    )


def ablate(
    name: str, data: Path, held_out: Path, runs: Path, out: Path, *, effort: Effort, command: str
) -> Path:
    """Train and measure the students of a table; return the path of its Markdown file.

    Args:
        name: Of the table.
        data: Training shards.
        held_out: Shards to measure on.
        runs: The training runs live here; old ones go on.
        out: Where the table goes.
        effort: How much to train.
        command: What repeats this, for the table.

    Raises:
        ConfigError: There is no such table.
        DataError: Shards or checkpoints cannot be read, or an export differs from torch.
    """
    chosen = table(name)
    start = _start(chosen.trunk, data, runs, effort)
    recipes = {student: effort.apply(plan, start) for student, plan in chosen.students.items()}
    students = _train(recipes, data, runs / name, effort)
    size = effort.sizes[-1][1]
    crops = evaluate.held_out_crops(held_out, size, effort.crops)
    skeleton = export.mean_skeleton(CutOuts(data))
    costs = {
        student: cost(student, taught, crops, runs / name / student / 'model.onnx')
        for student, taught in students.items()
    }
    figures = {
        label: row.measure(students[row.student].average, crops, skeleton) | costs[row.student]
        for label, row in chosen.rows.items()
    }
    if 'bone length std mm' in chosen.columns:
        figures[TRUTH] = _of_truth(crops)
    first = next(iter(students.values()))
    facts = Circumstances(
        samples=first.step * effort.batch,
        planned=effort.samples,
        size=size,
        crops=int((crops.presence == 1).sum()),
        device=_device(first),
        seed=effort.seed,
        start=_START_WORDS[chosen.trunk if start else 'none'].format(effort.trunk_samples),
        commit=export.commit(),
        command=command,
    )
    _store(runs / name, chosen, figures)
    return report.write(name, chosen, figures, facts, out)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one method in a smoke run.

    Attributes:
        first, last: Mean loss over the first and the last interval.
        parity: Between torch and ONNX Runtime.
    """

    first: float
    last: float
    parity: export.Parity

    @property
    def good(self) -> bool:
        """Whether the loss fell and the model file agrees with torch."""
        agrees = self.parity.pixels_px < PARITY_PX and self.parity.depth_mm < PARITY_MM
        return self.last < self.first and agrees


def smoke(
    runs: Path, *, data: Path | None, steps: int = 3 * LOG_INTERVAL, threads: int = 0
) -> dict[str, Verdict]:
    """Train every method for a few steps on the same batches, and compare its export with torch.

    Args:
        runs: The training runs live here; it must not hold old ones.
        data: Training shards; None renders a few people.
        steps: How many.
        threads: Of the networks; 0 for all cores.

    Returns:
        The verdict on each recipe `*_smoke`.
    """
    if data is None:
        data = runs / 'people'
        write_shards(ShardJob(data, size=96, count=60), range(1))
    effort = replace(smoke_effort(steps), threads=threads)
    recipes = {name: effort.apply(plan) for name, plan in SMOKE_METHODS.items()}
    students = _train(recipes, data, runs, effort)
    crops = evaluate.held_out_crops(data, effort.sizes[-1][1], PARITY_CROPS)
    verdicts = {}
    for name, student in students.items():
        losses = read_log(runs / name / 'log.jsonl')[:, 1]
        path = runs / name / 'model.onnx'
        verdicts[name] = Verdict(losses[0], losses[-1], exported(student, crops, path))
    return verdicts


def _train(
    recipes: Mapping[str, Recipe], data: Path, runs: Path, effort: Effort
) -> dict[str, Student]:
    runs.mkdir(parents=True, exist_ok=True)
    return train_together(
        recipes,
        data,
        runs,
        minutes=effort.minutes,
        workers=effort.workers,
        threads=effort.threads,
    )


def exported(student: Student, crops: Sample, path: Path) -> export.Parity:
    """Export a student without evaluating it; return how far the file is from torch."""
    plan = student.recipe
    card = export.card(
        path=path,
        method=plan.method,
        skeleton=H36M_17,
        size=plan.final_size,
        depth_range_m=plan.network.depth_range_m,
        training={'steps': student.step},
        metrics={},
    )
    export.export(student.average, card)
    return export.parity(student.average, path, export.first(crops, PARITY_CROPS))


def cost(name: str, student: Student, crops: Sample, path: Path) -> measure.Figures:
    """Return the parameters of a network, and how long its model file takes for one crop.

    Raises:
        DataError: The model file differs from torch.
    """
    parity = exported(student, crops, path)
    if parity.pixels_px >= NEGLIGIBLE_PX or parity.depth_mm >= PARITY_MM:
        msg = f'the model file {path} of {name} differs from torch: {parity}'
        raise DataError(msg)
    runtime = OnnxRuntime(path, PipelineConfig(precision='fp32'))
    seconds = []
    for _ in range(TIMED_RUNS):
        started = time.perf_counter()
        runtime.run(crops.image[:1])
        seconds.append(time.perf_counter() - started)
    runtime.close()
    return {
        'million parameters': parameters(student.average) / 1e6,
        'ms': 1e3 * float(np.median(seconds)),
    }


def parameters(network: Network) -> int:
    """Return how many numbers are learned."""
    return sum(weight.numel() for weight in network.parameters())


def _start(trunk: Trunk, data: Path, runs: Path, effort: Effort) -> str:
    """Return the name or path of the model file whose trunk all students start from.

    Raises:
        DataError: The trunk that is trained first is not finished.
    """
    if trunk != 'places':
        return _OUR_MODEL if trunk == 'ours' and not effort.smoke else ''
    folder = runs / 'places'
    path = folder / 'model.onnx'
    if not path.exists():
        longer = replace(effort, samples=effort.trunk_samples)
        student = _train({'places': longer.apply(PLACES)}, data, runs, longer)['places']
        if not student.finished:
            msg = (
                f'the trunk in {folder} has seen {student.step * effort.batch} crops of '
                f'{effort.trunk_samples} in these minutes: the same command goes on'
            )
            raise DataError(msg)
        exported(student, evaluate.held_out_crops(data, effort.sizes[-1][1], PARITY_CROPS), path)
    return str(path)


def _of_truth(crops: Sample) -> measure.Figures:
    truth = 1e3 * crops.points[crops.presence == 1].astype(np.float64)
    return measure.pose_figures(truth, truth)


def _device(student: Student) -> str:
    if student.device.type == 'cuda':
        return str(torch.cuda.get_device_name(student.device))
    threads = torch.get_num_threads()
    return f'CPU ({platform.machine()}, {threads} thread{"s" if threads > 1 else ""})'


def _store(folder: Path, chosen: Table, figures: Mapping[str, measure.Figures]) -> None:
    """Keep all figures, not only those that the table shows."""
    text = json.dumps({'title': chosen.title, 'figures': figures}, indent=1)
    with tempfile.NamedTemporaryFile('w', dir=folder, delete=False) as file:
        file.write(text)
    Path(file.name).replace(folder / 'figures.json')
