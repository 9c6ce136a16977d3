"""Logs: what the core writes to Python's logging goes to the node's log, and to a listener."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ['forwarded_logs']

_CORE = 'pose3d_ros'


class _Forwarder(logging.Handler):
    def __init__(self, logger: Any, listener: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._logger, self._listener = logger, listener

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a record on with its severity."""
        text = record.getMessage()
        if record.levelno >= logging.ERROR:
            self._logger.error(text)
        elif record.levelno >= logging.WARNING:
            self._logger.warning(text)
        else:
            self._logger.info(text)
        self._listener(text)


@contextmanager
def forwarded_logs(logger: Any, listener: Callable[[str], None]) -> Iterator[None]:
    """Forward what the core logs inside the `with` block, such as how far an engine is built.

    Args:
        logger: The node's.
        listener: Called with each text, from whatever thread it comes.
    """
    core, handler = logging.getLogger(_CORE), _Forwarder(logger, listener)
    level = core.level
    core.addHandler(handler)
    core.setLevel(logging.INFO)
    try:
        yield
    finally:
        core.removeHandler(handler)
        core.setLevel(level)
