"""Observation: what the estimator says about some boxes of one image, in metres."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.boxes import Box
from pose3d_ros.camera import Camera
from pose3d_ros.candidate import Candidate
from pose3d_ros.crop import Crop
from pose3d_ros.errors import EstimateError
from pose3d_ros.estimator import Estimator
from pose3d_ros.person import Estimates
from pose3d_ros.placement import place
from pose3d_ros.stopwatch import Stopwatch

__all__ = ['observe']


def observe(
    image: NDArray[np.uint8],
    camera: Camera,
    boxes: Sequence[Box],
    estimator: Estimator,
    *,
    height: float | None,
    stopwatch: Stopwatch,
) -> list[Candidate]:
    """Return what one person in each box would be like; the presence says if there is one.

    All crops are estimated in one batch.

    Args:
        image: The full image, BGR, shape (height, width, 3).
        camera: The camera that took it.
        boxes: Where to look [px].
        estimator: What estimates the poses.
        height: Height of the people; None when unknown [m].
        stopwatch: Measures the stages crop, infer and place.

    Returns:
        One candidate per box, in the same order.

    Raises:
        EstimateError: The estimator does not keep its contract.
        ImageError: The image is not one of this camera.
    """
    with stopwatch.stage('crop'):
        crops = [
            Crop.around(camera, box, estimator.input_size, estimator.crop_margin) for box in boxes
        ]
        pictures = np.empty((len(crops), *estimator.input_size[::-1], 3), np.uint8)
        for crop, picture in zip(crops, pictures, strict=True):
            cv2.cvtColor(crop.warp(image), cv2.COLOR_BGR2RGB, dst=picture)
    with stopwatch.stage('infer'):
        estimates = estimator(pictures)
    _check_count(estimates, len(crops), estimator.name)
    candidates = []
    with stopwatch.stage('place'):
        for crop, pixels, depth, confidence, presence in zip(
            crops,
            estimates.pixels,
            estimates.depth,
            estimates.confidence,
            estimates.presence,
            strict=True,
        ):
            skeleton = estimator.skeleton
            placement = place(pixels, depth, confidence, crop, skeleton, height=height)
            candidates.append(
                Candidate(
                    presence=float(presence),
                    pixels=crop.image_pixels(pixels),
                    positions=crop.to_camera(placement.positions),
                    confidence=confidence.astype(np.float64),
                    deviation=placement.deviation,
                )
            )
    return candidates


def _check_count(estimates: Estimates, count: int, name: str) -> None:
    found = [
        len(values)
        for values in (
            estimates.pixels,
            estimates.depth,
            estimates.confidence,
            estimates.presence,
        )
    ]
    if found != [count] * len(found):
        msg = f'the estimator {name!r} was given {count} crops, but answers for {found}'
        raise EstimateError(msg)
