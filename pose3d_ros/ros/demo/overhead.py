"""Overhead: what the node adds to the pipeline, from a stamp to the reception of the answer.

A picture with one person is published again and again, each time when the last answer is there:
nothing waits for another.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from numpy.typing import NDArray
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from pose3d_ros.camera import Camera
from pose3d_ros.errors import DataError
from pose3d_ros.msg import Skeleton3DArray
from pose3d_ros.ros.conversions import seconds
from pose3d_ros.ros.demo.camera import info_from_camera
from pose3d_ros.ros.demo.footage import demo_clip, open_footage
from pose3d_ros.ros.demo.processes import joined_domain, process_of
from pose3d_ros.ros.images import msg_from_image
from pose3d_ros.ros.parameters import ros_words

__all__ = ['CASES', 'Overhead', 'measure', 'own_time']

CASES = {'VGA raw': (640, 480), '1080p raw': (1920, 1080), '1080p compressed': (1920, 1080)}
"""Width and height of the images [px], by case."""

_DEADLINE_S = 60.0  # for the first answer
_PATIENCE_S = 2.0  # for any later one: best effort may lose an image
_WARM_UP = 10


@dataclass(frozen=True, slots=True)
class Overhead:
    """What was measured with one kind of images.

    Attributes:
        images: How many were answered.
        latency_ms: Median time from the stamp to the reception.
        latency_p95_ms: 95th percentile of it.
        pipeline_ms: Median of the pipeline's own time, over the reports of the diagnostics.
        overhead_ms: The difference of the medians.
    """

    images: int
    latency_ms: float
    latency_p95_ms: float
    pipeline_ms: float
    overhead_ms: float


class Asker(Node):
    """Publishes images and waits for their answers."""

    def __init__(self, compressed: bool, size: tuple[int, int], context: Context) -> None:  # noqa: FBT001
        super().__init__(
            'asker', context=context, enable_rosout=False, start_parameter_services=False
        )
        self._camera = Camera.from_fov(*size, 60.0)
        self._compressed = compressed
        kind, topic = (
            (CompressedImage, '/image_raw/compressed') if compressed else (Image, '/image_raw')
        )
        self._images = self.create_publisher(kind, topic, qos_profile_sensor_data)
        self._infos = self.create_publisher(CameraInfo, '/camera_info', qos_profile_sensor_data)
        self._answered: dict[float, float] = {}
        self.pipeline_ms: list[float] = []
        self.create_subscription(Skeleton3DArray, '/pose3d/skeletons', self._on_answer, 10)
        self.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 10)
        self._executor = SingleThreadedExecutor(context=context)
        self._executor.add_node(self)

    def ask(self, picture: NDArray[np.uint8], patience_s: float) -> float | None:
        """Return the time from the stamp to the answer [s]; None if there is none in time."""
        blank = Header(frame_id='camera')
        jpeg = cv2.imencode('.jpg', picture)[1].tobytes() if self._compressed else b''
        msg = (
            CompressedImage(format='jpeg', data=jpeg)
            if self._compressed
            else msg_from_image(picture, blank)
        )
        header = Header(stamp=self.get_clock().now().to_msg(), frame_id='camera')
        msg.header = header
        info = info_from_camera(self._camera, header)
        self._images.publish(msg)
        self._infos.publish(info)
        stamp = seconds(header.stamp)
        if not self.spin(lambda: stamp in self._answered, patience_s):
            return None
        return self._answered.pop(stamp) - stamp

    def spin(self, condition: Callable[[], Any], patience_s: float) -> bool:
        """Take messages until something holds; return whether it does in time."""
        deadline = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > deadline:
                return False
            self._executor.spin_once(timeout_sec=0.05)
        return True

    def _on_answer(self, msg: Skeleton3DArray) -> None:
        self._answered[seconds(msg.header.stamp)] = seconds(self.get_clock().now().to_msg())

    def _on_diagnostics(self, msg: DiagnosticArray) -> None:
        for status in msg.status:
            own = own_time({each.key: each.value for each in status.values})
            if own is not None:
                self.pipeline_ms.append(own)


def own_time(values: Mapping[str, str]) -> float | None:
    """Return the pipeline's own time [ms] from the values of a status: without decoding a JPEG.

    That is counted as the node's, since the pipeline only happens to ask for it.
    """
    whole, decoding = (values.get(f'latency, {stage} [ms]') for stage in ('pipeline', 'decode'))
    if whole is None:
        return None
    return _median(whole) - (_median(decoding) if decoding else 0.0)


def _median(value: str) -> float:
    return float(value.split(maxsplit=1)[0])


def _enlarged(frame: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a frame as high as an image of a size, with its borders drawn out to the sides."""
    scale = size[1] / frame.shape[0]
    enlarged = cv2.resize(frame, None, fx=scale, fy=scale)
    side = (size[0] - enlarged.shape[1]) // 2
    whole = cv2.copyMakeBorder(enlarged, 0, 0, side, side, cv2.BORDER_REPLICATE)
    return np.asarray(whole, np.uint8)


def measure(case: str, count: int, settings: Mapping[str, object]) -> Overhead:
    """Return what the node adds for one kind of images.

    Args:
        case: One of `CASES`.
        count: How many images.
        settings: Of the node.

    Raises:
        DataError: The node does not answer.
    """
    compressed, size = case.endswith('compressed'), CASES[case]
    picture = _enlarged(next(iter(open_footage(str(demo_clip())).frames())), size)
    transport = 'compressed' if compressed else 'raw'
    node = ['node', *ros_words({**settings, 'transport': transport})]
    with ExitStack() as stack:
        environment, context = stack.enter_context(joined_domain())
        asker = Asker(compressed, size, context)
        stack.callback(asker.destroy_node)
        stack.enter_context(process_of(node, environment))
        deadline = time.monotonic() + _DEADLINE_S
        while asker.ask(picture, 1.0) is None:
            if time.monotonic() > deadline:
                message = f'after {_DEADLINE_S:g} s there is no answer to {case}'
                raise DataError(message)
        for _ in range(_WARM_UP):
            asker.ask(picture, _PATIENCE_S)
        asker.pipeline_ms.clear()
        latencies = [asker.ask(picture, _PATIENCE_S) for _ in range(count)]
        reports = len(asker.pipeline_ms)
        asker.spin(lambda: len(asker.pipeline_ms) > reports, _PATIENCE_S)
    answered = [1e3 * each for each in latencies if each is not None]
    latency, p95 = np.percentile(answered, (50, 95)) if answered else (np.nan, np.nan)
    pipeline = float(np.median(asker.pipeline_ms)) if asker.pipeline_ms else np.nan
    return Overhead(len(answered), float(latency), float(p95), pipeline, float(latency) - pipeline)
