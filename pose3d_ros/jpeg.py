"""JPEG: what its bytes say before it is decoded."""

import numpy as np
from numpy.typing import NDArray

__all__ = ['is_cut_off', 'size_of']

_START, _END = b'\xff\xd8\xff', b'\xff\xd9'
_FRAMES = (0xC0, 0xC1, 0xC2)  # Huffman-coded, sequential or progressive
_TABLES_AND_NOTES = (0xC4, 0xDB, 0xDD, *range(0xE0, 0xF0), 0xFE)
_EXIF = b'Exif'


def is_cut_off(data: NDArray[np.uint8]) -> bool:
    """Return whether this begins as a JPEG and does not end as one; zeros may follow the end."""
    begins = data[:3].tobytes() == _START
    return begins and not data[-4096:].tobytes().rstrip(b'\0').endswith(_END)


def size_of(data: NDArray[np.uint8]) -> tuple[int, int] | None:
    """Return the height and the width of a JPEG [px].

    Returns:
        None where decoding has to tell: this is no JPEG, one of a rare kind, or one with EXIF,
        which may turn it.
    """
    if data[:3].tobytes() != _START:
        return None
    place = 2
    while place + 10 <= len(data):
        mark, kind, *length = data[place : place + 4].tolist()
        if mark != 0xFF:
            return None
        if kind in _FRAMES:
            return _size_in(data[place + 4 : place + 10].tobytes())
        turned = data[place + 4 : place + 8].tobytes() == _EXIF
        if kind not in _TABLES_AND_NOTES or turned:
            return None
        place += 2 + 256 * length[0] + length[1]
    return None


def _size_in(frame: bytes) -> tuple[int, int] | None:
    """Return height and width from a frame header: bits, height, width, number of channels."""
    height, width = int.from_bytes(frame[1:3], 'big'), int.from_bytes(frame[3:5], 'big')
    usual = frame[0] == 8 and frame[5] in (1, 3)
    return (height, width) if usual and height and width else None
