"""The settings of teleoperation, declared in the way of `pose3d_ros.options`."""

import re
from dataclasses import dataclass

from pose3d_ros.errors import ConfigError
from pose3d_ros.options import Config, option

__all__ = ['TeleopConfig']

_LEAD_PERIODS = 1.2  # below, the robot begins to brake between two commands
_WHOM = re.compile('nearest|first|[a-z]{5}')


@dataclass(frozen=True, slots=True, kw_only=True)
class TeleopConfig(Config):
    """How a robot follows a person."""

    mapping: str = option(
        'teleop_two_arms',
        'YAML file that says which human angle moves which joint of the robot; or the name of one '
        'that comes along: teleop_two_arms, teleop_pan_tilt.',
    )
    skeletons_topic: str = option('/pose3d/skeletons', 'Topic of the skeletons.')
    joint_states_topic: str = option('/joint_states', "Topic of the robot's own joint positions.")
    rate: float = option(60.0, 'Commands per second [Hz].', low=30.0, high=500.0)
    person: str = option(
        'nearest',
        'Whom to follow: nearest or first (who is there longest) when somebody is to be chosen, '
        'who then stays chosen; or the id of one person, five letters.',
        live=True,
    )
    max_age: float = option(
        0.1, 'Stop when the newest image is older than this [s].', low=0.02, high=1.0, live=True
    )
    require_deadman: bool = option(
        default=True, meaning='Stop unless true keeps coming on ~/deadman.', live=True
    )
    deadman_timeout: float = option(
        0.3,
        'Stop when nothing came on ~/deadman for this long [s].',
        low=0.05,
        high=5.0,
        live=True,
    )
    rearm_after: float = option(
        2.0,
        'A stop goes on by itself, slowly, when its reason has gone within this time; after it '
        'the robot is disarmed [s].',
        low=0.0,
        high=60.0,
        live=True,
    )
    arming_share: float = option(
        0.3,
        'Share of the velocity limits until a joint has come to where the person is.',
        low=0.05,
        high=1.0,
        live=True,
    )
    arming_tolerance: float = option(
        0.1,
        'A joint has come to where the person is within this [rad].',
        low=0.01,
        high=1.0,
        live=True,
    )
    horizon: float = option(
        0.1,
        'The motion of the person is carried on beyond the newest image for up to this time, to '
        'make up for latency [s]; 0 is never.',
        low=0.0,
        high=0.3,
        live=True,
    )
    smoothing: float = option(
        0.06, 'Time over which human angles are smoothed [s].', low=0.0, high=1.0
    )
    lead: float = option(
        0.03,
        'Commands are made this long before they are due [s]; at least 1.2 periods.',
        low=0.0,
        high=0.2,
    )
    max_deviation: float = option(
        0.3,
        'Stop when the robot is farther than this from its command [rad].',
        low=0.01,
        high=10.0,
        live=True,
    )
    joint_states_timeout: float = option(
        0.5,
        "Stop when the robot's own joint positions are older than this [s].",
        low=0.02,
        high=10.0,
        live=True,
    )
    pose_frame: str = option(
        'torso',
        'Frame of the poses of wrists and head: torso, or a TF frame that the camera is in.',
    )
    torso_frame: str = option(
        'torso', "The robot's frame that stands for the person's torso in poses relative to it."
    )
    diagnostics_period: float = option(1.0, 'Time between diagnostics [s].', low=0.1, high=60.0)

    def __post_init__(self) -> None:
        """Check every value."""
        Config.__post_init__(self)
        if not _WHOM.fullmatch(self.person):
            message = (
                f'person is {self.person!r}, but must be nearest, first or an id of five letters'
            )
            raise ConfigError(message)
        if self.lead * self.rate < _LEAD_PERIODS:
            message = (
                f'lead is {self.lead:g} s, but must be at least {_LEAD_PERIODS / self.rate:.3f} s '
                f'at a rate of {self.rate:g} Hz'
            )
            raise ConfigError(message)
