"""People who are rendered while a network learns."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

torch = pytest.importorskip('torch')

from pose3d_ros.cli import main  # noqa: E402
from pose3d_ros.errors import DataError  # noqa: E402
from pose3d_ros.synthesis.body import Body  # noqa: E402
from pose3d_ros.synthesis.person import Studio  # noqa: E402
from pose3d_ros.synthesis.shards import CutOuts  # noqa: E402
from pose3d_ros.synthesis.studio import NumbaStudio  # noqa: E402
from pose3d_ros.training.data import batches, crops_to_prepare  # noqa: E402
from pose3d_ros.training.fresh import Fresh  # noqa: E402
from pose3d_ros.training.recipe import recipe  # noqa: E402
from pose3d_ros.training.rendering.studio import on_device  # noqa: E402

pytestmark = [pytest.mark.training, pytest.mark.slow]

PLAN = replace(recipe('volumetric_smoke'), batch=8, backgrounds=6)
STEPS_PER_GENERATION = 2


def _fresh(folder: Path, studio: Callable[[Body], Studio] = NumbaStudio) -> Fresh:
    return Fresh(folder, studio, size=64, people=8, uses=2)


def _images(fresh: Fresh, first: int, count: int, workers: int = 0) -> list[torch.Tensor]:
    return [batch['image'] for batch in islice(batches(fresh, PLAN, first, workers), count)]


def test_a_batch_is_a_function_of_its_number_wherever_a_run_begins(tmp_path: Path) -> None:
    whole = _images(_fresh(tmp_path / 'whole'), 0, 6)
    resumed = _images(_fresh(tmp_path / 'resumed'), 3, 3, workers=1)
    for ours, theirs in zip(whole[3:], resumed, strict=True):
        torch.testing.assert_close(ours, theirs)
    assert not torch.equal(whole[0], whole[1])


def test_several_renderers_serve_the_same_batches(tmp_path: Path) -> None:
    one = _images(_fresh(tmp_path / 'one'), 0, 5)
    two = _images(replace(_fresh(tmp_path / 'two'), renderers=2), 0, 5)
    for ours, theirs in zip(one, two, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_torch_serves_the_same_people_as_numba(tmp_path: Path) -> None:
    by_numba, by_torch = (
        _fresh(tmp_path / name, studio)
        for name, studio in (('numba', NumbaStudio), ('torch', on_device('cpu')))
    )
    for fresh in (by_numba, by_torch):
        fresh.folder.mkdir()
        fresh.render(3, 7)
    theirs, ours = CutOuts(by_numba.path(7)), CutOuts(by_torch.path(7))
    assert len(ours) == 8
    for i in range(8):
        torch.testing.assert_close(ours[i].points, theirs[i].points, atol=1e-5, rtol=1e-5)


def test_each_generation_shows_other_people_and_used_ones_go(tmp_path: Path) -> None:
    fresh = _fresh(tmp_path)
    stream = batches(fresh, PLAN, 0, 0)
    for _ in range(STEPS_PER_GENERATION):
        next(stream)
    first = CutOuts(fresh.path(0)).points.copy()
    next(stream)
    assert not fresh.path(0).exists()
    assert abs(CutOuts(fresh.path(1)).points - first).max() > 0.1
    stream.close()
    assert not [left for left in tmp_path.iterdir() if left.is_dir()]


def test_preparation_is_a_function_of_the_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('pose3d_ros.training.data.PREPARATION_PEOPLE', 8)
    fresh = _fresh(tmp_path)
    first, again = (crops_to_prepare(fresh, PLAN)['points'] for _ in range(2))
    torch.testing.assert_close(first, again)


@pytest.mark.parametrize('workers', [0, 1])
def test_a_renderer_that_fails_ends_the_training_with_its_reason(
    tmp_path: Path, workers: int
) -> None:
    (tmp_path / 'mocap').mkdir()
    fresh = replace(_fresh(tmp_path / 'people'), mocap=tmp_path / 'mocap')
    with pytest.raises(DataError, match=r'^no train clips in .*mocap: expected'):
        _images(fresh, 0, 1, workers)


def test_a_renderer_that_is_killed_ends_the_training(tmp_path: Path) -> None:
    stream = batches(_fresh(tmp_path), PLAN, 0, 0)
    next(stream)
    (renderer,) = (
        int(child)
        for child in Path(f'/proc/{os.getpid()}/task/{os.getpid()}/children').read_text().split()
        if 'spawn_main' in Path(f'/proc/{child}/cmdline').read_text()
    )
    os.kill(renderer, signal.SIGKILL)
    with pytest.raises(DataError, match='rendered people was killed'):
        list(stream)


def test_what_is_no_generation_stays_where_it_is(tmp_path: Path) -> None:
    (tmp_path / 'notes').mkdir()
    _images(_fresh(tmp_path), 0, 1)
    assert (tmp_path / 'notes').exists()


def test_the_command_trains_on_fresh_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('pose3d_ros.training.data.PREPARATION_PEOPLE', 16)
    words = ['train', 'volumetric_smoke', '--out', str(tmp_path), '--samples', '72']
    assert not main([*words, '--fresh', 'cpu', '--workers', '0', '--people', '24'])
    assert 'step 3, finished' in capsys.readouterr().out
