"""Mailbox: hands the newest item from one thread to another."""

import threading
from typing import Generic, TypeVar

__all__ = ['Mailbox']

ItemT = TypeVar('ItemT')


class Mailbox(Generic[ItemT]):
    """Room for one item. A newer one takes its place: what is stale is never processed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._item: ItemT | None = None
        self._closed = False

    def put(self, item: ItemT) -> bool:
        """Put an item in; return whether another one had to make room, unprocessed."""
        with self._changed:
            was_waiting = self._item is not None
            self._item = item
            self._changed.notify()
            return was_waiting

    def take(self) -> ItemT | None:
        """Wait for an item and take it out; return None when the mailbox has been closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._item is not None)
            if self._closed:
                return None
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """Let those who wait go home."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
