"""The demo of teleoperation: the judge sees what is wrong, and the whole piece can be played."""

import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from teleoperation.actors import MAP

from pose3d_ros.ros.demo.teleop.judge import Account, Command, Verdict, judge
from pose3d_ros.ros.demo.teleop.reference import Knot, Reference
from pose3d_ros.teleoperation.limiter import Limits
from pose3d_ros.teleoperation.map_file import parse_map
from pose3d_ros.teleoperation.plan import Plan

ROBOT = parse_map(MAP, 'robot.yaml')
TICK, LEAD = 1 / 60, 0.03
HOME = np.array((0.0, 0.0, 0.5))


def honest(speed: float = 1.0, ticks: int = 60) -> Account:
    """What is heard when all is well, and an elbow moves."""
    names = ('low', 'high', 'velocity', 'acceleration')
    plan = Plan.resting(Limits(*(ROBOT.column(name) for name in names)), HOME, 100.0)
    account = Account(armed=[99.0], moved=[(99.9, HOME, np.zeros(3))])
    for number in range(1, ticks + 1):
        now = 100.0 + number * TICK
        plan.catch_up(now, now + LEAD)
        plan.extend(now + LEAD, np.array((speed, 0.0, 0.0)))
        plan.forget(now)
        account.commands.append(Command(now + 0.001, now, [Knot(*p) for p in plan.ahead(now)]))
        account.commanded.append((now, plan.at(now).positions))
        account.images.append((now - 0.01, now - 0.05))
        account.sources[now] = now - 0.05
        account.pressed.append((now - 0.2, True))
    account.pressed.insert(0, (99.7, True))
    return account


def verdict(account: Account) -> Verdict:
    return judge(account, ROBOT, max_age=0.1, deadman_timeout=0.3)


def test_an_honest_account_has_nothing_wrong_and_its_figures() -> None:
    found = verdict(honest())
    assert found.is_good, found.reasons
    assert found.line == (
        'teleop: rate_hz=60.0 latency_p50_ms=51.0 limit_violations=0 stale_commands=0 '
        'max_jump_deg=0.95'
    )


def changed(account: Account, number: int, **values: Any) -> Account:
    """Change the first point of a command."""
    command = account.commands[number]
    command.knots[0] = command.knots[0]._replace(**values)
    return account


@pytest.mark.parametrize(
    ('values', 'reason'),
    [
        ({'positions': np.array((2.5, 0.0, 0.5))}, 'elbow is outside its limits'),
        ({'velocities': np.array((2.1, 0.0, 0.0))}, 'elbow is too fast'),
        ({'velocities': np.array((1.9, 0.0, 0.0))}, 'jumps by'),
        ({'positions': np.array((0.2, 0.0, 0.5))}, 'jumps by'),
    ],
)
def test_a_command_beyond_a_limit_is_found(values: Any, reason: str) -> None:
    found = verdict(changed(honest(), 30, **values))
    assert found.limit_violations >= 1
    assert reason in found.reasons[0]
    assert not found.is_good


def test_too_hard_an_acceleration_is_found() -> None:
    account = honest()
    knots = account.commands[40].knots
    first = knots[0]
    last = Knot(first.time + 0.05, first.positions, np.zeros(3))
    account.commands[40].knots[1:] = [
        last._replace(positions=first.positions + first.velocities * 0.05 / 2)
    ]
    assert 'elbow accelerates by' in verdict(account).reasons[0]


def test_a_command_that_does_not_end_at_rest_is_found() -> None:
    account = honest()
    del account.commands[40].knots[-1]
    assert 'does not end at rest' in verdict(account).reasons[0]


@pytest.mark.parametrize(
    ('lose', 'reason'),
    [
        ('images', 'the newest image was'),
        ('pressed', 'the switch was never pressed'),
        ('armed', 'it was not armed'),
    ],
)
def test_a_command_without_what_it_needs_is_stale(lose: str, reason: str) -> None:
    account = honest()
    getattr(account, lose).clear()
    found = verdict(account)
    assert found.stale_commands > 0
    assert reason in found.reasons[0]


def test_a_released_switch_makes_commands_stale_but_braking_is_none() -> None:
    account = honest()
    account.pressed = [(99.7, True), (100.5, False)]
    assert 'the switch was not pressed' in verdict(account).reasons[0]
    resting = honest(speed=0.0)
    resting.pressed = [(99.7, True), (100.1, False)]
    assert verdict(resting).is_good


def test_nothing_heard_is_nothing_good() -> None:
    assert not verdict(Account()).is_good


def test_a_reference_goes_through_all_points_and_rests_at_the_last_one() -> None:
    reference = Reference(np.zeros(1))
    reference.take(
        1.0,
        [Knot(1.5, np.array((0.25,)), np.ones(1)), Knot(2.5, np.array((0.75,)), np.zeros(1))],
    )
    assert reference.at(1.5).positions == pytest.approx(0.25)
    assert reference.at(2.0).velocities == pytest.approx(0.5)
    assert reference.at(9.0).positions == pytest.approx(0.75)
    assert reference.at(9.0).velocities == 0


@pytest.mark.ros
@pytest.mark.slow
def test_the_whole_piece_is_played_and_no_command_is_wrong() -> None:
    script = 'import sys; from pose3d_ros.cli import main; sys.exit(main())'
    # A busy machine may answer late: an image may be older here than by default.
    options = ('--following', '1', '--max-age', '0.5')
    done = subprocess.run(
        [sys.executable, '-c', script, 'teleop-demo', *options],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = dict(re.findall(r'(\w+)=([\d.]+)', done.stdout.splitlines()[-1]))
    names = 'rate_hz latency_p50_ms limit_violations stale_commands max_jump_deg'
    assert ' '.join(figures) == names
    assert (figures['limit_violations'], figures['stale_commands']) == ('0', '0')
