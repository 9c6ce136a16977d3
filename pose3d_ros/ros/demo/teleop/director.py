"""The director: holds the switch, gives cues, freezes processes, and expects what must follow."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import rclpy
from rclpy.node import Node
from rclpy.qos import QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, Header, String
from std_srvs.srv import Trigger

from pose3d_ros.msg import Skeleton3DArray, TeleopState
from pose3d_ros.ros.demo.teleop.listener import ARMING, DEED_TOPIC, PRESSED, RELEASED
from pose3d_ros.ros.demo.teleop.stage import CUE_QOS, CUE_TOPIC

__all__ = ['Director', 'Disappointment', 'direct']

_SWITCH_PERIOD_S = 0.05
_RETRY_S = 0.5
_PATIENCE_S = 30.0  # for anything that is expected
_MOVING = (TeleopState.FOLLOWING, TeleopState.HOLDING)
_DEAD = (TeleopState.STOPPED, TeleopState.DISARMED)


class Disappointment(Exception):  # noqa: N818 it is what a director has
    """What was expected did not happen."""


class Director(Node):
    """Acts upon everything else."""

    def __init__(self, processes: dict[str, int]) -> None:
        """Begin with the switch pressed.

        Args:
            processes: Their ids by name: pose and teleop.
        """
        super().__init__('director')
        self._processes = processes
        self.pressed = True
        self.state: Any = None
        self._seen: set[type] = set()
        self._switch = self.create_publisher(Bool, '/teleop/deadman', QoSProfile(depth=10))
        self._log = self.create_publisher(Header, DEED_TOPIC, QoSProfile(depth=10))
        self._cues = self.create_publisher(String, CUE_TOPIC, CUE_QOS)
        self._arm = self.create_client(Trigger, '/teleop/arm')
        self._disarm = self.create_client(Trigger, '/teleop/disarm')
        one = QoSProfile(depth=10)
        self.create_subscription(TeleopState, '/teleop/state', self._on_state, one)
        self.create_subscription(
            Skeleton3DArray, '/pose3d/skeletons', lambda _: self._seen.add(Skeleton3DArray), one
        )
        self.create_subscription(
            JointState, '/joint_states', lambda _: self._seen.add(JointState), one
        )
        self.create_timer(_SWITCH_PERIOD_S, self._hold)

    def _hold(self) -> None:
        self._note(PRESSED if self.pressed else RELEASED)
        self._switch.publish(Bool(data=self.pressed))

    def _note(self, deed: str) -> None:
        """Tell what is about to be done, and when."""
        self._log.publish(Header(stamp=self.get_clock().now().to_msg(), frame_id=deed))

    def _on_state(self, msg: TeleopState) -> None:
        self.state = msg

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            rclpy.spin_once(self, timeout_sec=left)

    def expect(self, what: str, condition: Callable[[], Any]) -> None:
        """Wait for something.

        Raises:
            Disappointment: It does not happen.
        """
        deadline = time.monotonic() + _PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                told = f'{self.state.state}: {self.state.reason}' if self.state else 'nothing'
                message = f'expected: {what}; the last state was {told}'
                raise Disappointment(message)
            rclpy.spin_once(self, timeout_sec=0.05)
        reason = self.state.reason if self.state else ''
        print(f'  {what}' + (f' ({reason})' if reason else ''), flush=True)

    def expect_audience(self) -> None:
        """Wait until everybody is there."""
        everything = {Skeleton3DArray, JointState}
        self.expect(
            'everybody is there',
            lambda: (
                self.state
                and everything <= self._seen
                and self._cues.get_subscription_count() >= 2
                and self._switch.get_subscription_count() >= 1
                and self._log.get_subscription_count() >= 1
            ),
        )

    def expect_following(self) -> None:
        """Wait until the robot follows."""
        self.expect('the robot follows', lambda: self.state.state in _MOVING)

    def expect_stop(self, why: str) -> None:
        """Wait until the robot stops, and says why."""
        self.expect(
            f'the robot stops: {why}',
            lambda: self.state.state in _DEAD and why in self.state.reason,
        )

    def cue(self, word: str) -> None:
        """Tell the stage what to show."""
        self._cues.publish(String(data=word))

    def freeze(self, process: str) -> None:
        """Stop a process."""
        os.kill(self._processes[process], signal.SIGSTOP)

    def thaw(self, process: str) -> None:
        """Let a process go on."""
        os.kill(self._processes[process], signal.SIGCONT)

    def arm(self) -> None:
        """Arm, as often as it takes while people come into sight, and wait until it follows."""
        self._note(ARMING)

        def armed() -> bool:
            if self.state.state not in _DEAD:
                return True
            if self.call(self._arm):
                return True
            self.wait(_RETRY_S)
            return False

        self.expect('the robot is armed', armed)
        self.expect_following()

    def disarm(self) -> None:
        """Disarm."""
        self.expect('the robot is disarmed', lambda: self.call(self._disarm))

    def call(self, client: Any) -> bool:
        """Return whether a service does what it is asked for."""
        client.wait_for_service(_PATIENCE_S)
        future = client.call_async(Trigger.Request())
        rclpy.spin_until_future_complete(self, future, timeout_sec=2.0)
        return bool(future.done() and future.result().success)

    def holds(self, joint: str) -> bool:
        """Return whether a joint of the robot does not follow."""
        index = list(self.state.joint_names).index(joint)
        return bool(self.state.joint_states[index] != TeleopState.JOINT_FOLLOWING)


def direct(director: Director, *, joint: str, following_s: float, pause_s: float) -> None:
    """Play the piece.

    Args:
        director: Who acts.
        joint: The joint of the robot that follows the left elbow.
        following_s: How long the robot follows between two failures [s].
        pause_s: How long a failure lasts at least [s]; below the time after which a stop disarms.

    Raises:
        Disappointment: Something that was expected did not happen.
    """
    director.expect_audience()
    director.wait(pause_s)  # nothing may move yet
    director.arm()
    director.wait(following_s)
    for act in (_cut, _hide, _swap, _freeze_pose, _freeze_teleop):
        act(director, joint, pause_s)
        director.expect_following()
        director.wait(following_s)
    director.pressed = False
    director.expect_stop('the deadman switch is not pressed')
    director.expect('a long stop disarms', lambda: director.state.state == TeleopState.DISARMED)
    director.pressed = True
    director.wait(pause_s)
    director.expect('it stays disarmed', lambda: director.state.state == TeleopState.DISARMED)
    director.arm()
    director.wait(following_s)
    director.disarm()
    director.wait(pause_s)


def _cut(director: Director, joint: str, pause_s: float) -> None:
    del joint
    director.cue('cut')
    director.expect_stop('the newest image is')
    director.wait(pause_s)
    director.cue('show')


def _hide(director: Director, joint: str, pause_s: float) -> None:
    director.cue('hide')
    director.expect(f'{joint} holds', lambda: director.holds(joint))
    director.wait(pause_s)
    director.cue('show')
    director.expect(f'{joint} follows again', lambda: not director.holds(joint))


def _swap(director: Director, joint: str, pause_s: float) -> None:
    del joint
    before = director.state.person
    director.cue('empty')
    director.expect_stop('is lost, and nobody else is there')
    director.cue('other')
    director.expect('somebody else is followed', lambda: director.state.person not in ('', before))
    director.wait(pause_s)


def _freeze_pose(director: Director, joint: str, pause_s: float) -> None:
    del joint
    director.freeze('pose')
    director.expect_stop('the newest image is')
    director.wait(pause_s)
    director.thaw('pose')


def _freeze_teleop(director: Director, joint: str, pause_s: float) -> None:
    del joint
    director.freeze('teleop')
    director.wait(pause_s)
    director.thaw('teleop')
    director.expect_stop('this node was held up')
