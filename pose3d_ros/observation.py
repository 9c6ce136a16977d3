"""Observation: what the estimator says about some boxes of some images, in metres."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, replace
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
from pose3d_ros.picture import Picture
from pose3d_ros.placement import Placement, place
from pose3d_ros.skeleton import Skeleton
from pose3d_ros.stopwatch import Stopwatch

__all__ = ['Look', 'observe']

Image = NDArray[np.uint8]
Float = NDArray[np.floating]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """Where to look in one image.

    Attributes:
        picture: The full image.
        camera: The camera that took it.
        crops: Where to look; one or more when it is observed.
        shown: What the crops show, RGB, shape (N, height, width, 3).
        height: Height of the people; None when unknown [m].
        stopwatch: Measures the stages decode, crop, infer and place.
        depth: What a depth camera saw at the same time, which fits the camera; None without.
    """

    picture: Picture
    camera: Camera
    crops: Sequence[Crop] = ()
    shown: Image = field(default_factory=lambda: np.empty((0, 0, 0, 3), np.uint8))
    height: float | None = None
    stopwatch: Stopwatch
    depth: DepthImage | None = None

    def into(self, boxes: Sequence[Box], estimator: Estimator) -> 'Look':
        """Return the look into some boxes of the image, as the estimator wants it.

        The image is decoded just as finely as the crops need it, all of them from one decoding.

        Args:
            boxes: Where to look [px].
            estimator: What will estimate the poses.

        Raises:
            ImageError: The image is not one of its camera, or cannot be decoded.
        """
        with self.stopwatch.stage('crop'):
            size, margin = estimator.input_size, estimator.crop_margin
            crops = [Crop.around(self.camera, box, size, margin) for box in boxes]
            self.decode(min((crop.reduction for crop in crops), default=1))
            shown = np.empty((len(crops), *size[::-1], 3), np.uint8)
            for crop, picture in zip(crops, shown, strict=True):
                cv2.cvtColor(crop.warp(self.picture), cv2.COLOR_BGR2RGB, dst=picture)
        return replace(self, crops=crops, shown=shown)

    def decode(self, reduction: int = 1) -> Image:
        """Return the image, reduced by this much or less.

        Raises:
            ImageError: It cannot be decoded.
        """
        if self.picture.is_decoded(reduction):
            return self.picture.at(reduction)[0]
        with self.stopwatch.stage('decode'):
            return self.picture.at(reduction)[0]


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
    """
    with ExitStack() as stack:
        for look in looks:  # each of them waits for the whole batch
            stack.enter_context(look.stopwatch.stage('infer'))
        estimates = estimator(np.concatenate([look.shown for look in looks]))
    counts = [len(look.crops) for look in looks]
    _check_count(estimates, sum(counts), estimator.name)
    begins = accumulate(counts, initial=0)
    return [
        _placed(look, estimates, begin, estimator.skeleton)
        for look, begin in zip(looks, begins, strict=False)
    ]


def _check_count(estimates: Estimates, count: int, name: str) -> None:
    found = {field.name: len(getattr(estimates, field.name)) for field in fields(estimates)}
    if set(found.values()) != {count}:
        msg = f'the estimator {name!r} was given {count} crops, but answers for {found}'
        raise EstimateError(msg)


def _placed(
    look: Look, estimates: Estimates, begin: int, skeleton: Skeleton
) -> list[Candidate] | EstimateError:
    """Return the rows of the estimates that belong to a look, placed in metres."""
    rows = slice(begin, begin + len(look.crops))
    pixels, confidence = estimates.pixels[rows], estimates.confidence[rows]
    try:
        with look.stopwatch.stage('place'):
            placements = place(
                pixels, estimates.depth[rows], confidence, look.crops, skeleton, height=look.height
            )
            return [
                _agreed(_candidate(*each), each[-1], look, skeleton)
                for each in zip(
                    estimates.presence[rows].tolist(),
                    pixels,
                    confidence,
                    look.crops,
                    placements,
                    strict=True,
                )
            ]
    except EstimateError as error:
        return error


def _candidate(
    presence: float, pixels: Float, confidence: Float, crop: Crop, placement: Placement
) -> Candidate:
    """Return what was estimated in a crop, turned to the camera and the full image."""
    return Candidate(
        presence=presence,
        pixels=crop.image_pixels(pixels),
        positions=crop.to_camera(placement.positions),
        confidence=confidence.astype(np.float64),
        deviation=placement.deviation,
    )


def _agreed(
    candidate: Candidate, placement: Placement, look: Look, skeleton: Skeleton
) -> Candidate:
    """Return the candidate in agreement with depth, as far as there is any that says something."""
    if look.depth is None:
        return candidate
    z = candidate.positions[:, 2]
    fit = fit_depth(
        z,
        look.depth.surfaces(candidate.pixels, z, look.camera),
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
