"""People who are exactly the human model and do what a test wants, and a robot that obeys."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from human_bodies import model_measures
from numpy.typing import NDArray

from pose3d_ros.human_model import ANGLES, forward
from pose3d_ros.person import JointState, Person, PersonState
from pose3d_ros.skeleton import H36M_17
from pose3d_ros.teleoperation.config import TeleopConfig
from pose3d_ros.teleoperation.map_file import parse_map
from pose3d_ros.teleoperation.teleoperator import Teleoperator, Tick

Array = NDArray[np.float64]

CAMERA_FROM_BODY = np.array(((0.0, 1, 0), (0, 0, -1), (-1, 0, 0)))  # facing the camera
TICK, FRAME = 1 / 60, 1 / 30
MAP = """\
defaults: {velocity: 2.0, acceleration: 8.0, hold_time: 0.5, min_confidence: 0.4}
joints:
  elbow: {human: l_elbow, limits: [0.0, 2.4]}
  pan: {human: y_head, sign: -1, limits: [-1.0, 1.0], on_loss: home}
  grip: {limits: [0.0, 1.0], home: 0.5}
"""
REST = {'elbow': 0.0, 'pan': 0.0, 'grip': 0.5}


def actor(
    name: str = 'abcde',
    *,
    distance: float = 3.0,
    state: PersonState = PersonState.SEEN,
    hidden: Mapping[str, JointState] | None = None,
    confidence: Mapping[str, float] | None = None,
    stamp: float = 0.0,
    **angles: float,
) -> Person:
    """Return somebody with some angles [rad], whose other ones are 0; facing the camera."""
    values = np.array([angles.get(angle, 0.0) for angle in ANGLES])
    body = forward(values, model_measures())
    sure = np.full(17, 0.9)
    states = np.full(17, JointState.VISIBLE, np.uint8)
    if state is PersonState.PREDICTED:
        states[:] = JointState.PREDICTED
    for joint, what in (hidden or {}).items():
        states[H36M_17.index(joint)] = what
    for joint, value in (confidence or {}).items():
        sure[H36M_17.index(joint)] = value
    return Person(
        id=name,
        state=state,
        presence=0.9,
        box=(1.0, 2.0, 30.0, 40.0),
        pixels=np.zeros((17, 2)),
        positions=body @ CAMERA_FROM_BODY.T + (0.0, 0.0, distance),
        confidence=sure,
        deviation=np.full(17, 0.1),
        joint_states=states,
        stamp=stamp,
    )


class Stage:
    """A teleoperator whose robot obeys at once, and whose operator holds the switch."""

    def __init__(self, text: str = MAP, **settings: Any) -> None:
        self.robot = parse_map(text, 'robot.yaml')
        self.teleoperator = Teleoperator(self.robot, TeleopConfig(**settings))
        self.positions = {name: REST.get(name, 0.0) for name in self.robot.names}
        self.now, self.next_frame, self.latency = 10.0, 10.0, 0.03
        self.people: list[Person] = [actor()]
        self.pressed = self.filming = True
        self.ticks: list[Tick] = []
        self.refused: list[str] = []

    def set_config(self, **settings: Any) -> None:
        self.teleoperator.config = TeleopConfig(**settings)

    def play(self, seconds: float, **changes: Any) -> Tick:
        """Let time pass; a new image comes every second tick."""
        for name, value in changes.items():
            assert hasattr(self, name)
            setattr(self, name, value)
        for _ in range(max(round(seconds / TICK), 1)):
            self.now += TICK
            if self.pressed is not None:
                self.teleoperator.press(self.now, pressed=self.pressed)
            self.teleoperator.feel(self.positions, self.now)
            if self.filming and self.now >= self.next_frame:
                why = self.teleoperator.see(self.people, self.now - self.latency, self.now)
                self.refused += [why] * bool(why)
                self.next_frame = self.now + FRAME - TICK / 2
            self.tick()
        return self.ticks[-1]

    def tick(self) -> Tick:
        tick = self.teleoperator.tick(self.now)
        self.ticks.append(tick)
        if tick.now is not None:
            self.positions = dict(zip(self.robot.names, tick.now.positions.tolist(), strict=True))
        return tick

    def arm(self) -> str:
        return self.teleoperator.arm(self.now)

    def armed(self, **changes: Any) -> 'Stage':
        """Play until the robot follows."""
        self.play(0.2, **changes)
        assert self.arm() == ''
        self.play(5.0)
        return self

    def of(self, joint: str) -> float:
        """Return where a joint of the robot is."""
        return self.positions[joint]
