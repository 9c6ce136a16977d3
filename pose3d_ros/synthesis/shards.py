"""Cut-outs on disk: rendered once, composed many times.

A shard is a folder `shard-SEED` with `rgba.npy` (N, size, size, 4) and `labels.npz`. It appears
under its final name only when it is complete, so an interrupted run leaves no half a shard.
"""

import multiprocessing
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pose3d_ros.errors import DataError
from pose3d_ros.synthesis.person import CutOut, People

VIEWS_PER_POSE = 3


@dataclass(frozen=True, slots=True)
class ShardJob:
    """What to render.

    Attributes:
        folder: Where the shards go.
        size: Width and height of a cut-out [px].
        count: Cut-outs in a shard.
        mocap: Folder with motion capture, or None for procedural poses alone.
        held_out: Render the evaluation split.
    """

    folder: Path
    size: int = 160
    count: int = 2000
    mocap: Path | None = None
    held_out: bool = False


def write_shards(job: ShardJob, seeds: range, *, workers: int = 1) -> None:
    """Render the shards that are missing, one per seed, and show progress.

    Args:
        job: What to render.
        seeds: One shard each; the same seed gives the same shard.
        workers: Processes to use.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    missing = [s for s in seeds if not _shard_path(job.folder, s).exists()]
    context = multiprocessing.get_context('spawn')
    with context.Pool(workers) as pool:
        rendered = pool.imap_unordered(partial(_write_shard, job), missing)
        for _ in tqdm(rendered, total=len(missing), unit='shard', desc=f'render {job.folder}'):
            pass


def _shard_path(folder: Path, seed: int) -> Path:
    return folder / f'shard-{seed:04d}'


def _write_shard(job: ShardJob, seed: int) -> None:
    people = People(mocap=job.mocap, held_out=job.held_out)
    generator = np.random.default_rng([int(job.held_out), seed])
    temporary = job.folder / f'.shard-{seed:04d}-{os.getpid()}'
    temporary.mkdir()
    try:
        rgba = np.lib.format.open_memmap(  # type: ignore[no-untyped-call]
            temporary / 'rgba.npy', 'w+', np.uint8, (job.count, job.size, job.size, 4)
        )
        cut_outs = _cut_outs(people, generator, job.size)
        drawn = [next(cut_outs) for _ in range(job.count)]
        for i, cut_out in enumerate(drawn):
            rgba[i] = cut_out.rgba
        rgba.flush()
        np.savez(
            temporary / 'labels.npz',
            pixels=np.stack([c.pixels for c in drawn]),
            points=np.stack([c.points for c in drawn]),
            focal=np.array([c.focal for c in drawn], np.float32),
        )
        temporary.rename(_shard_path(job.folder, seed))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _cut_outs(people: People, generator: np.random.Generator, size: int) -> Iterator[CutOut]:
    while True:
        posed = people.sample_body(generator)
        for _ in range(VIEWS_PER_POSE):
            yield people.sample_cut_out(posed, generator, size)


def _read(shard: Path, labels: dict[str, list[NDArray[np.float32]]]) -> NDArray[np.uint8]:
    """Return the pictures of a shard and append its labels."""
    try:
        pictures: NDArray[np.uint8] = np.load(shard / 'rgba.npy', mmap_mode='r')
        with np.load(shard / 'labels.npz') as data:
            for name, parts in labels.items():
                parts.append(data[name])
    except (OSError, ValueError, KeyError) as error:
        msg = f'{shard} cannot be read ({error}): delete it and render it again'
        raise DataError(msg) from error
    return pictures


class CutOuts:
    """All cut-outs of a folder, read lazily from disk."""

    def __init__(self, folder: Path) -> None:
        """Open every shard.

        Args:
            folder: Where the shards lie.

        Raises:
            DataError: There is no shard, or one cannot be read; it names which and what to do.
        """
        shards = sorted(folder.glob('shard-*'))
        if not shards:
            msg = f'no shards in {folder}: render some first with `pose3d render --out {folder}`'
            raise DataError(msg)
        self._rgba: list[NDArray[np.uint8]] = []
        labels: dict[str, list[NDArray[np.float32]]] = {'pixels': [], 'points': [], 'focal': []}
        for shard in shards:
            self._rgba.append(_read(shard, labels))
        self._starts = np.cumsum([0] + [len(r) for r in self._rgba])
        self.pixels = np.concatenate(labels['pixels'])
        self.points = np.concatenate(labels['points'])
        self.focal = np.concatenate(labels['focal'])

    def __len__(self) -> int:
        """Return how many there are."""
        return int(self._starts[-1])

    def __getitem__(self, index: int) -> CutOut:
        """Return one cut-out."""
        shard = int(np.searchsorted(self._starts, index, 'right')) - 1
        return CutOut(
            self._rgba[shard][index - self._starts[shard]],
            self.pixels[index],
            self.points[index],
            float(self.focal[index]),
        )
