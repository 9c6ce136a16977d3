"""Robot map: which angle of a person moves which joint of a robot, and within which limits."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

__all__ = ['JointMap', 'OnLoss', 'PoseMap', 'RobotMap']

Array = NDArray[np.float64]


class OnLoss(Enum):
    """What a joint does when the angle that moves it has been out of sight for too long."""

    STAY = 'stay'
    """It stays where it is."""
    HOME = 'home'
    """It goes to its home, slowly."""
    STOP = 'stop'
    """The whole robot stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointMap:
    """How one joint of a robot follows: position = gain * angle + offset, clipped to the limits.

    Attributes:
        robot: Name of the robot's joint.
        human: Name of the angle in `HUMAN_ANGLES`; empty for a joint that only goes home.
        gain: Sign and scale.
        offset: Position at an angle of 0 [rad].
        low: Lowest position [rad].
        high: Highest position [rad].
        velocity: Highest velocity [rad/s].
        acceleration: Highest acceleration [rad/s^2].
        home: Where the joint is when nothing moves it [rad].
        on_loss: What it does when the angle has been out of sight for `hold_time`.
        hold_time: How long it holds its position until then [s].
        min_confidence: Of every joint in `needs`; below it the angle is out of sight.
        needs: Joints of the person that must be visible.
        controller: Name of the controller that moves it; empty for the only one.
    """

    robot: str
    human: str
    gain: float
    offset: float
    low: float
    high: float
    velocity: float
    acceleration: float
    home: float
    on_loss: OnLoss
    hold_time: float
    min_confidence: float
    needs: tuple[str, ...]
    controller: str = ''


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseMap:
    """How the poses of wrists and head follow.

    Attributes:
        scale: Of the positions: the robot's arm over the person's.
        velocity: Highest velocity [m/s].
        acceleration: Highest acceleration [m/s^2].
        angular_velocity: Highest angular velocity [rad/s].
        angular_acceleration: Highest angular acceleration [rad/s^2].
        hold_time: How long a pose that is out of sight is held, before it falls silent [s].
        min_confidence: Of every joint that a pose needs.
    """

    scale: float = 1.0
    velocity: float = 1.0
    acceleration: float = 5.0
    angular_velocity: float = 3.0
    angular_acceleration: float = 15.0
    hold_time: float = 0.5
    min_confidence: float = 0.4


@dataclass(frozen=True, slots=True)
class RobotMap:
    """A whole robot.

    Attributes:
        joints: Its joints, in the order of every array.
        poses: How the poses of wrists and head follow.
    """

    joints: tuple[JointMap, ...]
    poses: PoseMap = PoseMap()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the robot's joints."""
        return tuple(joint.robot for joint in self.joints)

    @property
    def controllers(self) -> dict[str, list[int]]:
        """The indices of the joints that each controller moves."""
        found: dict[str, list[int]] = {}
        for index, joint in enumerate(self.joints):
            found.setdefault(joint.controller, []).append(index)
        return found

    def column(self, name: str) -> Array:
        """Return one number of every joint, shape (N,)."""
        return np.array([getattr(joint, name) for joint in self.joints], dtype=np.float64)
