"""Smooth random textures."""

import cv2
import numpy as np
from numpy.typing import NDArray


def value_noise(
    size: int, octaves: int, generator: np.random.Generator, channels: int = 1
) -> NDArray[np.float32]:
    """Return value noise scaled to 0..1, shape (size, size, channels)."""
    total = np.zeros((size, size, channels), np.float32)
    amplitude = 1.0
    for octave in range(octaves):
        cells = 2 ** (octave + 1) + 1
        grid = generator.random((cells, cells, channels), dtype=np.float32)
        layer = cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC)
        total += amplitude * layer.reshape(size, size, channels)
        amplitude *= 0.65
    low, high = total.min(), total.max()
    return np.asarray((total - low) / (high - low + 1e-6), np.float32)
