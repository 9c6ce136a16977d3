"""Teleoperator: a robot follows a person. The story of one tick is `Teleoperator.tick`.

Images, the deadman's switch and the robot's own joints come in at any time. Every time that is
asked about comes in as an argument, all by one clock that the images' times are told by as well.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.person import Person
from pose3d_ros.teleoperation.config import TeleopConfig
from pose3d_ros.teleoperation.deadman import Deadman
from pose3d_ros.teleoperation.frame_tree import Transform
from pose3d_ros.teleoperation.hands import HandPose, Hands
from pose3d_ros.teleoperation.leader import Leader
from pose3d_ros.teleoperation.limiter import Limits, towards
from pose3d_ros.teleoperation.pace import Pace
from pose3d_ros.teleoperation.plan import Plan, Point
from pose3d_ros.teleoperation.robot_map import OnLoss, RobotMap
from pose3d_ros.teleoperation.robot_state import RobotState
from pose3d_ros.teleoperation.sight import Following
from pose3d_ros.teleoperation.supervisor import Supervisor, TeleopState

__all__ = ['Teleoperator', 'Tick']

Array = NDArray[np.float64]

_FUTURE = 0.05  # an image may be ahead of the clock by so much [s]


@dataclass(frozen=True, slots=True, eq=False)
class Tick:
    """What the robot shall do, and why.

    Attributes:
        state: The state.
        reason: Why, in words.
        person: The id of the operator; empty if there is none.
        image_time: When the newest image was taken; NaN before the first [s].
        following: What each joint does.
        reasons: Why each joint does not follow; empty where it does.
        now: Where the joints shall be now; None if the robot is not commanded.
        ahead: Where they shall be from now on until they rest; empty if it is not commanded.
        poses: Of wrists and head, by name.
    """

    state: TeleopState
    reason: str
    person: str
    image_time: float
    following: Sequence[Following]
    reasons: Sequence[str]
    now: Point | None = None
    ahead: Sequence[Point] = ()
    poses: Mapping[str, HandPose] = field(default_factory=dict)


class Teleoperator:
    """Lets a robot follow a person.

    Attributes:
        robot: What moves what.
        config: The settings; may be exchanged at any time.
    """

    def __init__(self, robot: RobotMap, config: TeleopConfig) -> None:
        """Begin disarmed."""
        self.robot, self.config = robot, config
        column = robot.column
        self._limits = Limits(
            column('low'), column('high'), column('velocity'), column('acceleration')
        )
        self._leader = Leader(robot, config.smoothing)
        self._hands = Hands(robot.poses, config.smoothing)
        self._own = RobotState(robot)
        self._supervisor = Supervisor()
        self._plan: Plan | None = None
        self._pace = Pace(len(robot.joints))
        self._deadman = Deadman()
        self._image_time = math.nan
        self._ticked = math.nan

    def see(
        self, people: Sequence[Person], time: float, now: float, frame: Transform | None = None
    ) -> str:
        """Learn from an image.

        Args:
            people: Everybody in it; their joints are those of Human3.6M.
            time: When it was taken [s].
            now: The time [s].
            frame: frame_from_camera of the frame that poses are wanted in; None for the torso.

        Returns:
            Why the image is not used; empty if it is.
        """
        if time - now > _FUTURE:
            return f'the image is {time - now:.2f} s ahead of the clock'
        if time <= self._image_time:
            return 'the image is not newer than the last one'
        self._image_time = time
        before = self._leader.last_id
        if self._leader.see(people, time, self.config.person):
            self._hands.reset()
            self._approach(f'follows {self._leader.last_id}' + (f' after {before}' * bool(before)))
        if self._leader.person is not None and self._leader.motion is not None:
            self._hands.see(self._leader.person, self._leader.motion, time, frame)
        return ''

    def press(self, now: float, *, pressed: bool) -> None:
        """Learn what the deadman's switch says."""
        self._deadman.press(now, pressed=pressed)

    def feel(self, positions: Mapping[str, float], now: float) -> None:
        """Learn where the robot's joints are, by name [rad]; others are ignored."""
        self._own.update(positions, now)

    def arm(self, now: float) -> str:
        """Begin to follow; return why that is not possible, or nothing if it is."""
        if self._supervisor.state is not TeleopState.DISARMED:
            return ''
        refusal = self._obstacle(now) or self._own.unfit_to_start()
        if not refusal and self._plan is not None and self._plan.at(now).velocities.any():
            refusal = 'the robot has not come to rest yet'
        if refusal:
            return refusal
        self._plan = Plan.resting(self._limits, self._own.positions, now)
        self._hands.begin()
        self._supervisor.arm()
        self._pace.reset()
        return ''

    def disarm(self, reason: str) -> None:
        """Come to rest, and let nothing move until armed again."""
        self._supervisor.disarm(reason)

    def tick(self, now: float) -> Tick:
        """Return what the robot shall do.

        Args:
            now: The time [s].
        """
        if now < self._ticked:
            self._restart(now)
        elapsed = 0.0 if math.isnan(self._ticked) else now - self._ticked
        following = self._leader.following(now)
        self._supervise(now, following, elapsed)
        self._ticked = now
        plan = self._plan
        if plan is not None:
            self._extend(plan, now, following)
            if self._supervisor.may_move or not plan.is_at_rest:
                return self._told(now, following, plan, elapsed)
            if self._supervisor.state is TeleopState.DISARMED:
                self._plan = None
        return self._told(now, following, None, elapsed)

    def _told(
        self, now: float, following: Sequence[Following], plan: Plan | None, elapsed: float
    ) -> Tick:
        share = self._share if self._supervisor.may_move else 0.0
        poses = self._hands.move(now, elapsed, self.config.horizon, share)
        person = self._leader.person
        return Tick(
            state=self._supervisor.state,
            reason=self._supervisor.reason,
            person=person.id if person else '',
            image_time=self._image_time,
            following=following,
            reasons=tuple(self._leader.sight.reasons),
            now=plan.at(now) if plan else None,
            ahead=plan.ahead(now) if plan else (),
            poses=poses,
        )

    @property
    def _share(self) -> float:
        """The share of the highest velocities that may be used."""
        slow = self._supervisor.state is TeleopState.ARMING
        return self.config.arming_share if slow else 1.0

    def _restart(self, now: float) -> None:
        """Begin anew after a jump of the clock into the past."""
        self.disarm(f'the clock has jumped back by {self._ticked - now:.2f} s')
        self._plan = None
        self._image_time = self._ticked = math.nan
        self._deadman.forget()
        self._own.forget()
        self._leader = Leader(self.robot, self.config.smoothing)
        self._hands.reset()

    def _approach(self, reason: str) -> None:
        self._supervisor.approach(reason)
        self._pace.reset()

    def _supervise(self, now: float, following: Sequence[Following], elapsed: float) -> None:
        follows = np.array([each is Following.FOLLOWING for each in following])
        reasons = self._leader.sight.reasons
        held = [
            f'{joint.robot}: {reason}'
            for joint, is_followed, reason in zip(self.robot.joints, follows, reasons, strict=True)
            if not is_followed
        ]
        before = self._supervisor.state
        self._supervisor.update(
            now,
            obstacle=self._late(elapsed) or self._obstacle(now),
            arrived=self._pace.has_come(follows),
            held='; '.join(held),
            rearm_after=self.config.rearm_after,
        )
        if before is TeleopState.STOPPED and self._supervisor.may_move:
            self._pace.reset()

    def _late(self, elapsed: float) -> str:
        late = elapsed > self.config.max_age
        return f'this node was held up for {elapsed:.2f} s' if late else ''

    def _obstacle(self, now: float) -> str:
        """Return why the robot must stop now; nothing if it need not."""
        return (
            self._deadman.obstacle(now, self.config)
            or self._unseen(now)
            or self._stopped_joint(now)
            or self._own.obstacle(now, self._plan, self.config)
        )

    def _unseen(self, now: float) -> str:
        age = now - self._image_time
        if math.isnan(age):
            return 'there are no images'
        if age > self.config.max_age:
            return f'the newest image is {age:.2f} s old'
        if self._leader.person is not None:
            return ''
        if self.config.person not in ('nearest', 'first'):
            return f'{self.config.person} is not there'
        lost = self._leader.last_id
        return f'{lost} is lost, and nobody else is there' if lost else 'nobody is there'

    def _stopped_joint(self, now: float) -> str:
        following, reasons = self._leader.following(now), self._leader.sight.reasons
        for joint, each, reason in zip(self.robot.joints, following, reasons, strict=True):
            if each is Following.LOST and joint.on_loss is OnLoss.STOP:
                return f'{joint.robot} is lost: {reason}'
        return ''

    def _extend(self, plan: Plan, now: float, following: Sequence[Following]) -> None:
        """Promise the motion that is due next."""
        plan.forget(now)
        due = now + self.config.lead
        last = plan.catch_up(now, due)
        elapsed = max(due - last.time, 0.0)
        wanted = np.zeros_like(last.positions)
        if self._supervisor.may_move and elapsed > 0:
            wanted = self._wanted(last, elapsed, following)
        plan.extend(due, wanted)

    def _wanted(self, last: Point, elapsed: float, following: Sequence[Following]) -> Array:
        """Return the velocities that bring each joint to where it shall be, shape (N,)."""
        goals, speeds = self._leader.goals(last.time, self.config.horizon)
        follows = np.array([each is Following.FOLLOWING for each in following])
        follows &= np.isfinite(goals)
        homing = np.array(
            [
                each is Following.LOST and joint.on_loss is OnLoss.HOME
                for each, joint in zip(following, self.robot.joints, strict=True)
            ]
        )
        goals = np.where(follows, goals, self.robot.column('home'))
        speeds = np.where(follows, speeds, 0.0)
        lost = np.array([each is Following.LOST for each in following])
        near = follows & (np.abs(goals - last.positions) < self.config.arming_tolerance)
        self._pace.advance(near, lost, elapsed)
        fastest = self._pace.shares(self.config.arming_share) * self._limits.velocity
        wanted = towards(last.positions, goals, speeds, elapsed, self._limits)
        wanted = np.clip(wanted, -fastest, fastest)
        return np.where(follows | homing, wanted, 0.0)
