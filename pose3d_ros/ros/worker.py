"""Worker: the thread that takes the newest image, estimates and publishes."""

import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from rclpy.node import Node

from pose3d_ros.config import NodeConfig
from pose3d_ros.errors import CameraError, ImageError, Pose3DError
from pose3d_ros.pipeline import Pipeline
from pose3d_ros.ros.camera_feed import CameraFeed
from pose3d_ros.ros.conversions import seconds
from pose3d_ros.ros.diagnostics import Tally
from pose3d_ros.ros.outlets import Outlets

__all__ = ['Worker']

_LOG_PERIOD_S = 5.0  # between two lines about images that could not be used
_REASONS = {ImageError: 'bad image', CameraError: 'bad camera_info'}


class Worker:
    """Answers images until it is stopped. One that cannot be used is dropped and counted."""

    def __init__(
        self,
        node: Node,
        *,
        feed: CameraFeed,
        pipeline: Pipeline,
        outlets: Outlets,
        tally: Tally,
        config: Callable[[], NodeConfig],
    ) -> None:
        """Start the thread.

        Args:
            node: Who logs.
            feed: Where images come from; closed by `stop`.
            pipeline: What makes people of them.
            outlets: Where the people go.
            tally: Where answers and drops are counted.
            config: Gives the settings as they are now.
        """
        self._node, self._feed, self._pipeline = node, feed, pipeline
        self._outlets, self._tally, self._config = outlets, tally, config
        self._last_stamp = float('-inf')
        self._thread = threading.Thread(target=self._run, name='pose3d worker')
        self._thread.start()

    def stop(self) -> None:
        """Let the thread finish the image that it is at, and end it."""
        self._feed.close()
        self._thread.join()

    def _run(self) -> None:
        while (delivery := self._feed.take()) is not None:
            self._attempt(*delivery)

    def _attempt(self, msg: Any, arrival: float) -> None:
        """Answer one image, or drop it and say why."""
        try:
            self._answer(msg, arrival)
        except Pose3DError as error:
            self._drop(_REASONS.get(type(error), 'failed estimation'), str(error))
        except Exception as error:  # noqa: BLE001 a plugin may raise anything
            self._drop('failed estimation', repr(error))
            self._node.get_logger().debug(traceback.format_exc())

    def _answer(self, msg: Any, arrival: float) -> None:
        """Answer one image.

        Args:
            msg: Image or CompressedImage.
            arrival: When it came, by `time.monotonic` [s].
        """
        config, begin = self._config(), time.monotonic()
        image = self._feed.image_from_msg(msg)
        height, width = image.shape[:2]
        camera = self._feed.camera(width, height, config.fov_deg)
        if camera is None:
            self._tally.drop('waiting for camera_info')
            return
        self._notice_jump(msg.header)
        converted = time.monotonic()
        self._pipeline.config = config
        people = self._pipeline(image, camera, stamp=self._last_stamp)
        estimated = time.monotonic()
        latency_s = self._outlets.publish(people, msg.header, config, image)
        stages = {
            'waiting': begin - arrival,
            'reading': converted - begin,
            **self._pipeline.timings,
            'publishing': time.monotonic() - estimated,
            'from the stamp': latency_s,
        }
        self._tally.answer(len(people), stages)
        if config.publish_tf and not msg.header.frame_id:
            self._tally.warn('no TF', 'the images have no frame_id')

    def _notice_jump(self, header: Any) -> None:
        """Forget everybody when time jumps backwards, as it does when a bag starts again."""
        stamp = seconds(header.stamp)
        if stamp < self._last_stamp:
            self._node.get_logger().info(
                f'time jumped back by {self._last_stamp - stamp:.3f} s: starting afresh',
                throttle_duration_sec=_LOG_PERIOD_S,
            )
            self._pipeline.reset()
            self._outlets.clear(header)
            self._tally.jumps += 1
        self._last_stamp = stamp

    def _drop(self, reason: str, problem: str) -> None:
        self._tally.drop(reason, problem)
        self._node.get_logger().warning(
            f'image dropped, {reason}: {problem}', throttle_duration_sec=_LOG_PERIOD_S
        )
