"""Observation: what the estimator says about some boxes of some images, in metres."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from itertools import accumulate

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.boxes import Box
from pose3d_ros.camera import Camera
from pose3d_ros.candidate import Candidate
from pose3d_ros.crop import Crop
from pose3d_ros.depth import DepthImage, fit_depth
from pose3d_ros.errors import EstimateError
from pose3d_ros.estimator import Estimator
from pose3d_ros.person import Estimates
from pose3d_ros.placement import Placement, place
from pose3d_ros.skeleton import Skeleton
from pose3d_ros.stopwatch import Stopwatch

__all__ = ['Look', 'observe']

Pictures = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """Where to look in one image.

    Attributes:
        image: The full image, BGR, shape (height, width, 3).
        camera: The camera that took it.
        boxes: Where to look [px]; one or more when it is observed.
        height: Height of the people; None when unknown [m].
        stopwatch: Measures the stages crop, infer and place.
        depth: What a depth camera saw at the same time, which fits the camera; None without.
    """

    image: NDArray[np.uint8]
    camera: Camera
    boxes: Sequence[Box] = ()
    height: float | None = None
    stopwatch: Stopwatch
    depth: DepthImage | None = None


def observe(looks: Sequence[Look], estimator: Estimator) -> list[list[Candidate] | EstimateError]:
    """Return what one person in each box would be like; the presence says if there is one.

    All crops of all images are estimated in one batch.

    Args:
        looks: One or more, each into an image of its own.
        estimator: What estimates the poses.

    Returns:
        For each look one candidate per box, in the same order; or what is wrong with its
        estimates.

    Raises:
        EstimateError: The estimator does not answer for every crop.
        ImageError: An image is not one of its camera.
    """
    crops, pictures = zip(*(_taken(look, estimator) for look in looks), strict=True)
    with ExitStack() as stack:
        for look in looks:  # each of them waits for the whole batch
            stack.enter_context(look.stopwatch.stage('infer'))
        estimates = estimator(np.concatenate(pictures))
    counts = [len(each) for each in crops]
    _check_count(estimates, sum(counts), estimator.name)
    begins = accumulate(counts, initial=0)
    return [
        _placed(look, each, estimates, begin, estimator.skeleton)
        for look, each, begin in zip(looks, crops, begins, strict=False)
    ]


def _taken(look: Look, estimator: Estimator) -> tuple[list[Crop], Pictures]:
    """Return the crops of a look, and what they show, RGB, shape (N, height, width, 3)."""
    with look.stopwatch.stage('crop'):
        crops = [
            Crop.around(look.camera, box, estimator.input_size, estimator.crop_margin)
            for box in look.boxes
        ]
        pictures = np.empty((len(crops), *estimator.input_size[::-1], 3), np.uint8)
        for crop, picture in zip(crops, pictures, strict=True):
            cv2.cvtColor(crop.warp(look.image), cv2.COLOR_BGR2RGB, dst=picture)
    return crops, pictures


def _check_count(estimates: Estimates, count: int, name: str) -> None:
    found = {field.name: len(getattr(estimates, field.name)) for field in fields(estimates)}
    if set(found.values()) != {count}:
        msg = f'the estimator {name!r} was given {count} crops, but answers for {found}'
        raise EstimateError(msg)


def _placed(
    look: Look, crops: Sequence[Crop], estimates: Estimates, begin: int, skeleton: Skeleton
) -> list[Candidate] | EstimateError:
    """Return the rows of the estimates that belong to a look, placed in metres."""
    try:
        with look.stopwatch.stage('place'):
            return [
                _candidate(estimates, index, crop, skeleton, look)
                for index, crop in enumerate(crops, begin)
            ]
    except EstimateError as error:
        return error


def _candidate(
    estimates: Estimates, index: int, crop: Crop, skeleton: Skeleton, look: Look
) -> Candidate:
    """Return one row of the estimates, turned from its crop to the camera and the full image."""
    pixels, confidence = estimates.pixels[index], estimates.confidence[index]
    depth = estimates.depth[index]
    placement = place(pixels, depth, confidence, crop, skeleton, height=look.height)
    candidate = Candidate(
        presence=float(estimates.presence[index]),
        pixels=crop.image_pixels(pixels),
        positions=crop.to_camera(placement.positions),
        confidence=confidence.astype(np.float64),
        deviation=placement.deviation,
    )
    if look.depth is None:
        return candidate
    return _agreed(candidate, placement, look.depth, look.camera, skeleton)


def _agreed(
    candidate: Candidate,
    placement: Placement,
    depth: DepthImage,
    camera: Camera,
    skeleton: Skeleton,
) -> Candidate:
    """Return the candidate in agreement with depth, as far as that says something."""
    z = candidate.positions[:, 2]
    fit = fit_depth(
        z,
        depth.surfaces(candidate.pixels, z, camera),
        candidate.confidence,
        skeleton.joints,
        placement.root_deviation / placement.root_depth,
    )
    if fit is None:
        return candidate
    root_deviation = fit.relative_deviation * fit.scale * placement.root_depth
    beside_root = placement.deviation**2 - placement.root_deviation**2
    return replace(
        candidate,
        positions=fit.scale * candidate.positions,
        deviation=np.sqrt(fit.scale**2 * np.maximum(beside_root, 0.0) + root_deviation**2),
        hidden=fit.hidden,
    )
