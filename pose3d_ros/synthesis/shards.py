"""Cut-outs on disk: rendered once, composed many times.

A shard is a folder `shard-SEED` with `rgba.npy` (N, size, size, 4) and `labels.npz`. It appears
under its final name only when it is complete, so an interrupted run leaves no half a shard, and
the next run goes on with those that are missing.
"""

import fcntl
import multiprocessing
import os
import shutil
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pose3d_ros.errors import DataError
from pose3d_ros.synthesis.person import CutOut, People

VIEWS_PER_POSE = 3
VERSION = 1  # of the format; shards without a number are of version 1


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

    Raises:
        DataError: Another process renders into the folder, the disk is full, or a worker was
            killed. Finished shards stay, and the same call renders the rest.
    """
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f'{job.folder} cannot be a folder of shards: {error}'
        raise DataError(msg) from error
    with _alone(job.folder):
        _clear(job.folder)
        missing = [s for s in seeds if not _shard_path(job.folder, s).exists()]
        try:
            if missing:
                _render(job, missing, workers)
        finally:
            _clear(job.folder)


def _clear(folder: Path) -> None:
    """Remove what killed processes began."""
    for abandoned in folder.glob('.shard-*'):
        shutil.rmtree(abandoned, ignore_errors=True)


def _render(job: ShardJob, seeds: list[int], workers: int) -> None:
    context = multiprocessing.get_context('spawn')
    bar = tqdm(total=len(seeds), unit='shard', desc=f'render {job.folder}')
    with bar, ProcessPoolExecutor(workers, context, initializer=_end_with_parent) as pool:
        tasks = [pool.submit(_write_shard, job, seed) for seed in seeds]
        try:
            for task in as_completed(tasks):
                task.result()
                bar.update()
        except BrokenProcessPool as error:
            msg = (
                f'a process that rendered into {job.folder} was killed (is memory short?); '
                'finished shards are kept: run the same command to render the rest'
            )
            raise DataError(msg) from error
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from rendering into the folder."""
    with (folder / '.lock').open('w') as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f'another process renders into {folder}: wait for it, or name another folder'
            raise DataError(msg) from error
        yield


def _end_with_parent() -> None:
    """End this worker as soon as its parent was killed, however that happened."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch(sentinel: int) -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()


def _shard_path(folder: Path, seed: int) -> Path:
    return folder / f'shard-{seed:04d}'


def _write_shard(job: ShardJob, seed: int) -> None:
    people = People(mocap=job.mocap, held_out=job.held_out)
    generator = np.random.default_rng([int(job.held_out), seed])
    temporary = job.folder / f'.shard-{seed:04d}'
    try:
        temporary.mkdir()
        _write(temporary, _cut_outs(people, generator, job.size), job.count, job.size)
        temporary.rename(_shard_path(job.folder, seed))
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        msg = (
            f'shard {seed} cannot be written to {job.folder} ({error.strerror}); finished shards '
            'are kept: make room and run the same command to render the rest'
        )
        raise DataError(msg) from error


def _write(folder: Path, cut_outs: Iterator[CutOut], count: int, size: int) -> None:
    """Write pictures one by one: through a memory map, a full disk would kill the process."""
    header = {'descr': '|u1', 'fortran_order': False, 'shape': (count, size, size, 4)}
    labels: dict[str, list[Any]] = {'pixels': [], 'points': [], 'focal': []}
    with (folder / 'rgba.npy').open('wb') as file:
        np.lib.format.write_array_header_1_0(file, header)  # type: ignore[no-untyped-call]
        for _, cut_out in zip(range(count), cut_outs, strict=False):
            file.write(cut_out.rgba.tobytes())
            labels['pixels'].append(cut_out.pixels)
            labels['points'].append(cut_out.points)
            labels['focal'].append(cut_out.focal)
    stacked: dict[str, Any] = {k: np.array(v, np.float32) for k, v in labels.items()}
    np.savez(folder / 'labels.npz', version=VERSION, **stacked)


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
            version = int(data['version']) if 'version' in data else 1
            if version != VERSION:
                msg = (
                    f'{shard} has format {version}, and this pose3d_ros reads format {VERSION}: '
                    'render it again with this one, or read it with the one that wrote it'
                )
                raise DataError(msg)
            found = {name: data[name] for name in labels}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise _unreadable(shard, error) from error
    count = len(pictures)
    shapes = {'pixels': (count, 17, 2), 'points': (count, 17, 3), 'focal': (count,)}
    for name, parts in labels.items():
        if found[name].shape != shapes[name]:
            raise _unreadable(shard, f'{name} {found[name].shape} for {count} pictures')
        parts.append(found[name])
    return pictures


def _unreadable(shard: Path, reason: object) -> DataError:
    return DataError(f'{shard} cannot be read ({reason}): delete it and render it again')


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
