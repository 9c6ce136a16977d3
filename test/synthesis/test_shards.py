"""Shards on disk: what they keep, and what interrupts or damages them."""

import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pose3d_ros.errors import DataError
from pose3d_ros.synthesis.shards import CutOuts, ShardJob, write_shards

pytestmark = pytest.mark.slow

COUNT = 12
SIZE = 64
RENDER = f"""
import sys
from pathlib import Path
from pose3d_ros.synthesis.shards import ShardJob, write_shards
write_shards(ShardJob(Path(sys.argv[1]), size={SIZE}, count=int(sys.argv[2])), range(2))
"""


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('shards')
    write_shards(ShardJob(folder, size=SIZE, count=COUNT), range(2))
    return folder


@pytest.fixture
def damaged(folder: Path, tmp_path: Path) -> Path:
    """A folder with a copy of one shard, to be damaged."""
    copy = tmp_path / 'shard-0000'
    copy.mkdir()
    for part in (folder / 'shard-0000').iterdir():
        (copy / part.name).write_bytes(part.read_bytes())
    return copy


def test_the_same_seed_gives_the_same_shard(folder: Path, tmp_path: Path) -> None:
    write_shards(ShardJob(tmp_path, size=SIZE, count=COUNT), range(1))
    ours, theirs = CutOuts(tmp_path), CutOuts(folder)
    np.testing.assert_array_equal(ours[3].rgba, theirs[3].rgba)
    np.testing.assert_array_equal(ours[3].points, theirs[3].points)


def test_shards_are_read_one_after_the_other(folder: Path) -> None:
    cut_outs = CutOuts(folder)
    assert len(cut_outs) == 2 * COUNT
    second = np.load(folder / 'shard-0001' / 'rgba.npy')
    np.testing.assert_array_equal(cut_outs[COUNT + 1].rgba, second[1])


def test_an_empty_folder_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='pose3d render --out'):
        CutOuts(tmp_path)


@pytest.mark.parametrize('part', ['rgba.npy', 'labels.npz'])
@pytest.mark.parametrize('kept', [0, 3, 500])
def test_a_truncated_shard_is_named(damaged: Path, part: str, kept: int) -> None:
    (damaged / part).write_bytes((damaged / part).read_bytes()[:kept])
    with pytest.raises(DataError, match=r'shard-0000 cannot be read .* render it again'):
        CutOuts(damaged.parent)


def test_labels_of_other_pictures_are_refused(damaged: Path) -> None:
    labels = dict(np.load(damaged / 'labels.npz'))
    np.savez(damaged / 'labels.npz', **(labels | {'points': labels['points'][:-1]}))
    with pytest.raises(DataError, match=r'points \(11, 17, 3\) for 12 pictures'):
        CutOuts(damaged.parent)


def test_a_shard_of_a_later_version_is_refused(damaged: Path) -> None:
    labels = dict(np.load(damaged / 'labels.npz'))
    np.savez(damaged / 'labels.npz', **(labels | {'version': np.array(7)}))
    with pytest.raises(DataError, match=r'shard-0000 has format 7, .* reads format 1'):
        CutOuts(damaged.parent)


def test_a_shard_from_before_versions_is_read(damaged: Path) -> None:
    labels = dict(np.load(damaged / 'labels.npz'))
    del labels['version']
    np.savez(damaged / 'labels.npz', **labels)
    assert len(CutOuts(damaged.parent)) == COUNT


@pytest.fixture
def damaged_on_small_disk(damaged: Path) -> Iterator[Path]:
    """No file may grow beyond 40 kB, so that writing fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
    yield damaged
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_named_and_leaves_finished_shards(damaged_on_small_disk: Path) -> None:
    damaged = damaged_on_small_disk
    before = _contents(damaged)
    with pytest.raises(DataError, match=r'shard 1 cannot be written .* make room and run the'):
        write_shards(ShardJob(damaged.parent, size=SIZE, count=COUNT), range(2))
    assert _contents(damaged) == before
    assert _shards(damaged.parent) == ['shard-0000']


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.raises(DataError, match='file cannot be a folder of shards'):
        write_shards(ShardJob(tmp_path / 'file'), range(1))


def test_a_killed_rendering_goes_on_with_what_is_missing(damaged: Path) -> None:
    folder, before = damaged.parent, _contents(damaged)
    with _rendering(folder, 100_000) as running:
        (worker,) = _workers(running)
        running.send_signal(signal.SIGKILL)
    _wait_for_end(worker)
    assert len(_shards(folder)) == 2  # the finished one and half of another
    write_shards(ShardJob(folder, size=SIZE, count=COUNT), range(2))
    assert _shards(folder) == ['shard-0000', 'shard-0001']
    assert _contents(damaged) == before


def test_a_killed_worker_is_named(damaged: Path) -> None:
    with _rendering(damaged.parent, 100_000) as running:
        (worker,) = _workers(running)
        subprocess.run(['kill', '-KILL', str(worker)], check=True)  # noqa: S607
        _, told = running.communicate(timeout=60)
    assert 'was killed (is memory short?); finished shards are kept' in told
    assert _shards(damaged.parent) == ['shard-0000']


def test_two_renderings_into_one_folder_are_refused(tmp_path: Path) -> None:
    with _rendering(tmp_path, 100_000) as running:
        with pytest.raises(DataError, match='another process renders into'):
            write_shards(ShardJob(tmp_path, size=SIZE, count=COUNT), range(2))
        running.send_signal(signal.SIGKILL)


def _contents(folder: Path) -> dict[str, bytes]:
    return {part.name: part.read_bytes() for part in folder.iterdir()}


def _shards(folder: Path) -> list[str]:
    """Return the names of all shards, whole or not."""
    return sorted(found.name for found in folder.glob('*shard-*'))


def _rendering(folder: Path, count: int) -> subprocess.Popen[str]:
    """Return a process that has begun to render a shard."""
    command = [sys.executable, '-c', RENDER, str(folder), str(count)]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while not list(folder.glob('.shard-*/rgba.npy')):
        assert running.poll() is None
    return running


def _workers(running: 'subprocess.Popen[str]') -> list[int]:
    children = Path(f'/proc/{running.pid}/task/{running.pid}/children').read_text().split()
    return [int(child) for child in children if 'spawn_main' in _command(child)]


def _command(process: str) -> str:
    return Path(f'/proc/{process}/cmdline').read_bytes().decode()


def _wait_for_end(process: int) -> None:
    """Return when a process is no more; the test's deadline is that of pytest."""
    stat = Path(f'/proc/{process}/stat')
    while stat.exists() and stat.read_text().rsplit(')')[-1].split()[0] != 'Z':
        pass
