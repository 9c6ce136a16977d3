"""Degradation: what cameras and codecs do to a picture."""

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Picture = NDArray[np.uint8]
Generator = np.random.Generator


def degraded(picture: Float, generator: Generator) -> NDArray[np.uint8]:
    """Return a picture with random blur, contrast, white balance, noise and JPEG blocks.

    Args:
        picture: BGR, 0..255, shape (height, width, 3).
        generator: Source of randomness.
    """
    height, width = picture.shape[:2]
    uniform = generator.uniform
    if generator.random() < 0.35:
        picture = _float(cv2.GaussianBlur(picture, (0, 0), uniform(0.4, 1.3)))
    if generator.random() < 0.15:
        share = uniform(0.4, 0.8)
        small = int(width * share), int(height * share)
        coarse = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
        picture = _float(cv2.resize(coarse, (width, height)))
    mean = picture.mean()
    picture = (picture - mean) * uniform(0.6, 1.35) + mean * math.exp(generator.normal(0, 0.25))
    picture = _float(picture * (1 + generator.normal(0, 0.07, 3)))
    if generator.random() < 0.08:
        picture = np.repeat(picture.mean(2, keepdims=True), 3, 2)
    if generator.random() < 0.5:
        noise = generator.standard_normal((height, width, 1), np.float32)
        picture = picture + noise * np.float32(uniform(0, 10))
    clipped = np.clip(picture, 0, 255).astype(np.uint8)
    if generator.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(uniform(25, 90))]
        encoded = cv2.imencode('.jpg', clipped, quality)[1]
        return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    return clipped


def _float(picture: NDArray[Any]) -> Float:
    return np.asarray(picture, np.float32)
