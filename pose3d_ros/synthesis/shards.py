"""Cut-outs on disk: rendered once, composed many times.

A shard is a folder `shard-SEED` with `rgba.npy` (N, size, size, 4) and `labels.npz`. It appears
under its final name only when it is complete, so an interrupted run leaves no half a shard, and
the next run goes on with those that are missing.
"""

import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pose3d_ros.errors import DataError
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.person import CutOut, People, Studio
from pose3d_ros.synthesis.studio import NumbaStudio
from pose3d_ros.synthesis.workers import alone, each

VERSION = 1  # of the format; shards without a number are of version 1
BATCH = 32  # people that a studio draws at once


@dataclass(frozen=True, slots=True)
class ShardJob:
    """What to render.

    Attributes:
        folder: Where the shards go.
        size: Width and height of a cut-out [px].
        count: Cut-outs in a shard.
        mocap: Folder with motion capture, or None for procedural poses alone.
        held_out: Render the evaluation split.
        studio: What renders; it can be pickled.
    """

    folder: Path
    size: int = 160
    count: int = 2000
    mocap: Path | None = None
    held_out: bool = False
    studio: Callable[[Body], Studio] = NumbaStudio


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
    with alone(job.folder):
        _clear(job.folder)
        missing = [s for s in seeds if not _shard_path(job.folder, s).exists()]
        done = each(partial(_write_shard, job), missing, workers)
        try:
            for _ in tqdm(done, total=len(missing), unit='shard', desc=f'render {job.folder}'):
                pass
        finally:
            _clear(job.folder)


def _clear(folder: Path) -> None:
    """Remove what killed processes began."""
    for abandoned in folder.glob('.shard-*'):
        shutil.rmtree(abandoned, ignore_errors=True)


def _shard_path(folder: Path, seed: int) -> Path:
    return folder / f'shard-{seed:04d}'


def _write_shard(job: ShardJob, seed: int) -> None:
    temporary = job.folder / f'.shard-{seed:04d}'
    try:
        temporary.mkdir()
        write_shard(temporary, job, int(job.held_out), seed)
        temporary.rename(_shard_path(job.folder, seed))
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        msg = (
            f'shard {seed} cannot be written to {job.folder} ({error.strerror}); finished shards '
            'are kept: make room and run the same command to render the rest'
        )
        raise DataError(msg) from error


def write_shard(folder: Path, job: ShardJob, *seed: int) -> None:
    """Write the files of a shard, one picture after the other.

    There is no memory map: through one, a full disk would kill the process.

    Args:
        folder: Where the files go; it exists.
        job: What to render.
        seed: The same seed, of one or more numbers, gives the same people.

    Raises:
        OSError: A file cannot be written.
    """
    shape = (job.count, job.size, job.size, 4)
    header = {'descr': '|u1', 'fortran_order': False, 'shape': shape}
    labels: dict[str, list[Any]] = {'pixels': [], 'points': [], 'focal': []}
    with (folder / 'rgba.npy').open('wb') as file:
        np.lib.format.write_array_header_1_0(file, header)  # type: ignore[no-untyped-call]
        for cut_out in _cut_outs(job, seed):
            file.write(cut_out.rgba.tobytes())
            labels['pixels'].append(cut_out.pixels)
            labels['points'].append(cut_out.points)
            labels['focal'].append(cut_out.focal)
    stacked: dict[str, Any] = {k: np.array(v, np.float32) for k, v in labels.items()}
    np.savez(folder / 'labels.npz', version=VERSION, **stacked)


def _cut_outs(job: ShardJob, seed: tuple[int, ...]) -> Iterator[CutOut]:
    people = People(mocap=job.mocap, held_out=job.held_out)
    studio = job.studio(people.body)
    portraits = people.portraits(np.random.default_rng(seed))
    for start in range(0, job.count, BATCH):
        some = list(islice(portraits, min(BATCH, job.count - start)))
        yield from studio.cut_outs(some, job.size)


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
