"""Sources: which cameras a node listens to, and on which topics.

A camera is written as its name, and what differs from what its name suggests::

    front
    rear image=/rear/colour/image_raw depth=/rear/aligned_depth/image_raw
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from pose3d_ros.errors import ConfigError

__all__ = ['CameraSource', 'sources_from_texts']

_NAME = re.compile('[a-z][a-z0-9_]*')
_LAYOUT = "such as 'front' or 'front image=/front/image_raw info=/front/camera_info'"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSource:
    """The topics of one camera, before remapping.

    Attributes:
        name: Of the camera; empty for the only one.
        image: Topic of the images.
        info: Topic of the calibration; empty for camera_info beside the images.
        depth: Topic of depth images aligned with the images; empty for none.
    """

    name: str = ''
    image: str
    info: str = ''
    depth: str = ''

    @property
    def namespace(self) -> str:
        """What comes before the topics that are published about this camera's people."""
        return f'~/{self.name}' if self.name else '~'


def sources_from_texts(texts: Sequence[str]) -> tuple[CameraSource, ...]:
    """Return cameras from how they are written.

    Raises:
        ConfigError: Something else is written there, or two are the same.
    """
    sources = tuple(_source_from_text(text) for text in texts)
    for what in ('name', 'image'):
        values = [getattr(source, what) for source in sources]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            message = f'cameras has the same {what} twice: {", ".join(twice)}'
            raise ConfigError(message)
    return sources


def _source_from_text(text: str) -> CameraSource:
    name, *words = text.split() or ['']
    topics = dict(word.partition('=')[::2] for word in words)
    if not _NAME.fullmatch(name):
        message = f'{name!r} in cameras is no name of a camera: a to z, 0 to 9, _; {_LAYOUT}'
        raise ConfigError(message)
    known = {field.name for field in fields(CameraSource)} - {'name'}
    unknown = set(topics) - known
    if unknown or '' in topics.values() or len(topics) < len(words):
        right = ' or '.join(f'{each}=TOPIC' for each in sorted(known))
        message = f'{text!r} in cameras: after the name comes {right}, each once; {_LAYOUT}'
        raise ConfigError(message)
    return CameraSource(**{'name': name, 'image': f'{name}/image_raw', **topics})
