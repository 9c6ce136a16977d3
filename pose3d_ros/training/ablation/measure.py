"""Figures of trained networks on held-out crops.

Shape letters: N people, J joints. Every `Measure` returns figures by name.
"""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pose3d_ros import metrics
from pose3d_ros.networks.contract import Network
from pose3d_ros.networks.lifter import scale_free
from pose3d_ros.networks.volume import Decode
from pose3d_ros.person import Estimates
from pose3d_ros.skeleton import H36M_17, Skeleton
from pose3d_ros.synthesis.compose import Sample
from pose3d_ros.training.ablation import roots
from pose3d_ros.training.evaluate import Estimate, at_true_depth, estimates, limb_placement
from pose3d_ros.training.export import Deployed

Array = NDArray[np.float64]
Figures = dict[str, float]
Measure = Callable[[Network, Sample, Skeleton], Figures]

MM = 1e3


def estimator(network: Network) -> Estimate:
    """Return a network as a function from crops to estimates."""
    deployed = Deployed(network).eval().cpu()

    def estimate(crops: NDArray[np.uint8]) -> Estimates:
        with torch.no_grad():
            outputs = deployed(torch.from_numpy(np.ascontiguousarray(crops)))
        return Estimates(*(output.numpy() for output in outputs))

    return estimate


def pose_figures(joints: Array, truth: Array) -> Figures:
    """Return the metrics of poses, shape (N, J, 3) [mm]."""
    parents, mirror = H36M_17.parents, H36M_17.mirror
    return {
        'MPJPE mm': metrics.mpjpe(joints, truth),
        'PA-MPJPE mm': metrics.pa_mpjpe(joints, truth),
        'N-MPJPE mm': metrics.n_mpjpe(joints, truth),
        'PCK 150 mm %': metrics.pck3d(joints, truth),
        'bone error mm': metrics.bone_error(joints, truth, parents),
        'bone length std mm': metrics.bone_length_std(joints, parents),
        'symmetry gap mm': metrics.symmetry_gap(joints, parents, mirror),
        'illegal angles %': metrics.illegal_angles(joints, H36M_17.joints),
        'ordinal accuracy %': metrics.ordinal_accuracy(joints, truth),
    }


def pose(network: Network, crops: Sample, skeleton: Skeleton) -> Figures:
    """Return the metrics of what the network finds, at the true depth of the root."""
    del skeleton
    found = estimates(estimator(network), crops)
    person = np.asarray(crops.presence == 1)
    within = (crops.pixels >= 0) & (crops.pixels <= crops.image.shape[1] - 1)
    inside = np.asarray(within.all(-1))[person]
    offsets = np.linalg.norm(found.pixels - crops.pixels, axis=-1)[person]
    return {
        **pose_figures(at_true_depth(found, crops)[person], _truth(crops)[person]),
        'error px': float(offsets[inside].mean()),
    }


def decoded(decode: Decode) -> Measure:
    """Return a measure of the same volumes, read out in another way."""

    def measure(network: Network, crops: Sample, skeleton: Skeleton) -> Figures:
        other: Any = copy.deepcopy(network)
        other.config = replace(other.config, decode=decode)
        return pose(other, crops, skeleton)

    return measure


def lifted(*, from_truth: bool) -> Measure:
    """Return a measure of the joints that a lifter makes of true or found places in the image."""

    def measure(network: Network, crops: Sample, skeleton: Skeleton) -> Figures:
        del skeleton
        person = crops.presence == 1
        joints = lifted_joints(network, _places(network, crops, from_truth=from_truth))
        return pose_figures(MM * joints[person], _truth(crops)[person])

    return measure


def placed(method: str, *, from_truth: bool) -> Measure:
    """Return a measure of where the root is, by one way of finding it.

    Args:
        method: 'limbs', 'least squares' or 'box'.
        from_truth: Start from true joints instead of those that the network finds.
    """

    def measure(network: Network, crops: Sample, skeleton: Skeleton) -> Figures:
        person = crops.presence == 1
        found = estimates(estimator(network), crops)
        if from_truth:
            sure = np.full_like(found.confidence, 0.99)
            found = Estimates(crops.pixels, crops.depth, sure, found.presence)
        if method == 'limbs':
            place = limb_placement(found, crops, skeleton)[:, 0] / MM
        elif method == 'box':
            place = roots.by_box(found.pixels, crops)
        else:
            joints = lifted_joints(network, found.pixels)
            if from_truth:
                joints = (crops.points - crops.points[:, :1]).astype(float)
            place = roots.by_least_squares(found.pixels, joints, found.confidence, crops)
        errors = MM * (place - crops.points[:, 0])[person]
        relative = np.abs(errors[:, 2]) / (MM * crops.points[person, 0, 2])
        return {
            'MRPE mm': float(np.linalg.norm(errors, axis=-1).mean()),
            'median mm': float(np.median(np.linalg.norm(errors, axis=-1))),
            'depth error %': 100 * float(relative.mean()),
        }

    return measure


def lifted_joints(network: Any, pixels: NDArray[np.float32]) -> Array:  # noqa: ANN401
    """Return what a lifting network makes of places in the image, shape (N, J, 3) [m]."""
    with torch.no_grad():
        joints = network.lift.deployed(scale_free(torch.from_numpy(np.asarray(pixels))))
    return np.asarray(joints.numpy(), np.float64)


def _places(network: Network, crops: Sample, *, from_truth: bool) -> NDArray[np.float32]:
    return crops.pixels if from_truth else estimates(estimator(network), crops).pixels


def _truth(crops: Sample) -> Array:
    return MM * crops.points.astype(np.float64)
