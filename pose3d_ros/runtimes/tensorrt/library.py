"""TensorRT's Python bindings: whether they are here, and where their messages go."""

import logging
from importlib import import_module
from typing import Any

from pose3d_ros.errors import DeviceError

__all__ = ['find_tensorrt', 'make_logger']

_LOG = logging.getLogger(__name__)


def find_tensorrt(name: str = 'tensorrt') -> Any:  # noqa: ANN401 - a module without types
    """Return the module `tensorrt`.

    Args:
        name: Of the module; TensorRT for RTX has the same interface under `tensorrt_rtx`.

    Raises:
        DeviceError: It is not installed, broken, or older than 10.
    """
    try:
        found = import_module(name)
        version = str(found.__version__)
    except Exception as error:  # what is half installed may raise anything
        msg = f'TensorRT is not usable here: `import {name}` raised {error!r}'
        raise DeviceError(msg) from error
    if name == 'tensorrt' and int(version.partition('.')[0]) < 10:
        msg = f'TensorRT {version} is too old: 10.3 (JetPack 6.2) or newer is needed'
        raise DeviceError(msg)
    return found


def make_logger(trt: Any) -> Any:  # noqa: ANN401 - modules without types
    """Return a logger for TensorRT that writes to Python's logging.

    Its attribute `last_error` is the text of the last error, for messages of ours.
    """
    severity = trt.ILogger.Severity
    levels = {
        severity.INTERNAL_ERROR: logging.ERROR,
        severity.ERROR: logging.ERROR,
        severity.WARNING: logging.INFO,  # TensorRT warns of much that is no trouble
    }

    class Logger(trt.ILogger):  # type: ignore[misc]
        """Writes to Python's logging."""

        def __init__(self) -> None:
            trt.ILogger.__init__(self)
            self.last_error = ''

        def log(self, severity: Any, msg: str) -> None:  # noqa: ANN401 - as TensorRT calls it
            level = levels.get(severity, logging.DEBUG)
            if level == logging.ERROR:
                self.last_error = msg
            _LOG.log(level, 'TensorRT: %s', msg)

    return Logger()
