"""The bench of several cameras: its figures, and its processes, one of which is killed."""

import json
import subprocess
import sys

import pytest

from pose3d_ros.ros.demo.bench import Answer, Figures, change, figures_of, table

ALL = {'a': Figures(30.0, 20.0, 40.0, 1.0), 'b': Figures(29.0, 21.0, 41.0, 0.5)}
WITHOUT_B = {'a': Figures(27.0, 20.0, 40.0, 1.0), 'b': Figures(0.0, 0.0, 0.0, 0.0)}
PHASES = {'all run': ALL, 'b is killed': WITHOUT_B}


def test_rates_are_per_second_and_latencies_from_the_stamp() -> None:
    answers = [Answer(10.0 + i + 0.001 * i, 10.0 + i, seen=i % 2) for i in range(11)]
    figures = figures_of(answers, 5.5)
    assert figures.rate_hz == pytest.approx(2.0)
    assert (figures.p50_ms, figures.p95_ms) == pytest.approx((5.0, 9.5))
    assert figures.seen == pytest.approx(5 / 11)


def test_no_answers_are_a_rate_of_zero() -> None:
    assert figures_of([], 5.0).rate_hz == 0


def test_the_change_is_that_of_who_was_not_killed() -> None:
    assert change(PHASES) == pytest.approx(-0.1)


def test_a_camera_that_dies_with_the_other_is_the_worst_change() -> None:
    dead = {'a': WITHOUT_B['b'], 'b': WITHOUT_B['b']}
    assert change({'all run': ALL, 'b is killed': dead}) == pytest.approx(-1.0)


def test_the_table_has_a_row_for_each_camera_and_phase() -> None:
    rows = table(PHASES).splitlines()
    assert rows[2] == '| all run | a | 30.0 | 20.0 / 40.0 | 100.0% |'
    assert rows[-1] == '| b is killed | b | 0.0 | - | - |'
    assert len({row.count('|') for row in rows}) == 1


@pytest.mark.ros
@pytest.mark.slow
def test_one_camera_is_killed_and_the_other_goes_on() -> None:
    words = ['bench', '--cameras', '2', '--seconds', '2', '--estimator', 'constant', '--json']
    command = [sys.executable, '-c', 'from pose3d_ros.cli import main; main()', *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.stdout, done.stderr
    together, killed = json.loads(done.stdout)['phases'].values()
    assert together['camera_1']['rate_hz'] > 0
    assert together['camera_2']['rate_hz'] > 0
    assert killed['camera_1']['rate_hz'] > 0
    assert killed['camera_2']['rate_hz'] == 0
