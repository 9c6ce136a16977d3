"""The log of the core, as the node forwards it."""

import logging

import pytest

from pose3d_ros.ros.logs import forwarded_logs


class Written:
    """A node's logger that remembers."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __getattr__(self, level: str):  # noqa: ANN204
        return lambda text: self.lines.append((level, text))


def test_what_the_core_logs_reaches_the_node_with_its_severity() -> None:
    core, written, heard = logging.getLogger('pose3d_ros.runtimes'), Written(), []
    with forwarded_logs(written, heard.append):
        core.debug('detail')
        core.info('building: %d %%', 10)
        core.warning('no TensorRT')
        core.error('wrong')
    core.info('later')
    assert written.lines == [
        ('info', 'building: 10 %'),
        ('warning', 'no TensorRT'),
        ('error', 'wrong'),
    ]
    assert heard == [text for _, text in written.lines]


def test_forwarding_ends_after_an_error() -> None:
    core = logging.getLogger('pose3d_ros')
    before = (core.level, list(core.handlers))
    with pytest.raises(ValueError, match='x'), forwarded_logs(Written(), lambda _: None):
        raise ValueError('x')  # noqa: EM101
    assert (core.level, core.handlers) == before
