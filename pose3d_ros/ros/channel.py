"""Channel: the way of one camera's images through the node."""

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.node import Node

from pose3d_ros.camera import Camera
from pose3d_ros.config import NodeConfig
from pose3d_ros.depth import DepthImage
from pose3d_ros.detectors.topic import TopicDetector
from pose3d_ros.errors import CameraError, ImageError, Pose3DError
from pose3d_ros.person import Person
from pose3d_ros.picture import Picture
from pose3d_ros.pipeline import Pipeline
from pose3d_ros.ros.camera_feed import CameraFeed
from pose3d_ros.ros.conversions import seconds
from pose3d_ros.ros.depth_feed import DepthFeed
from pose3d_ros.ros.detections import DetectionFeed
from pose3d_ros.ros.diagnostics import Tally, images_status
from pose3d_ros.ros.outlets import Outlets
from pose3d_ros.sources import CameraSource
from pose3d_ros.stories import Story

__all__ = ['Channel', 'Delivery', 'Visit']

_LOG_PERIOD_S = 5.0  # between two lines about images that could not be used
_SILENCE_S = 0.5  # a camera is silent after this time without an answer, or after lost_after
_REASONS = {ImageError: 'bad image', CameraError: 'bad camera_info'}


@dataclass(frozen=True, slots=True)
class Delivery:
    """An image that came in.

    Attributes:
        msg: Image or CompressedImage.
        arrival: When it came, by `time.monotonic` [s].
    """

    msg: Any
    arrival: float


@dataclass(frozen=True, slots=True)
class Visit:
    """An image that is being answered.

    Attributes:
        header: Of the message.
        picture: The full image.
        story: What the pipeline makes of it.
        waiting: From its arrival to the beginning of its answer [s].
        reading: How long it took to read it [s].
    """

    header: Any
    picture: Picture
    story: Story
    waiting: float
    reading: float


class Channel:
    """Takes in the images of one camera, and publishes who is in them.

    Images that cannot be used are dropped and counted.

    Attributes:
        outlets: Where the people go.
        feed: Where the images come from; None while closed.
    """

    def __init__(
        self, node: Node, source: CameraSource, pipeline: Pipeline, outlets: Outlets
    ) -> None:
        """Advertise, but do not listen yet.

        Args:
            node: Who subscribes and logs.
            source: The camera.
            pipeline: What makes people of its images.
            outlets: Where they go.
        """
        self.outlets = outlets
        self.feed: CameraFeed | None = None
        self._depth_feed: DepthFeed | None = None
        self._detections: DetectionFeed | None = None
        self._node, self._source, self._pipeline = node, source, pipeline
        log = node.get_logger()
        self._log = log.get_child(source.name) if source.name else log
        self._tally = Tally()
        self._last_stamp = float('-inf')
        self._last_answer: float | None = None

    def open(self, config: NodeConfig, deliver: Callable[[Delivery], bool]) -> None:
        """Subscribe.

        Args:
            config: The settings.
            deliver: Takes an image, and returns whether another one had to make room for it.
        """

        def on_image(msg: Any) -> None:
            self._tally.receive()
            if deliver(Delivery(msg, time.monotonic())):
                self._tally.drop('replaced by a newer one')

        self._tally = Tally()
        self._last_stamp = float('-inf')
        self.feed = CameraFeed(self._node, self._source, config, on_image)
        if self._source.depth:
            self._depth_feed = DepthFeed(self._node, self._source.depth)
        if isinstance(self._pipeline.detector, TopicDetector):
            topic = config.detections_topic
            topic = f'{self._source.name}/{topic}' if self._source.name else topic
            self._detections = DetectionFeed(
                self._node, topic, self._pipeline.detector, config.detections_class
            )

    def close(self) -> None:
        """Unsubscribe, and forget who was there."""
        if self.feed is not None:
            self.feed.close()
        if self._depth_feed is not None:
            self._depth_feed.close()
        if self._detections is not None:
            self._detections.close()
        self.feed = self._depth_feed = self._detections = None
        self._pipeline.reset()
        self._fall_silent()

    def begin(self, delivery: Delivery, config: NodeConfig) -> Visit | None:
        """Return an image that has been read; None if it is dropped.

        That is, too early for a calibration, or not a new image.

        Raises:
            CameraError: The calibration describes no camera, or one of another image size.
            ImageError: The message is not one of an image.
        """
        if self.feed is None:
            return None
        begin = time.monotonic()
        picture = self.feed.picture_from_msg(delivery.msg)
        height, width = picture.shape[:2]
        camera = self.feed.camera(width, height, config.fov_deg)
        if camera is None:
            self._tally.drop('waiting for camera_info')
            return None
        header = delivery.msg.header
        if seconds(header.stamp) == self._last_stamp:
            problem = f'{self._last_stamp:.3f} s: the camera has frozen, or sets no stamps'
            self._tally.drop('same stamp as before', problem)
            return None
        self._notice_jump(header)
        self._pipeline.config = config
        if self.outlets.show_images(config):
            picture.at(1)  # now, so that it is decoded only once
        depth = self._depth(camera, config.depth_tolerance)
        story = self._pipeline.story(picture, camera, self._last_stamp, depth=depth)
        reading = time.monotonic() - begin
        return Visit(header, picture, story, begin - delivery.arrival, reading)

    def finish(
        self, visit: Visit, people: list[Person], config: NodeConfig, telling: float
    ) -> None:
        """Publish who is in an image, and count the answer.

        Args:
            visit: The image.
            people: Who is in it.
            config: What to publish.
            telling: How long the pipeline took, with all images that it had at once [s].
        """
        begin = time.monotonic()
        latency_s = self.outlets.publish(people, visit.header, config, visit.picture)
        self._last_answer = time.monotonic()
        stages = {
            'waiting': visit.waiting,
            'reading': visit.reading,
            'pipeline': telling,
            **self._pipeline.timings,
            'publishing': self._last_answer - begin,
            'from the stamp': latency_s,
        }
        self._tally.answer(len(people), stages)
        if config.publish_tf and not visit.header.frame_id:
            self._tally.warn('no TF', 'the images have no frame_id')

    @contextmanager
    def dropping(self) -> Iterator[None]:
        """Drop the image if what is done in the `with` block fails, and say why."""
        try:
            yield
        except Pose3DError as error:
            self._drop(_REASONS.get(type(error), 'failed estimation'), str(error))
        except Exception as error:  # noqa: BLE001 a plugin may raise anything
            self._drop('failed estimation', repr(error))
            self._log.debug(traceback.format_exc())

    def notice_silence(self, lost_after: float) -> None:
        """Say that nobody is there when images have stopped, once: no image will say it."""
        limit = max(lost_after, _SILENCE_S)
        if self._last_answer is not None and time.monotonic() - self._last_answer > limit:
            self._fall_silent()

    def status(self, config: NodeConfig, period_s: float) -> DiagnosticStatus:
        """Return what has become of the images.

        Args:
            config: The settings.
            period_s: Time since the last status [s].
        """
        name = f'{self._node.get_name()}: images'
        name += f' of {self._source.name}' if self._source.name else ''
        problems = self.feed.problems(config.fov_deg) if self.feed else {}
        problems |= self._depth_feed.problems() if self._depth_feed else {}
        problems |= self._detections.problems() if self._detections else {}
        report = images_status(name, self._tally.report(), problems, period_s)
        report.hardware_id = self.feed.topic if self.feed else ''
        return report

    def _depth(self, camera: Camera, tolerance_s: float) -> DepthImage | None:
        """Return the depth image of the last stamp; None, and why is counted, if there is none."""
        if self._depth_feed is None:
            return None
        try:
            depth = self._depth_feed.at(self._last_stamp, tolerance_s)
            depth.check(camera)
        except ImageError as error:
            self._tally.use_depth(used=False)
            self._tally.warn('no depth', str(error))
            return None
        self._tally.use_depth(used=True)
        return depth

    def _fall_silent(self) -> None:
        self._last_answer = None
        if self._node.context.ok():  # else there is nobody to tell any more
            self.outlets.fall_silent()

    def _notice_jump(self, header: Any) -> None:
        """Forget everybody when time jumps backwards, as it does when a bag starts again."""
        stamp = seconds(header.stamp)
        if stamp < self._last_stamp:
            self._log.info(
                f'time jumped back by {self._last_stamp - stamp:.3f} s: starting afresh',
                throttle_duration_sec=_LOG_PERIOD_S,
            )
            self._pipeline.reset()
            self.outlets.clear(header)
            self._tally.jumps += 1
        self._last_stamp = stamp

    def _drop(self, reason: str, problem: str) -> None:
        self._tally.drop(reason, problem)
        self._log.warning(
            f'image dropped, {reason}: {problem}', throttle_duration_sec=_LOG_PERIOD_S
        )
