"""Bench: several cameras and one node, and what becomes of the others when one is killed.

The cameras are processes that play the demo's clip; this process listens, as a robot would.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import numpy as np
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from tf2_msgs.msg import TFMessage

from pose3d_ros.errors import DataError
from pose3d_ros.msg import Skeleton3D, Skeleton3DArray
from pose3d_ros.ros.conversions import seconds
from pose3d_ros.ros.demo.footage import demo_clip
from pose3d_ros.ros.demo.processes import joined_domain, process_of
from pose3d_ros.ros.parameters import ros_words

__all__ = ['Answer', 'Figures', 'change', 'figures_of', 'measure', 'table']

_SETTLING_S = 3.0  # after the first answers, and after the end of a camera
_DEADLINE_S = 60.0  # for the first answers


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the node.

    Attributes:
        reception: When it came, by the clock of the stamps [s].
        stamp: Of the image [s].
        seen: How many people are seen in it.
    """

    reception: float
    stamp: float
    seen: int


@dataclass(frozen=True, slots=True)
class Figures:
    """How the images of one camera were answered.

    Attributes:
        rate_hz: Answers per second.
        p50_ms: Median time from the stamp to the reception.
        p95_ms: 95th percentile of it.
        seen: Share of the answers in which somebody is seen.
    """

    rate_hz: float
    p50_ms: float
    p95_ms: float
    seen: float


Phase = Mapping[str, Figures]


class Listener(Node):
    """Writes down when the answers to each camera come."""

    def __init__(self, cameras: Sequence[str], context: Context) -> None:
        super().__init__('listener', context=context)
        self._answers: dict[str, list[Answer]] = {camera: [] for camera in cameras}
        many = QoSProfile(depth=100)
        for camera, heard in self._answers.items():
            topic = f'/pose3d/{camera}/skeletons'
            self.create_subscription(Skeleton3DArray, topic, partial(self._on, heard), many)
        self.create_subscription(TFMessage, '/tf', lambda _: None, many)  # as a robot does
        self._executor = SingleThreadedExecutor(context=context)
        self._executor.add_node(self)

    def wait(self) -> None:
        """Wait until every camera is answered.

        Raises:
            DataError: One is not.
        """
        deadline = time.monotonic() + _DEADLINE_S
        while not all(self._answers.values()):
            self._executor.spin_once(timeout_sec=0.1)
            if time.monotonic() > deadline:
                silent = ', '.join(name for name, heard in self._answers.items() if not heard)
                message = f'after {_DEADLINE_S:g} s there are no answers to {silent}'
                raise DataError(message)

    def listen(self, period_s: float) -> Phase:
        """Return the figures of the answers that come from now on, in a time [s]."""
        for heard in self._answers.values():
            heard.clear()
        begin = time.monotonic()
        while (left := begin + period_s - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=left)
        elapsed = time.monotonic() - begin
        return {name: figures_of(heard, elapsed) for name, heard in self._answers.items()}

    def _on(self, heard: list[Answer], msg: Skeleton3DArray) -> None:
        now = seconds(self.get_clock().now().to_msg())
        states = {Skeleton3D.PERSON_ENTERING, Skeleton3D.PERSON_SEEN}
        seen = sum(person.state in states for person in msg.skeletons)
        heard.append(Answer(now, seconds(msg.header.stamp), seen))


def figures_of(answers: Sequence[Answer], period_s: float) -> Figures:
    """Return the figures of what was answered in a time."""
    latencies = [each.reception - each.stamp for each in answers]
    p50, p95 = 1e3 * np.percentile(latencies, (50, 95)) if latencies else (np.nan, np.nan)
    seen = sum(each.seen > 0 for each in answers) / len(answers) if answers else 0.0
    return Figures(len(answers) / period_s, float(p50), float(p95), seen)


def measure(count: int, period_s: float, settings: Mapping[str, object]) -> dict[str, Phase]:
    """Return the figures of each camera, while all run and when the last one has been killed.

    Args:
        count: How many cameras.
        period_s: How long each of the two is measured [s].
        settings: Of the node.

    Raises:
        DataError: A camera is not answered.
    """
    cameras = [f'camera_{index + 1}' for index in range(count)]
    node = ['node', *ros_words({**settings, 'cameras': cameras})]
    play = ['demo.camera', str(demo_clip()), '--loop', '--unlogged', '--name']
    with ExitStack() as stack:
        environment, context = stack.enter_context(joined_domain())
        listener = Listener(cameras, context)
        stack.callback(listener.destroy_node)
        stack.enter_context(process_of(node, environment))
        players = [stack.enter_context(process_of([*play, name], environment)) for name in cameras]
        listener.wait()
        listener.listen(_SETTLING_S)
        together = listener.listen(period_s)
        players[-1].kill()
        listener.listen(_SETTLING_S)
        return {'all run': together, f'{cameras[-1]} is killed': listener.listen(period_s)}


def change(phases: Mapping[str, Phase]) -> float:
    """Return by which share the rates of all but the last camera have changed, at worst."""
    before, after = phases.values()
    others = [*before][:-1]
    changes = [after[camera].rate_hz / before[camera].rate_hz - 1 for camera in others]
    return max(changes, key=abs, default=float('nan'))


def table(phases: Mapping[str, Phase]) -> str:
    """Return the figures as a table in Markdown."""
    lines = [
        '| while | camera | answers [Hz] | latency, median / 95 % [ms] | somebody seen |',
        '| --- | --- | --- | --- | --- |',
    ]
    for name, phase in phases.items():
        for camera, each in phase.items():
            latency = f'{each.p50_ms:.1f} / {each.p95_ms:.1f}' if each.rate_hz else '-'
            seen = f'{each.seen:.1%}' if each.rate_hz else '-'
            lines.append(f'| {name} | {camera} | {each.rate_hz:.1f} | {latency} | {seen} |')
    return '\n'.join(lines)
