"""The judge: what was heard, and whether the robot was ever told what it must not be told.

It knows the robot map, the messages and when they came; nothing from inside the node.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.ros.demo.teleop.reference import Knot, Reference
from pose3d_ros.teleoperation.robot_map import RobotMap

__all__ = ['Account', 'Command', 'Verdict', 'judge']

Array = NDArray[np.float64]

_PAUSE_S = 0.1  # commands that are farther apart are not one stream
_COURTESY_S = 0.05  # between a reason to stop and the command that does: three ticks
_ROUNDING = 1e-3  # [rad], [rad/s]; accelerations may be off by 2 %
_SHORT_S = 4e-3  # pieces that are shorter show no acceleration


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """A trajectory that was heard.

    Attributes:
        received: When it came [s].
        stamp: When it was made [s].
        knots: Its points.
    """

    received: float
    stamp: float
    knots: list[Knot]


@dataclass
class Account:
    """Everything that was heard.

    Attributes:
        commands: All trajectories.
        images: When skeletons were published, and when their images were taken [s].
        pressed: When the deadman's switch spoke [s], and what it said.
        sources: The image that commands of a stamp come from, as the node says [s].
        commanded: Stamps and positions that the robot should have had.
        moved: Stamps, positions and velocities of the robot.
        armed: When arming was asked for [s].
    """

    commands: list[Command] = field(default_factory=list)
    images: list[tuple[float, float]] = field(default_factory=list)
    pressed: list[tuple[float, bool]] = field(default_factory=list)
    sources: dict[float, float] = field(default_factory=dict)
    commanded: list[tuple[float, Array]] = field(default_factory=list)
    moved: list[tuple[float, Array, Array]] = field(default_factory=list)
    armed: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures.

    Attributes:
        rate_hz: Commands per second while there were any.
        latency_p50_ms: Median time from an image to the command that comes from it.
        limit_violations: Commands and states beyond a limit.
        stale_commands: Commands that moved the robot without a fresh image or a pressed switch.
        max_jump_deg: Largest step of a joint from one command to the next.
        reasons: Some of what was wrong, in words.
    """

    rate_hz: float
    latency_p50_ms: float
    limit_violations: int
    stale_commands: int
    max_jump_deg: float
    reasons: tuple[str, ...]

    @property
    def line(self) -> str:
        """The summary."""
        return (
            f'teleop: rate_hz={self.rate_hz:.1f} latency_p50_ms={self.latency_p50_ms:.1f} '
            f'limit_violations={self.limit_violations} stale_commands={self.stale_commands} '
            f'max_jump_deg={self.max_jump_deg:.2f}'
        )

    @property
    def is_good(self) -> bool:
        """Whether the robot was commanded at all, and never wrongly."""
        return self.rate_hz > 0 and not (self.limit_violations or self.stale_commands)


def judge(account: Account, robot: RobotMap, *, max_age: float, deadman_timeout: float) -> Verdict:
    """Return the verdict.

    Args:
        account: What was heard.
        robot: What the robot may do.
        max_age: Of the newest image [s].
        deadman_timeout: Of the deadman's switch [s].
    """
    broken, stale = [], []
    reference = Reference(_start(account, robot))
    for command in account.commands:
        here = reference.at(command.stamp)
        why = _limits_broken([here, *command.knots], robot)
        if why:
            broken.append(f'{command.stamp:.3f} s: {why}')
        if _departs(reference, command):
            why = _staleness(account, command, max_age, deadman_timeout)
            if why:
                stale.append(f'{command.stamp:.3f} s: {why}')
        reference.take(command.stamp, command.knots)
    for stamp, positions, velocities in account.moved:
        if why := _beyond(positions, velocities, robot):
            broken.append(f'{stamp:.3f} s: of the robot itself {why}')
    return Verdict(
        rate_hz=_rate(account),
        latency_p50_ms=_latency(account),
        limit_violations=len(broken),
        stale_commands=len(stale),
        max_jump_deg=float(np.degrees(_jump(account))),
        reasons=(*broken[:8], *stale[:8]),
    )


def _start(account: Account, robot: RobotMap) -> Array:
    """Return where the robot was when it was told something for the first time."""
    first = account.commands[0].stamp if account.commands else np.inf
    before = [q for stamp, q, _ in account.moved if stamp <= first]
    return before[-1] if before else robot.column('home')


def _limits_broken(knots: list[Knot], robot: RobotMap) -> str:
    """Return which limit a motion through some points breaks; nothing if none."""
    for knot in knots:
        if why := _beyond(knot.positions, knot.velocities, robot):
            return why
    for before, after in pairwise(knots):
        elapsed = after.time - before.time
        if elapsed < _SHORT_S:
            continue
        meant = before.positions + (before.velocities + after.velocities) * elapsed / 2
        if np.abs(meant - after.positions).max() > _ROUNDING:
            return f'jumps by {np.abs(meant - after.positions).max():.4f} rad'
        change = np.abs(after.velocities - before.velocities) / elapsed
        allowed = robot.column('acceleration')
        if (change > 1.02 * allowed + _ROUNDING / elapsed).any():
            worst = int(np.argmax(change - allowed))
            return f'{robot.names[worst]} accelerates by {change[worst]:.2f} rad/s^2'
    if knots[-1].velocities.any():
        return 'does not end at rest'
    return ''


def _beyond(positions: Array, velocities: Array, robot: RobotMap) -> str:
    column, slack = robot.column, 1e-6
    outside = (positions < column('low') - slack) | (positions > column('high') + slack)
    too_fast = np.abs(velocities) > column('velocity') + _ROUNDING
    for what, wrong in (('is outside its limits', outside), ('is too fast', too_fast)):
        if wrong.any():
            return f'{robot.names[int(np.argmax(wrong))]} {what}'
    return ''


def _departs(reference: Reference, command: Command) -> bool:
    """Return whether a command is anything else than what was promised before: to brake."""
    return any(
        np.abs(reference.at(knot.time).positions - knot.positions).max() > _ROUNDING
        for knot in command.knots
    )


def _staleness(account: Account, command: Command, max_age: float, deadman_timeout: float) -> str:
    """Return why the robot should not have been moved; nothing if it should."""
    stamps = [stamp for sent, stamp in account.images if sent <= command.stamp]
    age = command.stamp - max(stamps, default=-np.inf)
    if age > max_age + _COURTESY_S:
        return f'the newest image was {age:.3f} s old'
    heard = [(t, pressed) for t, pressed in account.pressed if t <= command.stamp - _COURTESY_S]
    if not heard:
        return 'the switch was never pressed'
    if not heard[-1][1] or command.stamp - heard[-1][0] > deadman_timeout + _COURTESY_S:
        return 'the switch was not pressed'
    if not any(time <= command.stamp for time in account.armed):
        return 'it was not armed'
    return ''


def _rate(account: Account) -> float:
    times = np.array([command.received for command in account.commands])
    gaps = np.diff(times)
    going = gaps[gaps < _PAUSE_S]
    return float(len(going) / going.sum()) if len(going) else 0.0


def _latency(account: Account) -> float:
    latencies = [
        command.received - account.sources[command.stamp]
        for command in account.commands
        if account.sources.get(command.stamp, 0.0) > 0
    ]
    return 1e3 * float(np.median(latencies)) if latencies else float('nan')


def _jump(account: Account) -> float:
    """Return the largest step between two commands, or between the robot and the first one."""
    largest = 0.0
    before: tuple[float, Array] | None = None
    for stamp, positions in account.commanded:
        if before is None or stamp - before[0] > _PAUSE_S:
            moved = [q for time, q, _ in account.moved if time <= stamp]
            last = moved[-1] if moved else positions
        else:
            last = before[1]
        largest = max(largest, float(np.abs(positions - last).max()))
        before = (stamp, positions)
    return largest
