"""The training loop: resumable, bounded in time, with one log line per interval."""

import dataclasses
import json
import time
from pathlib import Path

import torch
from tqdm import tqdm

from pose3d_ros.training.data import batches, crop_size
from pose3d_ros.training.recipe import Recipe
from pose3d_ros.training.student import Student, learning_rate

LOG_INTERVAL = 100  # steps
SAVE_INTERVAL_S = 60.0


def train(
    recipe: Recipe,
    data: Path,
    out: Path,
    *,
    minutes: float,
    workers: int = 1,
    threads: int = 0,
) -> Student:
    """Train until the samples or the minutes are used up; go on from a checkpoint if there is one.

    Writes `checkpoint.pt`, `recipe.json` and `log.jsonl` (one JSON object per interval).

    Args:
        recipe: How to train.
        data: Folder of shards.
        out: Where the run lives.
        minutes: Time budget of this call [min].
        workers: Processes that make crops.
        threads: Threads of the network on a CPU; 0 for all cores.

    Raises:
        DataError: The shards or the checkpoint cannot be read.
    """
    out.mkdir(parents=True, exist_ok=True)
    if threads:
        torch.set_num_threads(threads)
    # The tails of sharp softmaxes are denormal numbers, which CPUs compute far more slowly.
    torch.set_flush_denormal(True)
    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    student = Student(recipe, device)
    checkpoint = out / 'checkpoint.pt'
    if checkpoint.exists():
        student.load(checkpoint)
    (out / 'recipe.json').write_text(json.dumps(dataclasses.asdict(recipe), indent=1))
    started = saved = time.monotonic()
    deadline = started + 60 * minutes
    total = -(-recipe.samples // recipe.batch)
    stream = batches(data, recipe, student.step, workers)
    sums: dict[str, float] = {}
    with (
        (out / 'log.jsonl').open('a') as log,
        tqdm(total=total, initial=student.step, unit='step', mininterval=5) as bar,
    ):
        while not student.finished and time.monotonic() < deadline:
            for name, value in student.learn(next(stream)).items():
                sums[name] = sums.get(name, 0.0) + value / LOG_INTERVAL
            bar.update()
            if student.step % LOG_INTERVAL == 0:
                line = _log_line(student, sums, time.monotonic() - started)
                log.write(json.dumps(line) + '\n')
                log.flush()
                bar.set_postfix(loss=line['loss'], px=crop_size(recipe, student.step))
                sums = {}
            if time.monotonic() - saved > SAVE_INTERVAL_S:
                student.save(checkpoint)
                saved = time.monotonic()
    student.save(checkpoint)
    return student


def _log_line(student: Student, sums: dict[str, float], elapsed: float) -> dict[str, float]:
    line: dict[str, float] = {
        'step': student.step,
        'samples': student.step * student.recipe.batch,
        'elapsed_s': round(elapsed, 1),
        'rate': learning_rate(student.recipe, student.step),
        'loss': round(sum(sums.values()), 4),
    }
    return line | {name: round(value, 4) for name, value in sums.items()}
