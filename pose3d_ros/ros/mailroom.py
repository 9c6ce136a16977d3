"""Mailroom: hands the newest item of each sender from their threads to another one."""

import threading
from typing import Generic, TypeVar

__all__ = ['Mailroom']

SenderT = TypeVar('SenderT')
ItemT = TypeVar('ItemT')


class Mailroom(Generic[SenderT, ItemT]):
    """Room for one item of each sender. A newer one takes its place: the stale is never processed.

    So nobody can crowd out others, however much is sent, and nobody waits for who sends nothing.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._items: dict[SenderT, ItemT] = {}
        self._closed = False

    def put(self, sender: SenderT, item: ItemT) -> bool:
        """Put an item in; return whether another one had to make room, unprocessed."""
        with self._changed:
            was_waiting = sender in self._items
            self._items[sender] = item
            self._changed.notify()
            return was_waiting

    def take(self, timeout_s: float | None = None) -> dict[SenderT, ItemT] | None:
        """Wait for an item, and take out all there are.

        Args:
            timeout_s: How long to wait; None for ever [s].

        Returns:
            Items by sender, who has waited longest first; empty when the time is up, None when the
            mailroom has been closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._items, timeout_s)
            if self._closed:
                return None
            items, self._items = self._items, {}
            return items

    def close(self) -> None:
        """Let those who wait go home."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
