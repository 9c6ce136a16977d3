"""Metrics of human pose estimation.

Poses are arrays of shape (N, J, 3) [mm], joints in the same order in both; `root` is the index
of the joint that they are aligned at, which counts as a joint without error, as is usual in the
field. 'Protocol 1' and 'protocol 2' mean different things in different papers and are not used
here.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    'auc3d',
    'bone_error',
    'bone_length_std',
    'illegal_angles',
    'mpjpe',
    'mrpe',
    'n_mpjpe',
    'ordinal_accuracy',
    'pa_mpjpe',
    'pck2d',
    'pck3d',
    'symmetry_gap',
]

Array = NDArray[np.float64]


def mpjpe(pred: ArrayLike, truth: ArrayLike, root: int = 0) -> float:
    """Return the mean per-joint position error after alignment at the root [mm].

    Ionescu et al. 2014, "Human3.6M".
    """
    return float(_errors(_centred(pred, root), _centred(truth, root)).mean())


def n_mpjpe(pred: ArrayLike, truth: ArrayLike, root: int = 0) -> float:
    """Return the MPJPE after alignment at the root and the best scale of each pose [mm].

    Rhodin et al. 2018, "Unsupervised geometry-aware representation".
    """
    centred, target = _centred(pred, root), _centred(truth, root)
    scale = _ratio((centred * target).sum(axis=(1, 2)), (centred**2).sum(axis=(1, 2)))
    return float(_errors(scale[:, None, None] * centred, target).mean())


def pa_mpjpe(pred: ArrayLike, truth: ArrayLike) -> float:
    """Return the MPJPE after the best similarity of each pose, which does not mirror [mm].

    Rotation, translation and scale are least-squares, by the singular value decomposition of
    the covariance; Umeyama 1991.
    """
    pred, truth = _poses(pred), _poses(truth)
    pred_mean, truth_mean = pred.mean(axis=1, keepdims=True), truth.mean(axis=1, keepdims=True)
    source, target = pred - pred_mean, truth - truth_mean
    left, values, right = np.linalg.svd(source.transpose(0, 2, 1) @ target)
    mirrored = np.linalg.det(left @ right) < 0
    left[mirrored, :, -1] *= -1
    values[mirrored, -1] *= -1
    scale = _ratio(values.sum(axis=1), (source**2).sum(axis=(1, 2)))
    return float(_errors(scale[:, None, None] * source @ left @ right, target).mean())


def mrpe(pred: ArrayLike, truth: ArrayLike, root: int = 0) -> float:
    """Return the mean error of the root's position in the camera's frame [mm].

    Moon et al. 2019, "Camera distance-aware top-down approach".
    """
    return float(_errors(_poses(pred)[:, root], _poses(truth)[:, root]).mean())


def pck3d(pred: ArrayLike, truth: ArrayLike, root: int = 0, threshold: float = 150.0) -> float:
    """Return the share of joints, aligned at the root, with less error than a threshold [%].

    Mehta et al. 2017, "Monocular 3D human pose estimation in the wild".

    Args:
        pred: Poses to judge.
        truth: True poses.
        root: Where both are aligned.
        threshold: Errors must be below, not at it [mm].
    """
    errors = _errors(_centred(pred, root), _centred(truth, root))
    return 100 * float((errors < threshold).mean())


def auc3d(pred: ArrayLike, truth: ArrayLike, root: int = 0) -> float:
    """Return the mean of `pck3d` over the thresholds 0, 5, ... 150 mm [%]."""
    errors = _errors(_centred(pred, root), _centred(truth, root))
    thresholds = np.arange(0.0, 151.0, 5.0)
    return 100 * float((errors[..., None] < thresholds).mean())


def bone_error(pred: ArrayLike, truth: ArrayLike, parents: Sequence[int]) -> float:
    """Return the mean distance between bones as vectors from parent to child [mm].

    Sun et al. 2017, "Compositional human pose regression".

    Args:
        pred: Poses to judge.
        truth: True poses.
        parents: For each joint the index of its parent; -1 for the root.
    """
    return float(_errors(_bones(pred, parents), _bones(truth, parents)).mean())


def bone_length_std(pred: ArrayLike, parents: Sequence[int]) -> float:
    """Return how much the lengths of one body's bones vary from pose to pose [mm].

    This is the mean over all bones of the standard deviation over all poses; Sun et al. 2017.

    Args:
        pred: Poses of the same body.
        parents: For each joint the index of its parent; -1 for the root.
    """
    return float(np.linalg.norm(_bones(pred, parents), axis=-1).std(axis=0).mean())


def illegal_angles(
    pred: ArrayLike,
    joints: Sequence[str],
    *,
    tolerance_deg: float = 20.0,
    most_bent_deg: float = 160.0,
) -> float:
    """Return how many knees and elbows are bent as no body can [%].

    A knee bends about the axis through the hips, and only backward; neither knees nor elbows bend
    so far that the bones lie upon one another. In which direction an elbow bends is not counted:
    the twist of the upper arm, which decides it, is not in the joints.

    Args:
        pred: Poses to judge, of left and right joints as in `Skeleton.joints`.
        joints: Their names.
        tolerance_deg: A knee may be bent forward by this.
        most_bent_deg: A joint may be bent by this; 0 is straight.
    """
    poses = _poses(pred)
    place = {name: poses[:, index] for index, name in enumerate(joints)}
    to_left = _unit(place['l_hip'] - place['r_hip'])
    wrong = []
    for side in 'lr':
        thigh = _unit(place[f'{side}_knee'] - place[f'{side}_hip'])
        shin = _unit(place[f'{side}_ankle'] - place[f'{side}_knee'])
        forward = -(np.cross(thigh, shin) * to_left).sum(axis=-1)
        upper = _unit(place[f'{side}_elbow'] - place[f'{side}_shoulder'])
        lower = _unit(place[f'{side}_wrist'] - place[f'{side}_elbow'])
        too_far = np.cos(np.radians(most_bent_deg))
        knee_folds = (thigh * shin).sum(axis=-1) < too_far
        wrong.append((forward > np.sin(np.radians(tolerance_deg))) | knee_folds)
        wrong.append((upper * lower).sum(axis=-1) < too_far)
    return 100 * float(np.mean(wrong))


def symmetry_gap(pred: ArrayLike, parents: Sequence[int], mirror: Sequence[int]) -> float:
    """Return the mean difference in length between the same bone on the left and right [mm].

    Args:
        pred: Poses to judge.
        parents: For each joint the index of its parent; -1 for the root.
        mirror: For each joint the index of its left or right twin, itself on the midline.
    """
    poses = _poses(pred)
    pairs = [(one, other) for one, other in enumerate(mirror) if one < other]
    ones, others = np.array(pairs).T
    up = np.asarray(parents)
    lengths = _errors(poses[:, ones], poses[:, up[ones]])
    return float(np.abs(lengths - _errors(poses[:, others], poses[:, up[others]])).mean())


def ordinal_accuracy(pred: ArrayLike, truth: ArrayLike, tolerance: float = 100.0) -> float:
    """Return how often it is right which of two joints is nearer to the camera [%].

    Counted are the pairs of joints of one pose whose true depths are clearly different. After
    the relations of Pavlakos et al. 2018, "Ordinal depth supervision".

    Args:
        pred: Poses to judge, depth in the third coordinate.
        truth: True poses.
        tolerance: Depths that differ by no more than this are not clearly different [mm].

    Returns:
        The share, NaN if there is no such pair [%].
    """
    pred_depth, true_depth = _poses(pred)[..., 2], _poses(truth)[..., 2]
    ones, others = np.triu_indices(true_depth.shape[1], k=1)
    true_gap = true_depth[:, ones] - true_depth[:, others]
    gap = pred_depth[:, ones] - pred_depth[:, others]
    clear = np.abs(true_gap) > tolerance
    right = np.sign(gap) == np.sign(true_gap)
    return 100 * float(right[clear].mean()) if clear.any() else float('nan')


def pck2d(pred: ArrayLike, truth: ArrayLike, size: ArrayLike, threshold: float = 0.1) -> float:
    """Return the share of joints with less error in the image than a part of a person [%].

    Args:
        pred: Pixels to judge, shape (N, J, 2) [px].
        truth: True pixels, shape (N, J, 2), NaN where there is no label [px].
        size: What 1 means: the longer side of the person's box, shape (N,) [px].
        threshold: Errors must be below, not at this share of the size.

    Returns:
        The share of the labels, NaN if there is none [%].
    """
    truth = np.asarray(truth, dtype=np.float64)
    labelled = np.isfinite(truth).all(axis=-1)
    errors = _errors(np.asarray(pred, dtype=np.float64), truth)
    good = errors < threshold * np.asarray(size, dtype=np.float64)[:, None]
    return 100 * float(good[labelled].mean()) if labelled.any() else float('nan')


def _poses(poses: ArrayLike) -> Array:
    return np.asarray(poses, dtype=np.float64)


def _centred(poses: ArrayLike, root: int) -> Array:
    poses = _poses(poses)
    return poses - poses[:, root : root + 1]


def _bones(poses: ArrayLike, parents: Sequence[int]) -> Array:
    children = [child for child, parent in enumerate(parents) if parent >= 0]
    poses = _poses(poses)
    return poses[:, children] - poses[:, [parents[child] for child in children]]


def _unit(vectors: Array) -> Array:
    """Return the vectors with a length of 1, 0 where they have none."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0))


def _errors(pred: Array, truth: Array) -> Array:
    return np.asarray(np.linalg.norm(pred - truth, axis=-1))


def _ratio(numerator: Array, denominator: Array) -> Array:
    """Return the quotient, 0 where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator != 0)
