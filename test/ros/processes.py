"""A real node in a process of its own, and a client that talks to it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rclpy
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray
from hri_msgs.msg import IdsList
from lifecycle_msgs.srv import ChangeState, GetState
from pose3d_ros.msg import Skeleton3DArray
from rcl_interfaces.msg import Parameter, SetParametersResult
from rcl_interfaces.srv import DescribeParameters, SetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter as Value
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header
from tf2_msgs.msg import TFMessage
from visualization_msgs.msg import MarkerArray

from pose3d_ros.camera import Camera
from pose3d_ros.ros.demo.camera import info_from_camera
from pose3d_ros.ros.demo.domain import reserved_domain
from pose3d_ros.ros.images import msg_from_image

DEADLINE_S = 30.0
RETRY_S = 2.0
ONCE = ('change_state', 'arm', 'disarm')  # asking twice is not asking once
SERVICES = {
    'get_state': GetState,
    'change_state': ChangeState,
    'set_parameters': SetParameters,
    'describe_parameters': DescribeParameters,
}
WIDTH, HEIGHT = 640, 480
CAMERA = Camera.from_fov(WIDTH, HEIGHT, 60.0)
PICTURE = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)

os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'  # of this process and its children

NODE = (sys.executable, '-m', 'pose3d_ros.ros.node')


class Companion(Node):
    """Talks to a node that runs in a process of its own, as long as that is alive."""

    def __init__(
        self,
        name: str,
        services: Mapping[str, type],
        is_alive: Callable[[], bool],
        read_log: Callable[[], str],
        context: Context,
    ) -> None:
        """Get to know the node.

        Args:
            name: Of this one.
            services: Types by full name.
            is_alive: Returns whether the node's process is.
            read_log: Returns what the node has said.
            context: Of the node's domain.
        """
        super().__init__(name, context=context)
        self._is_alive, self._read_log = is_alive, read_log
        self._spinner = SingleThreadedExecutor(context=context)
        self._spinner.add_node(self)
        self._callers = {
            service.rpartition('/')[2]: self.create_client(kind, service)
            for service, kind in services.items()
        }

    def remember(self, topics: Iterable[tuple[type, str, list[Any]]]) -> None:
        """Append the messages of topics to lists."""
        for kind, topic, seen in topics:
            self.create_subscription(kind, topic, seen.append, QoSProfile(depth=100))

    def wait_until(self, condition: Callable[[], Any], what: str) -> None:
        """Spin until the condition is true; fail after the deadline, or if the node dies."""
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert self._is_alive(), f'the node died:\n{self.log}'
            assert time.monotonic() < deadline, f'{what} did not happen; the log:\n{self.log}'
            self._spinner.spin_once(timeout_sec=0.05)

    @property
    def log(self) -> str:
        """What the node has logged."""
        return self._read_log()

    def call(self, service: str, request: Any) -> Any:
        """Return a service's response.

        A server may meet a client before it can answer it; it is asked again then, unless
        asking twice is not the same as asking once.
        """
        caller = self._callers[service]
        self.wait_until(caller.service_is_ready, f'service {service}')
        futures, deadline = [caller.call_async(request)], time.monotonic() + RETRY_S

        def answered() -> bool:
            nonlocal deadline
            if time.monotonic() > deadline and service not in ONCE:
                futures.append(caller.call_async(request))
                deadline += RETRY_S
            return any(future.done() for future in futures)

        self.wait_until(answered, f'an answer of {service}')
        return next(future for future in futures if future.done()).result()

    def set_parameter(self, name: str, value: Any) -> SetParametersResult:
        """Return what the node says to a new value."""
        parameter: Parameter = Value(name, value=value).to_parameter_msg()
        request = SetParameters.Request(parameters=[parameter])
        return self.call('set_parameters', request).results[0]


class Client(Companion):
    """A camera and a robot in one: sends images, and remembers all that comes back."""

    def __init__(
        self, is_alive: Callable[[], bool], read_log: Callable[[], str], context: Context
    ) -> None:
        services = {f'/pose3d/{name}': kind for name, kind in SERVICES.items()}
        super().__init__('client', services, is_alive, read_log, context)
        self.skeletons: list[Skeleton3DArray] = []
        self.frames: list[TFMessage] = []
        self.markers: list[MarkerArray] = []
        self.diagnostics: list[DiagnosticArray] = []
        self.overlays: list[CompressedImage] = []
        self.tracked: list[IdsList] = []
        self.remember(
            (
                (Skeleton3DArray, '/pose3d/skeletons', self.skeletons),
                (TFMessage, '/tf', self.frames),
                (MarkerArray, '/pose3d/markers', self.markers),
                (DiagnosticArray, '/diagnostics', self.diagnostics),
                (CompressedImage, '/pose3d/overlay/compressed', self.overlays),
                (IdsList, '/humans/bodies/tracked', self.tracked),
            )
        )
        sensor = qos_profile_sensor_data
        self.infos = self.create_publisher(CameraInfo, '/camera_info', sensor)
        self.images = self.create_publisher(Image, '/image_raw', sensor)
        self.jpegs = self.create_publisher(CompressedImage, '/image_raw/compressed', sensor)

    @property
    def listed(self) -> Sequence[str]:
        """Who is in the newest list of bodies; nobody before the first one."""
        return self.tracked[-1].ids if self.tracked else ()

    def state(self) -> str:
        """Return the lifecycle state."""
        return str(self.call('get_state', GetState.Request()).current_state.label)

    def change_state(self, transition: int) -> bool:
        """Return whether a transition succeeded."""
        request = ChangeState.Request()
        request.transition.id = transition
        return bool(self.call('change_state', request).success)

    def describe_parameter(self, name: str) -> Any:
        """Return the descriptor of a parameter."""
        request = DescribeParameters.Request(names=[name])
        return self.call('describe_parameters', request).descriptors[0]

    def header(self, stamp_s: float) -> Header:
        """Return a header of the camera."""
        second = int(stamp_s)
        stamp = Time(sec=second, nanosec=round((stamp_s - second) * 1e9))
        return Header(stamp=stamp, frame_id='camera_optical')

    def wait_for_subscriptions(self, *publishers: Any) -> None:
        """Wait until the node listens to these."""
        for each in publishers:
            self.wait_until(lambda p=each: p.get_subscription_count() > 0, each.topic_name)

    def send(self, header: Header, picture: Any = PICTURE) -> None:
        """Send an image with its calibration."""
        self.infos.publish(info_from_camera(CAMERA, header))
        self.images.publish(msg_from_image(picture, header))

    def answer(self, stamp_s: float, picture: Any = PICTURE) -> Skeleton3DArray:
        """Return the node's answer to an image; best effort is tried again until one comes."""
        header = self.header(stamp_s)
        self.wait_for_subscriptions(self.images, self.infos)

        def answered() -> bool:
            if not any(each.header == header for each in self.skeletons):
                self.send(header, picture)
            return any(each.header == header for each in self.skeletons)

        self.wait_until(answered, f'an answer to the image at {stamp_s} s')
        return next(each for each in self.skeletons if each.header == header)

    def values(self, status: str) -> dict[str, str]:
        """Return the latest figures of a diagnostic status."""
        for array in reversed(self.diagnostics):
            for each in array.status:
                if each.name == f'pose3d: {status}':
                    return {value.key: value.value for value in each.values}
        return {}

    def seen_values(self, status: str) -> dict[str, str]:
        """Return all figures that a diagnostic status has ever had."""
        return {
            value.key: value.value
            for array in self.diagnostics
            for each in array.status
            if each.name == f'pose3d: {status}'
            for value in each.values
        }

    def messages(self, status: str) -> list[str]:
        """Return all messages of a diagnostic status, the first one first."""
        return [
            each.message
            for array in self.diagnostics
            for each in array.status
            if each.name == f'pose3d: {status}'
        ]


@contextmanager
def running_node(
    folder: Path, *, command: Sequence[str] = NODE, **parameters: Any
) -> Iterator[Client]:
    """Start the node in a ROS domain of its own, and end it as Ctrl-C does.

    Args:
        folder: Where its log goes.
        command: What starts it.
        parameters: Its parameters; the estimator is the constant one if none is given.
    """
    settings = {'estimator': 'constant', 'diagnostics_period': 0.1, **parameters}
    arguments = ['--ros-args']
    for name, value in settings.items():
        text = json.dumps(value) if isinstance(value, list) else value
        arguments += ['-p', f'{name}:={text}']
    log = folder / 'node.log'
    with reserved_domain() as domain:
        with log.open('wb') as file:
            process = subprocess.Popen(
                [*command, *arguments],
                env={**os.environ, 'ROS_DOMAIN_ID': str(domain)},
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        try:
            with client_of(
                domain, lambda: process.poll() is None, lambda: log.read_text('utf-8')
            ) as client:
                yield client
                process.send_signal(signal.SIGINT)
                assert process.wait(DEADLINE_S) == 0, client.log
        finally:
            process.kill()
            process.wait()


@contextmanager
def client_of(
    domain: int, is_alive: Callable[[], bool], read_log: Callable[[], str]
) -> Iterator[Client]:
    """Yield a client that knows the node already.

    Args:
        domain: The ROS domain of the node.
        is_alive: Returns whether the node's process is.
        read_log: Returns what the node has said.
    """
    context = Context()
    rclpy.init(context=context, domain_id=domain)
    client = Client(is_alive, read_log, context)
    try:
        client.state()
        yield client
    finally:
        client.destroy_node()
        rclpy.shutdown(context=context)
