"""A real teleoperation node, and all that it is connected with: people, a switch, a robot."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PoseStamped
from people import METHOD
from pose3d_ros.msg import Skeleton3DArray, TeleopState
from processes import DEADLINE_S, Companion
from rcl_interfaces.srv import SetParameters
from rclpy.context import Context
from rclpy.qos import QoSProfile
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool, Header
from std_srvs.srv import Trigger
from teleoperation.actors import MAP, REST, actor
from trajectory_msgs.msg import JointTrajectory

from pose3d_ros.kinematics import joint_rotations
from pose3d_ros.ros.conversions import skeletons_to_msg
from pose3d_ros.ros.demo.domain import reserved_domain
from pose3d_ros.skeleton import H36M_17

TELEOP = (sys.executable, '-m', 'pose3d_ros.ros.teleop.node')
SERVICES = {'arm': Trigger, 'disarm': Trigger, 'set_parameters': SetParameters}


class OperatorClient(Companion):
    """Shows people, holds the switch, is the robot, and remembers all commands."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, context: Context) -> None:
        services = {f'/teleop/{name}': kind for name, kind in SERVICES.items()}
        alive, read = lambda: process.poll() is None, lambda: log.read_text(encoding='utf-8')
        super().__init__('operator', services, alive, read, context)
        self.process = process
        self.people = [actor()]
        self.pressed: bool | None = True
        self.filming = True
        self.positions = dict(REST)
        self.states: list[TeleopState] = []
        self.trajectories: list[JointTrajectory] = []
        self.commands: list[JointState] = []
        self.poses: list[PoseStamped] = []
        self.diagnostics: list[DiagnosticArray] = []
        self.remember(
            (
                (TeleopState, '/teleop/state', self.states),
                (JointTrajectory, '/teleop/joint_trajectory', self.trajectories),
                (JointState, '/teleop/joint_commands', self.commands),
                (PoseStamped, '/teleop/pose/left', self.poses),
                (DiagnosticArray, '/diagnostics', self.diagnostics),
            )
        )
        many = QoSProfile(depth=100)
        self.create_subscription(JointState, '/teleop/joint_commands', self._obey, many)
        self.skeletons = self.create_publisher(Skeleton3DArray, '/pose3d/skeletons', many)
        self.switch = self.create_publisher(Bool, '/teleop/deadman', many)
        self.own = self.create_publisher(JointState, '/joint_states', many)
        self.create_timer(1 / 50, self._show)

    def _obey(self, msg: JointState) -> None:
        self.positions = dict(zip(msg.name, msg.position, strict=True))

    def _show(self) -> None:
        if self.pressed is not None:
            self.switch.publish(Bool(data=self.pressed))
        names, positions = list(self.positions), [float(x) for x in self.positions.values()]
        self.own.publish(JointState(name=names, position=positions))
        if self.filming:
            self.skeletons.publish(self.picture())

    def picture(self) -> Skeleton3DArray:
        """Return an image's skeletons, taken now."""
        header = Header(stamp=self.get_clock().now().to_msg(), frame_id='camera')
        turns = [joint_rotations(each.positions, H36M_17) for each in self.people]
        return skeletons_to_msg(self.people, turns, method=METHOD, header=header, latency_s=0.0)

    @property
    def state(self) -> TeleopState:
        return self.states[-1] if self.states else TeleopState(state=255)

    def wait_for_state(self, *states: int, reason: str = '') -> TeleopState:
        """Return the first state from now on that is one of these, with this in its reason."""
        begin = len(self.states)
        found: list[TeleopState] = []

        def happened() -> bool:
            found[:] = [
                each
                for each in self.states[begin:]
                if each.state in states and reason in each.reason
            ]
            return bool(found)

        self.wait_until(happened, f'state {states} {reason}')
        return found[0]

    def call(self, service: str, request: Any = None) -> Any:
        """Return a service's response; most need no request."""
        return super().call(service, request or Trigger.Request())

    def arm(self) -> None:
        """Arm as soon as that is possible, and wait until the robot follows."""
        self.wait_until(lambda: self.call('arm').success, 'arming')
        self.wait_for_state(TeleopState.FOLLOWING)

    def refusal(self) -> str:
        """Return why arming is refused; nothing if it is not, and then disarm."""
        answer = self.call('arm')
        if answer.success:
            self.call('disarm')
        return '' if answer.success else str(answer.message)


def started(folder: Path, domain: int, words: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the node with a log in a folder."""
    with (folder / 'teleop.log').open('wb') as file:
        return subprocess.Popen(
            [*TELEOP, *words],
            env={**os.environ, 'ROS_DOMAIN_ID': str(domain)},
            stdout=file,
            stderr=subprocess.STDOUT,
        )


@contextmanager
def running_teleop(folder: Path, text: str = MAP, **parameters: Any) -> Iterator[OperatorClient]:
    """Start the node in a ROS domain of its own, and end it as Ctrl-C does.

    Args:
        folder: Where its log and its robot map go.
        text: The robot map.
        parameters: Its parameters; `max_age` is generous, for busy machines.
    """
    (folder / 'robot.yaml').write_text(text, encoding='utf-8')
    settings = {
        'mapping': folder / 'robot.yaml',
        'max_age': 0.5,
        'deadman_timeout': 1.0,
        'joint_states_timeout': 2.0,
        'max_deviation': 1.0,
        'diagnostics_period': 0.1,
        **parameters,
    }
    words = ['--ros-args']
    for name, value in settings.items():
        words += ['-p', f'{name}:={value}']
    context = Context()
    with reserved_domain() as domain:
        process = started(folder, domain, words)
        rclpy.init(context=context, domain_id=domain)
        client = OperatorClient(process, folder / 'teleop.log', context)
        try:
            client.wait_until(lambda: client.states, 'a first state')
            yield client
            process.send_signal(signal.SIGINT)
            assert process.wait(DEADLINE_S) == 0, client.log
        finally:
            process.kill()
            process.wait()
            client.destroy_node()
            rclpy.shutdown(context=context)
