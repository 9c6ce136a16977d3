"""A picture of stages: one bar per case, one colour per stage."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ['draw_bars']

_WIDTH, _LABEL, _ROW, _MARGIN = 1000, 300, 44, 20
_COLOURS = (  # BGR
    (180, 119, 31),
    (14, 127, 255),
    (44, 160, 44),
    (40, 39, 214),
    (189, 103, 148),
    (75, 86, 140),
    (127, 127, 127),
)
_INK = (40, 40, 40)


def draw_bars(cases: Mapping[str, Mapping[str, float]]) -> NDArray[np.uint8]:
    """Return a picture, BGR, of how long the stages of each case take.

    Args:
        cases: Milliseconds by stage, by case.
    """
    stages = list(dict.fromkeys(stage for case in cases.values() for stage in case))
    colours = {stage: _COLOURS[place % len(_COLOURS)] for place, stage in enumerate(stages)}
    longest = max(sum(case.values()) for case in cases.values())
    scale = (_WIDTH - _LABEL - 6 * _MARGIN) / longest
    picture = np.full((_ROW * (len(cases) + 1) + 2 * _MARGIN, _WIDTH, 3), 255, np.uint8)
    for row, (name, case) in enumerate(cases.items()):
        top = _MARGIN + row * _ROW
        _write(picture, name, _MARGIN, top)
        left = float(_LABEL)
        for stage, milliseconds in case.items():
            right = left + scale * milliseconds
            corners = (round(left), top + 6), (round(right), top + _ROW - 8)
            cv2.rectangle(picture, *corners, colours[stage], cv2.FILLED)
            left = right
        _write(picture, f'{sum(case.values()):.1f} ms', round(left) + 8, top)
    left, top = _LABEL, _MARGIN + len(cases) * _ROW
    for stage, colour in colours.items():
        cv2.rectangle(picture, (left, top + 14), (left + 16, top + 30), colour, cv2.FILLED)
        _write(picture, stage, left + 22, top)
        left += 40 + 11 * len(stage)
    return picture


def _write(picture: NDArray[np.uint8], text: str, left: int, top: int) -> None:
    place = (left, top + _ROW // 2 + 6)
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, _INK, 1, cv2.LINE_AA)
