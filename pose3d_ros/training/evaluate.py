"""How good an estimator is on held-out rendered people."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose3d_ros import metrics
from pose3d_ros.camera import Camera
from pose3d_ros.crop import Crop
from pose3d_ros.person import Estimates
from pose3d_ros.placement import place
from pose3d_ros.skeleton import Skeleton
from pose3d_ros.synthesis.compose import Composer, Sample

Estimate = Callable[[NDArray[np.uint8]], Estimates]
Array = NDArray[np.float64]

SEED = 2026
BATCH = 50
BINS = 10
CONFIDENCE_RADIUS_MM = 150.0


def held_out_crops(folder: Path, size: int, count: int) -> Sample:
    """Return the fixed evaluation set: the same crops for every estimator and every run.

    Args:
        folder: Shards of held-out bodies, clips and lights.
        size: Width and height of the crops [px].
        count: How many.
    """
    return Composer.load(folder, held_out=True).batch((SEED,), count, size)


def on_rendered(estimate: Estimate, crops: Sample, skeleton: Skeleton) -> dict[str, float]:
    """Return the metrics of an estimator on rendered crops.

    MPJPE is measured at the true depth of the root, so that it shows the pose alone;
    `placed_mpjpe_mm` and `mrpe_mm` are measured with the depth that the limbs' lengths give.

    Args:
        estimate: From RGB crops to estimates.
        crops: From `held_out_crops`.
        skeleton: With the bone lengths that placement assumes.
    """
    size = crops.image.shape[1]
    found = estimates(estimate, crops)
    person = np.asarray(crops.presence == 1)
    truth = 1e3 * crops.points[person].astype(float)
    joints = at_true_depth(found, crops)[person]
    placed = limb_placement(found, crops, skeleton)[person]
    inside = (crops.pixels >= 0) & (crops.pixels <= size - 1)
    seen = inside[person].all(-1)
    whole = seen.all(1)
    offset = np.linalg.norm(found.pixels - crops.pixels, axis=-1)[person]
    mean_pose = np.broadcast_to((truth - truth[:, :1]).mean(0), truth.shape)
    good = _errors(joints, truth) < CONFIDENCE_RADIUS_MM
    return {
        'crops': float(person.sum()),
        'pixels_px': float(offset[seen].mean()),
        'mpjpe_mm': metrics.mpjpe(joints, truth),
        'mpjpe_whole_body_mm': metrics.mpjpe(joints[whole], truth[whole]),
        'pa_mpjpe_mm': metrics.pa_mpjpe(joints, truth),
        'mean_pose_mpjpe_mm': metrics.mpjpe(mean_pose, truth),
        'placed_mpjpe_mm': metrics.mpjpe(placed, truth),
        'mrpe_mm': metrics.mrpe(placed, truth),
        'pck3d_150mm': metrics.pck3d(joints, truth),
        'confidence_ece': _calibration_error(found.confidence[person], good),
        'presence_accuracy': _presence_accuracy(found.presence, crops.presence),
    }


def estimates(estimate: Estimate, crops: Sample) -> Estimates:
    """Return what an estimator says about all crops, asked in batches."""
    parts = [estimate(crops.image[i : i + BATCH]) for i in range(0, len(crops.image), BATCH)]
    return Estimates(
        *(np.concatenate([getattr(p, f) for p in parts]) for f in Estimates.__slots__)
    )


def at_true_depth(found: Estimates, crops: Sample) -> Array:
    """Return the joints, with the root as far away as it truly is, shape (N, J, 3) [mm]."""
    size = crops.image.shape[1]
    distance = 1e3 * (crops.points[:, :1, 2].astype(float) + found.depth)
    flat = (found.pixels - (size - 1) / 2) / crops.focal[:, None, None]
    return np.concatenate([flat * distance[..., None], distance[..., None]], -1)


def limb_placement(found: Estimates, crops: Sample, skeleton: Skeleton) -> Array:
    """Return joints at the depth that the lengths of the limbs give, shape (N, J, 3) [mm]."""
    size = crops.image.shape[1]
    middle = (size - 1) / 2
    looks = []
    for focal in crops.focal.tolist():
        K = np.array([[focal, 0, middle], [0, focal, middle], [0, 0, 1]], float)
        looks.append(Crop(Camera(size, size, K), np.eye(3), focal, (size, size)))
    placements = place(found.pixels, found.depth, found.confidence, looks, skeleton)
    return 1e3 * np.stack([placement.positions for placement in placements])


def _errors(joints: Array, truth: Array) -> Array:
    relative = (joints - joints[:, :1]) - (truth - truth[:, :1])
    return np.asarray(np.linalg.norm(relative, axis=-1))


def reliability(estimate: Estimate, crops: Sample) -> Array:
    """Return how often joints of a confidence are right, in ten bins of confidence.

    Args:
        estimate: From RGB crops to estimates.
        crops: From `held_out_crops`.

    Returns:
        Rows of share of the joints, mean confidence and share within 150 mm, NaN for an empty
        bin, shape (10, 3).
    """
    found = estimates(estimate, crops)
    person = np.asarray(crops.presence == 1)
    truth = 1e3 * crops.points[person].astype(float)
    good = _errors(at_true_depth(found, crops)[person], truth) < CONFIDENCE_RADIUS_MM
    return _bins(found.confidence[person], good)


def _bins(confidence: NDArray[np.float32], good: NDArray[np.bool_]) -> Array:
    places = np.minimum((BINS * confidence).astype(int), BINS - 1)
    rows = np.full((BINS, 3), np.nan)
    for index in range(BINS):
        members = places == index
        rows[index, 0] = members.mean()
        if members.any():
            rows[index, 1:] = confidence[members].mean(), good[members].mean()
    return rows


def _calibration_error(confidence: NDArray[np.float32], good: NDArray[np.bool_]) -> float:
    """Return the expected calibration error over ten bins of confidence (Guo 2017)."""
    share, stated, right = _bins(confidence, good).T
    return float(np.nansum(share * np.abs(stated - right)))


def _presence_accuracy(found: NDArray[np.float32], truth: NDArray[np.float32]) -> float:
    clear = ~np.isnan(truth)
    return 100 * float(((found[clear] > 0.5) == (truth[clear] == 1)).mean())
