"""Leader: what the person asks of the robot's joints."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.motions import Motion, Motions
from pose3d_ros.person import Person
from pose3d_ros.skeleton import H36M_17
from pose3d_ros.teleoperation.human_angles import HUMAN_ANGLES, human_angles
from pose3d_ros.teleoperation.operators import Operators
from pose3d_ros.teleoperation.predictor import Predictor
from pose3d_ros.teleoperation.robot_map import RobotMap
from pose3d_ros.teleoperation.sight import Following, Need, Sight

__all__ = ['Goals', 'Leader']

Array = NDArray[np.float64]


class Goals(NamedTuple):
    """Where the robot's joints shall be.

    Attributes:
        positions: Within the limits, shape (N,) [rad]; NaN where nothing is asked for.
        velocities: Within the limits, shape (N,) [rad/s].
    """

    positions: Array
    velocities: Array


class Leader:
    """Follows the operator from image to image.

    Attributes:
        person: The operator in the newest image; None if there is none.
        motion: How the operator is turned and bent.
        sight: What of the operator the joints of the robot see.
    """

    def __init__(self, robot: RobotMap, smoothing: float) -> None:
        """Have seen nobody yet.

        Args:
            robot: What moves what.
            smoothing: Of the angles; see `Predictor` [s].
        """
        self._robot = robot
        self._leads = [joint.human for joint in robot.joints]
        self._columns = [HUMAN_ANGLES.index(name) if name else -1 for name in self._leads]
        self._operators, self._motions = Operators(), Motions(H36M_17)
        self._predictor = Predictor(len(robot.joints), smoothing)
        self._angles: Array | None = None
        self._followed = ''
        self.sight = Sight(
            [Need(each.needs, each.min_confidence, each.hold_time) for each in robot.joints]
        )
        self.person: Person | None = None
        self.motion: Motion | None = None

    @property
    def last_id(self) -> str:
        """The id of who was followed last; empty before anybody was."""
        return self._followed

    def see(self, people: Sequence[Person], time: float, whom: str) -> bool:
        """Learn from an image; return whether the operator is another person than before.

        Args:
            people: Everybody in it; their joints are those of Human3.6M.
            time: When it was taken [s].
            whom: To follow; see `Operators.choose`.
        """
        self.person = self._operators.choose(people, whom)
        self.motion = None
        if self.person is None:
            return False
        changed = self.person.id != self._followed
        if changed:
            self._followed, self._angles = self.person.id, None
            self._motions.reset()
            self._predictor.reset()
            self.sight.reset()
        self.motion = self._motions.update([self.person])[0]
        angles: Array = np.full(len(HUMAN_ANGLES), np.nan)
        if self.motion.pose is not None:
            angles = self._angles = human_angles(self.motion.pose, self._angles)
        led = np.where(np.array(self._columns) < 0, np.nan, angles[self._columns])
        known = [
            bool(np.isfinite(x)) or not lead for x, lead in zip(led, self._leads, strict=True)
        ]
        seen = self.sight.look(self.person, known, time)
        self._predictor.update(time, np.where(seen, led, np.nan))
        return changed

    def goals(self, time: float, horizon: float) -> Goals:
        """Return where the joints shall be at a time; those without a human angle at home.

        Args:
            time: When [s].
            horizon: Motion goes on for up to this time after the newest image [s].
        """
        column = self._robot.column
        angles, rates = self._predictor.at(time, horizon)
        gain, low, high, fastest = (column(name) for name in ('gain', 'low', 'high', 'velocity'))
        wanted = gain * angles + column('offset')
        constant = np.array(self._columns) < 0
        positions = np.where(constant, column('home'), np.clip(wanted, low, high))
        inside = (wanted > low) & (wanted < high)
        velocities = np.where(inside, np.clip(gain * rates, -fastest, fastest), 0.0)
        return Goals(positions, velocities)

    def following(self, now: float) -> list[Following]:
        """Return what each joint of the robot does."""
        return self.sight.states(now)
