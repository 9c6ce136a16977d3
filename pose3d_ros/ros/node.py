"""The node: from the images of one or more cameras to skeletons, frames and markers.

Configuring loads the estimator, and fails with the reason if it cannot; the process lives, and the
parameters can be set right. Activating subscribes, deactivating unsubscribes, cleaning up frees.
The executor's thread receives, and keeps the newest image of each camera only; the worker's
thread answers them.
"""

import sys
import time
from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.clock import Clock, ClockType
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from std_msgs.msg import Header

from pose3d_ros.camera import Camera
from pose3d_ros.config import NodeConfig
from pose3d_ros.errors import Pose3DError
from pose3d_ros.pipeline import Pipeline
from pose3d_ros.ros.channel import Channel
from pose3d_ros.ros.conversions import Method
from pose3d_ros.ros.diagnostics import status
from pose3d_ros.ros.ending import ros_until_asked
from pose3d_ros.ros.humans import Humans
from pose3d_ros.ros.logs import forwarded_logs
from pose3d_ros.ros.mismatches import NO_EVENTS
from pose3d_ros.ros.outlets import Outlets
from pose3d_ros.ros.parameters import Parameters
from pose3d_ros.ros.worker import Worker

__all__ = ['PoseNode', 'main']


class PoseNode(LifecycleNode):
    """Estimates the people in front of one camera, or of several."""

    def __init__(self) -> None:
        """Declare the parameters; everything else waits for the transitions."""
        super().__init__('pose3d')
        self._pipeline: Pipeline | None = None
        self._channels: list[Channel] = []
        self._worker: Worker | None = None
        self._failure = ''
        self._survive_wrong_transitions()
        self.parameters = Parameters(
            self, NodeConfig, is_active=lambda: self._pipeline is not None
        )
        self._diagnostics = self.create_publisher(
            DiagnosticArray, '/diagnostics', 10, event_callbacks=NO_EVENTS
        )
        self._last_report = time.monotonic()
        steady = Clock(clock_type=ClockType.STEADY_TIME)  # diagnostics also while a bag is paused
        self.create_timer(
            self.get_parameter('diagnostics_period').value, self._report, clock=steady
        )

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the estimator, and advertise what will be published."""
        del state
        try:
            config = self.parameters.config
            sources = config.sources
            with forwarded_logs(self.get_logger(), self._tell_progress):
                pipeline = Pipeline.load(
                    config.estimator,
                    config,
                    clock=time.perf_counter,
                    rng=Random(),  # noqa: S311 ids are no secret, but differ from node to node
                )
                _warm_up(pipeline)
        except Pose3DError as error:
            return self._failed(str(error))
        except Exception as error:  # noqa: BLE001 a plugin may raise anything; rclpy would hide it
            return self._failed(repr(error))
        self._pipeline, self._failure = pipeline, ''
        estimator = pipeline.estimator
        method = Method(estimator.name, estimator.digest, estimator.skeleton)
        humans = Humans(self, estimator.skeleton)
        for source in sources:
            outlets = Outlets(self, method, source.namespace, humans)
            self._channels.append(Channel(self, source, pipeline.sibling(), outlets))
        facts = ', '.join(f'{key} {value}' for key, value in pipeline.describe().items())
        self.get_logger().info(f'configured: {facts}')
        return TransitionCallbackReturn.SUCCESS

    def _tell_progress(self, progress: str) -> None:
        """Say how far configuring is, since the timer has to wait for it."""
        name = f'{self.get_name()}: node'
        doing = status(name, {f'configuring: {progress}': DiagnosticStatus.WARN}, {}, fine='')
        stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(DiagnosticArray(header=Header(stamp=stamp), status=[doing]))

    def _failed(self, reason: str) -> TransitionCallbackReturn:
        self._failure = f'cannot configure: {reason}'
        self.get_logger().error(self._failure)
        return TransitionCallbackReturn.FAILURE

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe, and begin to answer."""
        del state
        if self._pipeline is None:
            return TransitionCallbackReturn.FAILURE
        self._worker = Worker(
            self._channels, self._pipeline.estimator, lambda: self.parameters.config
        )
        self.get_logger().info(f'active: waiting for images on {self._topics()}')
        return TransitionCallbackReturn.SUCCESS

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribe, and forget who was there."""
        del state
        if self._worker is not None:
            self._worker.stop()
        self._worker = None
        return TransitionCallbackReturn.SUCCESS

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the estimator, and stop advertising."""
        del state
        for channel in self._channels:
            channel.outlets.close()
        if self._pipeline is not None:
            self._pipeline.close()
        self._channels, self._pipeline = [], None
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop and free everything, from whatever state."""
        self.on_deactivate(state)
        return self.on_cleanup(state)

    def _survive_wrong_transitions(self) -> None:
        """Answer a transition that is not possible now with no; rclpy would let the node die."""
        service = self._service_change_state
        change_state = service.callback

        def callback(request: Any, response: Any) -> Any:
            try:
                return change_state(request, response)
            except rclpy_implementation.RCLError as error:
                self.get_logger().warning(f'transition {request.transition.id} refused: {error}')
                response.success = False
                return response

        service.callback = callback

    def _report(self) -> None:
        """Publish the diagnostics."""
        now = time.monotonic()
        period_s, self._last_report = now - self._last_report, now
        statuses = [self._own_status()]
        if self._worker is not None:
            config = self.parameters.config
            statuses += [channel.status(config, period_s) for channel in self._channels]
        stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(DiagnosticArray(header=Header(stamp=stamp), status=statuses))

    def _own_status(self) -> DiagnosticStatus:
        """Return which estimator is at work, and why none is."""
        problems: dict[str, bytes] = {}
        if self._failure:
            problems[self._failure] = DiagnosticStatus.ERROR
        for channel in self._channels:
            problems |= dict.fromkeys(channel.outlets.mismatches.found(), DiagnosticStatus.ERROR)
        facts = self._pipeline.describe() if self._pipeline is not None else {}
        state = 'active' if self._worker else 'inactive' if self._pipeline else 'unconfigured'
        own = status(f'{self.get_name()}: node', problems, facts, fine=state)
        own.hardware_id = self._topics()
        return own

    def _topics(self) -> str:
        """Return what the node listens to."""
        return ', '.join(channel.feed.topic for channel in self._channels if channel.feed)


def _warm_up(pipeline: Pipeline) -> None:
    """Process one image, so that the runtime takes its memory and time now and not later."""
    width, height = 640, 360
    blank = np.zeros((height, width, 3), np.uint8)
    pipeline(blank, Camera.from_fov(width, height, 60.0), stamp=0.0)
    pipeline.reset()


def main(args: Sequence[str] | None = None) -> int:
    """Run the node until it is asked to end.

    Args:
        args: The command line; None for that of the process.

    Returns:
        The exit code.
    """
    with ros_until_asked(args) as spin:
        node = PoseNode()
        try:
            if node.get_parameter('autostart').value:
                succeeded = node.trigger_configure() == TransitionCallbackReturn.SUCCESS
                if succeeded:
                    node.trigger_activate()
            spin(node)
        finally:
            node.on_shutdown(LifecycleState('', 0))
            node.destroy_node()
    return 0


if __name__ == '__main__':
    sys.exit(main())
