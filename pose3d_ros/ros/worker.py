"""Worker: the thread that takes the newest images, estimates and publishes.

Of every camera it takes the newest image, of all that have come since it looked last; what they
show is estimated together. A camera that sends nothing is not waited for, and one that sends
faster than it is answered takes nobody else's turn.
"""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from pose3d_ros.config import NodeConfig
from pose3d_ros.estimator import Estimator
from pose3d_ros.person import Person
from pose3d_ros.ros.channel import Channel, Delivery, Visit
from pose3d_ros.ros.mailroom import Mailroom
from pose3d_ros.stories import tell

__all__ = ['Worker']

_PATIENCE_S = 0.1  # without images, between two looks at which cameras have fallen silent


class Worker:
    """Answers the images of some channels until it is stopped."""

    def __init__(
        self,
        channels: Sequence[Channel],
        estimator: Estimator,
        config: Callable[[], NodeConfig],
    ) -> None:
        """Open the channels and start the thread.

        Args:
            channels: One of each camera; closed by `stop`.
            estimator: What estimates the poses for all of them.
            config: Gives the settings as they are now.
        """
        self._channels, self._estimator, self._config = channels, estimator, config
        self._mailroom: Mailroom[Channel, Delivery] = Mailroom()
        for channel in channels:
            channel.open(config(), partial(self._mailroom.put, channel))
        self._thread = threading.Thread(target=self._run, name='pose3d worker')
        self._thread.start()

    def stop(self) -> None:
        """Let the thread finish the images that it is at, end it and close the channels."""
        self._mailroom.close()
        self._thread.join()
        for channel in self._channels:
            channel.close()

    def _run(self) -> None:
        while (deliveries := self._mailroom.take(_PATIENCE_S)) is not None:
            config, visits = self._config(), dict[Channel, Visit]()
            for channel, delivery in deliveries.items():
                with channel.dropping():
                    if visit := channel.begin(delivery, config):
                        visits[channel] = visit
            begin = time.monotonic()
            answers = self._tell([*visits.values()])
            telling = time.monotonic() - begin
            for (channel, visit), people in zip(visits.items(), answers, strict=True):
                with channel.dropping():
                    if isinstance(people, Exception):
                        raise people
                    channel.finish(visit, people, config, telling)
            for channel in self._channels:
                channel.notice_silence(config.lost_after)

    def _tell(self, visits: list[Visit]) -> Sequence[list[Person] | Exception]:
        """Return who is in each image, or why that is not known."""
        try:
            return tell([visit.story for visit in visits], self._estimator)
        except Exception as error:  # noqa: BLE001 a plugin may raise anything
            return [error] * len(visits)
