"""Colours and patterns of skin, hair and cloth; sRGB, 0..1."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.synthesis.noise import value_noise

Array = NDArray[np.float32]
Generator = np.random.Generator

SKIN_TONES = np.array([(0.93, 0.74, 0.63), (0.70, 0.48, 0.35), (0.24, 0.15, 0.11)])
HAIR_COLORS = (
    (0.34, (0.04, 0.03, 0.025)),
    (0.26, (0.18, 0.11, 0.06)),
    (0.15, (0.35, 0.22, 0.11)),
    (0.12, (0.70, 0.55, 0.32)),
    (0.08, (0.55, 0.55, 0.55)),
    (0.05, (0.45, 0.16, 0.07)),
)
TEXTURE_SIZE = 64


def skin(generator: Generator) -> NDArray[np.float64]:
    """Return an sRGB colour of skin, from light to dark."""
    tone = generator.uniform(0, 2)
    low = int(tone)
    mixed = SKIN_TONES[low] + (SKIN_TONES[low + 1] - SKIN_TONES[low]) * (tone - low)
    shade = mixed * generator.uniform(0.88, 1.1) * generator.uniform(0.96, 1.04, 3)
    return np.asarray(shade, float)


def hair_color(generator: Generator) -> NDArray[np.float64]:
    """Return an sRGB colour of hair, mostly dark."""
    shares = [share for share, _ in HAIR_COLORS]
    tint = HAIR_COLORS[generator.choice(len(shares), p=shares)][1]
    return np.asarray(np.array(tint) * generator.uniform(0.7, 1.3), float)


def cloth_color(generator: Generator) -> Array:
    """Return an sRGB colour as clothes have: mostly white, black, grey, blue or brown."""
    uniform = generator.uniform
    kind = generator.random()
    if kind < 0.20:
        tint = uniform(0.75, 0.98) * uniform(0.95, 1.03, 3)
    elif kind < 0.42:
        tint = uniform(0.02, 0.14) * uniform(0.85, 1.15, 3)
    elif kind < 0.55:
        tint = uniform(0.15, 0.7) * uniform(0.93, 1.07, 3)
    elif kind < 0.68:
        return _hsv(uniform(0.57, 0.65), uniform(0.3, 0.8), uniform(0.15, 0.6))
    elif kind < 0.78:
        return _hsv(uniform(0.06, 0.13), uniform(0.2, 0.55), uniform(0.3, 0.8))
    else:
        return _hsv(generator.random(), uniform(0.3, 1), uniform(0.2, 1))
    return np.clip(tint, 0, 1).astype(np.float32)


def _hsv(hue: float, saturation: float, value: float) -> Array:
    pixel = np.array([[[360 * hue, saturation, value]]], np.float32)
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0], np.float32)


def texture(generator: Generator) -> Array:
    """Return a cloth pattern: woven, blotched, striped, checked or printed, shape (64, 64, 3)."""
    size = TEXTURE_SIZE
    kind = generator.random()
    if kind < 0.3:  # woven of two threads
        weave = generator.random((size, size, 1))
        return np.ascontiguousarray(np.broadcast_to(weave, (size, size, 3)), np.float32)
    blotches = value_noise(size, 6, generator, 1 if generator.random() < 0.6 else 3)
    cloudy = np.broadcast_to(blotches.astype(float), (size, size, 3))
    if kind < 0.55:
        return np.ascontiguousarray(cloudy, np.float32)
    tint = 1.0 if generator.random() < 0.6 else generator.random(3)
    grid = _stripes(generator) if kind < 0.85 else _motifs(generator)
    return np.ascontiguousarray(0.2 * cloudy + 0.8 * grid[..., None] * tint, np.float32)


def _stripes(generator: Generator) -> NDArray[Any]:
    """Return stripes of either direction or checks, 0..1, shape (64, 64)."""
    period = generator.integers(2, 9)
    stripe = ((np.arange(TEXTURE_SIZE) // period) % 2).astype(np.float32)
    kind = generator.random()
    if kind < 0.5:
        return np.broadcast_to(stripe[:, None], (TEXTURE_SIZE, TEXTURE_SIZE))
    if kind < 0.7:
        return np.broadcast_to(stripe[None], (TEXTURE_SIZE, TEXTURE_SIZE))
    return np.asarray((stripe[:, None] + stripe[None]) / 2)


def _motifs(generator: Generator) -> NDArray[Any]:
    """Return dots and dashes on a plain ground, 0..1, shape (64, 64)."""
    ground = np.ones((TEXTURE_SIZE, TEXTURE_SIZE), np.float32)
    for _ in range(generator.integers(8, 40)):
        x, y, width, height = (int(v) for v in generator.integers((0, 0, 1, 1), (64, 64, 7, 7)))
        shade = float(generator.random())
        cv2.ellipse(ground, (x, y), (width, height), 0, 0, 360, shade, -1)
    return ground
