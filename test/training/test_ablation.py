"""The tables, their measures and their smoke run."""

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip('torch')

from training.crops import FOCAL, SIZE, random_truth  # noqa: E402

from pose3d_ros.cli import main  # noqa: E402
from pose3d_ros.errors import ConfigError  # noqa: E402
from pose3d_ros.synthesis.compose import Sample  # noqa: E402
from pose3d_ros.synthesis.shards import ShardJob, write_shards  # noqa: E402
from pose3d_ros.training.ablation import report, roots  # noqa: E402
from pose3d_ros.training.ablation.measure import pose_figures  # noqa: E402
from pose3d_ros.training.ablation.run import Effort  # noqa: E402
from pose3d_ros.training.ablation.tables import TABLES, table  # noqa: E402
from pose3d_ros.training.recipe import RECIPES, SMOKE_METHODS  # noqa: E402
from pose3d_ros.training.train import check_shared  # noqa: E402

pytestmark = pytest.mark.training


@pytest.fixture
def crops() -> Sample:
    truth = random_truth(5)
    labels = (getattr(truth, name).numpy() for name in ('pixels', 'depth', 'points', 'focal'))
    return Sample(np.zeros((5, SIZE, SIZE, 3), np.uint8), *labels, truth.presence.numpy())


def test_least_squares_find_the_root_of_exact_joints(crops: Sample) -> None:
    joints = crops.points - crops.points[:, :1]
    found = roots.by_least_squares(crops.pixels, joints, np.ones((5, 17)), crops)
    np.testing.assert_allclose(found, crops.points[:, 0], atol=0.01)


def test_a_box_of_two_metres_is_as_far_away_as_it_looks(crops: Sample) -> None:
    pixels = np.zeros((5, 17, 2), np.float32)
    pixels[:, 1:, 0] = 40
    found = roots.by_box(pixels, crops)
    np.testing.assert_allclose(found[:, 2], FOCAL * 2.0 / (1.25 * 40), rtol=1e-6)


def test_the_truth_has_no_error(crops: Sample) -> None:
    points = 1e3 * crops.points.astype(float)
    figures = pose_figures(points, points)
    assert figures['MPJPE mm'] == figures['bone error mm'] == 0
    assert figures['ordinal accuracy %'] == 100


@pytest.mark.parametrize('name', TABLES)
def test_all_students_of_a_table_can_share_their_batches(name: str) -> None:
    chosen = table(name)
    check_shared({k: Effort().apply(v, 'volumetric') for k, v in chosen.students.items()})
    assert {row.student for row in chosen.rows.values()} == set(chosen.students)
    if chosen.ratio:
        assert {*chosen.ratio[:2]} <= set(chosen.rows)


def test_recipes_of_other_batches_are_refused_by_name() -> None:
    both = {name: RECIPES[name] for name in ('volumetric', 'volumetric_smoke')}
    with pytest.raises(
        ConfigError, match="'volumetric_smoke' cannot share batches: their samples"
    ):
        check_shared(both)


def test_an_unknown_table_lists_those_there_are() -> None:
    with pytest.raises(ConfigError, match='T1, T2, T3'):
        table('T0')


def test_a_table_states_figures_ratio_and_circumstances(tmp_path: Path) -> None:
    chosen = table('T5')
    figures = {label: {'MPJPE mm': 100.0 + i} for i, label in enumerate(chosen.rows)}
    facts = report.Circumstances(
        samples=320, planned=640, size=64, crops=12, device='a CPU', seed=7,
        start='random weights', commit='abc', command='pose3d ablate',
    )  # fmt: skip
    text = report.write('T5', chosen, figures, facts, tmp_path).read_text()
    for expected in (
        '| all pairs | 103.0 |', '**1.030**; in the paper 0.904', '320 crops of 640: not finished',
        'from random weights: seed 7', 'a CPU', '12 held-out people', 'do not compare',
    ):  # fmt: skip
        assert expected in text
    assert (tmp_path / 'T5.png').stat().st_size > 0


@pytest.fixture
def people(tmp_path: Path) -> Path:
    write_shards(ShardJob(tmp_path / 'people', size=96, count=24), range(1))
    return tmp_path / 'people'


def words(people: Path, *more: str) -> list[str]:
    folders = ['--data', people, '--eval', people, '--runs', people.parent / 'runs']
    return ['ablate', '--table', 'T3', '--smoke', *map(str, folders), *more]


@pytest.mark.slow
def test_students_of_a_table_start_from_a_trunk_that_is_trained_first(
    people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(people, '--steps', '6')) == 0
    assert 'started from a trunk that had learned places in the image' in capsys.readouterr().out
    runs = people.parent / 'runs'
    plans = [
        json.loads((runs / name / 'recipe.json').read_text()) for name in ('T3/l2', 'T3/soft')
    ]
    assert [plan['start'] for plan in plans] == [str(runs / 'places' / 'model.onnx')] * 2


def test_a_trunk_that_is_not_finished_says_how_to_go_on(
    people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(people, '--steps', '6', '--minutes', '0')) == 1
    assert 'has seen 0 crops of 48 in these minutes: the same command goes' in (
        capsys.readouterr().err
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_method_learns_and_its_model_file_agrees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['ablate', '--smoke', '--runs', str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert all(f'{name} ' in shown for name in SMOKE_METHODS)
    assert (tmp_path / 'loss.png').stat().st_size > 0
