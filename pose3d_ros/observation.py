"""Observation: what the estimator says about some boxes of one image, in metres."""

from collections.abc import Sequence
from dataclasses import fields

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
from pose3d_ros.skeleton import Skeleton
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
    with stopwatch.stage('place'):
        return [
            _candidate(estimates, index, crop, estimator.skeleton, height)
            for index, crop in enumerate(crops)
        ]


def _check_count(estimates: Estimates, count: int, name: str) -> None:
    found = {field.name: len(getattr(estimates, field.name)) for field in fields(estimates)}
    if set(found.values()) != {count}:
        msg = f'the estimator {name!r} was given {count} crops, but answers for {found}'
        raise EstimateError(msg)


def _candidate(
    estimates: Estimates, index: int, crop: Crop, skeleton: Skeleton, height: float | None
) -> Candidate:
    """Return one row of the estimates, turned from its crop to the camera and the full image."""
    pixels, confidence = estimates.pixels[index], estimates.confidence[index]
    placement = place(pixels, estimates.depth[index], confidence, crop, skeleton, height=height)
    return Candidate(
        presence=float(estimates.presence[index]),
        pixels=crop.image_pixels(pixels),
        positions=crop.to_camera(placement.positions),
        confidence=confidence.astype(np.float64),
        deviation=placement.deviation,
    )
