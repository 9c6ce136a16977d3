"""The training loop: resumable, bounded in time, with one log line per interval."""

import dataclasses
import json
import time
from collections.abc import Mapping
from pathlib import Path

import torch
from tqdm import tqdm

from pose3d_ros.errors import ConfigError, DataError
from pose3d_ros.training.curves import write_curves
from pose3d_ros.training.data import batches, crop_size, crops_to_prepare
from pose3d_ros.training.fresh import Fresh
from pose3d_ros.training.recipe import SHARED, Recipe
from pose3d_ros.training.student import Student, learning_rate

LOG_INTERVAL = 100  # steps
SAVE_INTERVAL_S = 60.0


def train(
    recipe: Recipe,
    data: Path | Fresh,
    out: Path,
    *,
    minutes: float,
    workers: int = 1,
    threads: int = 0,
) -> Student:
    """Train one network; see `train_together`. The run lives in `out` itself.

    Args:
        recipe: How to train.
        data: Folder of shards, or how people are rendered meanwhile.
        out: Where the run lives.
        minutes: Time budget of this call [min].
        workers: Processes that make crops.
        threads: Threads of the networks on a CPU; 0 for all cores.

    Raises:
        DataError: The shards or the checkpoint cannot be read.
    """
    _set_up(threads)
    return _train([Pupil(recipe, out)], data, out, minutes=minutes, workers=workers)[0]


def train_together(
    recipes: Mapping[str, Recipe],
    data: Path | Fresh,
    out: Path,
    *,
    minutes: float,
    workers: int = 1,
    threads: int = 0,
) -> dict[str, Student]:
    """Train several networks on the same batches, in the same order.

    Each goes on from its checkpoint if there is one, until the samples or the minutes are used up.
    Writes `checkpoint.pt`, `recipe.json` and `log.jsonl` (one JSON object per interval) for each,
    and the picture `loss.png` for all.

    Args:
        recipes: How to train, by name; their batches must be the same.
        data: Folder of shards, or how people are rendered meanwhile.
        out: The runs live here, each in a folder of its name.
        minutes: Time budget of this call [min].
        workers: Processes that make crops.
        threads: Threads of the networks on a CPU; 0 for all cores.

    Raises:
        ConfigError: The recipes ask for different batches.
        DataError: The shards or a checkpoint cannot be read.
    """
    check_shared(recipes)
    _set_up(threads)
    pupils = [Pupil(recipe, out / name) for name, recipe in recipes.items()]
    students = _train(pupils, data, out, minutes=minutes, workers=workers)
    return dict(zip(recipes, students, strict=True))


def check_shared(recipes: Mapping[str, Recipe]) -> None:
    """Refuse recipes that ask for different batches.

    Raises:
        ConfigError: They do; the message names the setting.
    """
    (first, plan), *others = recipes.items()
    for name, other in others:
        for setting in SHARED:
            ours, theirs = getattr(plan, setting), getattr(other, setting)
            if ours != theirs:
                msg = (
                    f'recipes {first!r} and {name!r} cannot share batches: '
                    f'their {setting} are {ours} and {theirs}'
                )
                raise ConfigError(msg)


class Pupil:
    """A student with its folder and its log."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        """Start, or go on from the checkpoint in the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
        self.student = Student(recipe, device)
        self.folder = folder
        self._sums: dict[str, float] = {}
        self._seconds = 0.0
        if self._checkpoint.exists():
            self.student.load(self._checkpoint)
        (folder / 'recipe.json').write_text(json.dumps(dataclasses.asdict(recipe), indent=1))

    @property
    def _checkpoint(self) -> Path:
        return self.folder / 'checkpoint.pt'

    def learn(self, batch: dict[str, torch.Tensor]) -> None:
        """Make one step; write a line at the end of an interval."""
        started = time.monotonic()
        for name, value in self.student.learn(batch).items():
            self._sums[name] = self._sums.get(name, 0.0) + value / LOG_INTERVAL
        self._seconds += time.monotonic() - started
        if self.student.step % LOG_INTERVAL == 0:
            self._log(json.dumps(_log_line(self.student, self._sums, self._seconds)))
            self._sums = {}

    def _log(self, line: str) -> None:
        path = self.folder / 'log.jsonl'
        try:
            with path.open('a') as log:
                log.write(f'{line}\n')
        except OSError as error:
            msg = f'log {path} cannot be written ({error}): is the disk full?'
            raise DataError(msg) from error

    def save(self) -> None:
        """Write the checkpoint."""
        self.student.save(self._checkpoint)


def _set_up(threads: int) -> None:
    if threads:
        torch.set_num_threads(threads)
    # The tails of sharp softmaxes are denormal numbers, which CPUs compute far more slowly.
    torch.set_flush_denormal(True)


def _train(
    pupils: list[Pupil], data: Path | Fresh, out: Path, *, minutes: float, workers: int
) -> list[Student]:
    students = [pupil.student for pupil in pupils]
    recipe = students[0].recipe
    fresh = [student for student in students if not student.step]
    if fresh:
        crops = crops_to_prepare(data, recipe)
        for student in fresh:
            student.prepare(crops)
    saved = time.monotonic()
    deadline = saved + 60 * minutes
    step = min(student.step for student in students)  # a kill may have come between two saves
    stream = batches(data, recipe, step, workers)
    total = -(-recipe.samples // recipe.batch)
    tqdm.write(_plan(pupils, step, total, minutes))
    with tqdm(total=total, initial=step, unit='step', mininterval=5) as bar:
        while step < total and time.monotonic() < deadline:
            batch = next(stream)
            for pupil in pupils:
                if pupil.student.step == step:
                    pupil.learn(batch)
            step += 1
            bar.update()
            bar.set_postfix(px=crop_size(recipe, step), refresh=False)
            if time.monotonic() - saved > SAVE_INTERVAL_S:
                for pupil in pupils:
                    pupil.save()
                saved = time.monotonic()
    for pupil in pupils:
        pupil.save()
    write_curves({pupil.folder.name: pupil.folder / 'log.jsonl' for pupil in pupils}, out)
    return students


def _plan(pupils: list[Pupil], step: int, total: int, minutes: float) -> str:
    """Return what is about to happen, in words."""
    names = ', '.join(pupil.folder.name for pupil in pupils)
    start = f'going on from step {step}' if step else 'starting'
    device = pupils[0].student.device.type
    return f'training {names} on {device}: {start}, up to step {total} or {minutes:g} minutes'


def _log_line(student: Student, sums: dict[str, float], elapsed: float) -> dict[str, float]:
    line: dict[str, float] = {
        'step': student.step,
        'samples': student.step * student.recipe.batch,
        'elapsed_s': round(elapsed, 1),
        'rate': learning_rate(student.recipe, student.step),
        'loss': round(sum(sums.values()), 4),
    }
    return line | {name: round(value, 4) for name, value in sums.items()}
