"""Robot state: where the robot's joints are, as it says itself."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.teleoperation.config import TeleopConfig
from pose3d_ros.teleoperation.plan import Plan
from pose3d_ros.teleoperation.robot_map import RobotMap

__all__ = ['RobotState']

Array = NDArray[np.float64]

_NOISE = 0.01  # a joint may seem to be outside its limits by so much [rad]


class RobotState:
    """Remembers what the robot says.

    Attributes:
        positions: Of the joints, shape (N,) [rad]; NaN where not known.
    """

    def __init__(self, robot: RobotMap) -> None:
        """Know nothing yet."""
        self._robot = robot
        self.forget()

    def forget(self) -> None:
        """Know nothing any more."""
        self.positions = np.full(len(self._robot.joints), np.nan)
        self._times = np.full(len(self._robot.joints), -math.inf)

    def update(self, positions: Mapping[str, float], now: float) -> None:
        """Learn the positions of some joints by their names; what is not finite is not known."""
        for index, name in enumerate(self._robot.names):
            if name in positions and math.isfinite(positions[name]):
                self.positions[index], self._times[index] = positions[name], now

    def unfit_to_start(self) -> str:
        """Return why the robot cannot be moved from where it is; nothing if it can."""
        for joint, position in zip(self._robot.joints, self.positions.tolist(), strict=True):
            if not joint.low - _NOISE <= position <= joint.high + _NOISE:
                return (
                    f'{joint.robot} is at {position:.3f} rad, outside its limits '
                    f'{joint.low:g} to {joint.high:g}: move it there first'
                )
        return ''

    def obstacle(self, now: float, plan: Plan | None, config: TeleopConfig) -> str:
        """Return why the robot must stop; nothing if it need not.

        Args:
            now: The time [s].
            plan: What it has been told to do; None if nothing.
            config: How far it may be from that.
        """
        for name, time in zip(self._robot.names, self._times.tolist(), strict=True):
            if now - time > config.joint_states_timeout:
                return f'the robot does not tell where {name} is'
        if plan is None:
            return ''
        away = np.abs(self.positions - plan.at(now).positions)
        worst = int(np.argmax(away))
        if away[worst] > config.max_deviation:
            return f'{self._robot.names[worst]} is {away[worst]:.2f} rad away from its command'
        return ''
