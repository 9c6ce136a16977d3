"""Mismatches: publishers and subscribers that cannot talk because their QoS does not fit.

ROS 2 keeps silent about them; here they end up in the diagnostics. No other event is asked for:
with every image the executor goes through all that it waits for.
"""

from collections.abc import Callable
from typing import Any

from rclpy.qos import qos_policy_name_from_kind

try:
    from rclpy.event_handler import (  # noqa: TID251
        PublisherEventCallbacks,
        SubscriptionEventCallbacks,
    )
except ModuleNotFoundError:  # ROS 2 Humble
    from rclpy.qos_event import PublisherEventCallbacks, SubscriptionEventCallbacks

__all__ = ['NO_EVENTS', 'Mismatches']

NO_EVENTS = PublisherEventCallbacks(use_default_callbacks=False)
"""For publishers that the executor shall not wait for."""


class Mismatches:
    """Collects in words who cannot talk to us."""

    def __init__(self) -> None:
        self._found: set[str] = set()

    def found(self) -> list[str]:
        """Return all that were ever found."""
        return sorted(self._found)

    def subscribing(self, topic: str) -> SubscriptionEventCallbacks:
        """Return the callbacks for a subscription of ours."""
        return SubscriptionEventCallbacks(
            incompatible_qos=self._callback(f'{topic}: a publisher offers another QoS'),
            use_default_callbacks=False,
        )

    def publishing(self, topic: str) -> PublisherEventCallbacks:
        """Return the callbacks for a publisher of ours."""
        return PublisherEventCallbacks(
            incompatible_qos=self._callback(f'{topic}: a subscriber wants another QoS'),
            use_default_callbacks=False,
        )

    def _callback(self, text: str) -> Callable[[Any], None]:
        def on_incompatible_qos(event: Any) -> None:
            policy = qos_policy_name_from_kind(event.last_policy_kind).lower()
            self._found.add(f'{text} ({policy})')

        return on_incompatible_qos
