"""Laws and closed forms of the metrics."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from pose3d_ros import metrics
from pose3d_ros.skeleton import H36M_17

SEEDS = st.integers(0, 2**32 - 1)
PARENTS, MIRROR = H36M_17.parents, H36M_17.mirror


def _poses(seed: int, count: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 300, (count, 17, 3))


def _rotations(seed: int, count: int = 5) -> np.ndarray:
    quaternions = np.random.default_rng(seed).normal(size=(count, 4))
    return Rotation.from_quat(quaternions).as_matrix()


@given(SEEDS)
def test_every_error_of_the_truth_is_zero(seed: int) -> None:
    poses = _poses(seed)
    assert metrics.mpjpe(poses, poses) == 0
    assert metrics.n_mpjpe(poses, poses) == pytest.approx(0, abs=1e-9)
    assert metrics.pa_mpjpe(poses, poses) == pytest.approx(0, abs=1e-9)
    assert metrics.mrpe(poses, poses) == 0
    assert metrics.bone_error(poses, poses, PARENTS) == 0
    assert metrics.pck3d(poses, poses) == 100
    assert metrics.ordinal_accuracy(poses, poses) == 100


@given(SEEDS)
def test_each_alignment_forgives_more(seed: int) -> None:
    pred, truth = _poses(seed), _poses(seed + 1)
    # Least squares do not minimise mean distances, hence the hundredth.
    assert metrics.n_mpjpe(pred, truth) <= 1.01 * metrics.mpjpe(pred, truth)
    assert metrics.pa_mpjpe(pred, truth) <= 1.01 * metrics.n_mpjpe(pred, truth)


@given(SEEDS, st.floats(-1e4, 1e4))
def test_alignment_at_the_root_forgives_translation(seed: int, step: float) -> None:
    pred, truth = _poses(seed), _poses(seed + 1)
    assert metrics.mpjpe(pred + step, truth) == pytest.approx(metrics.mpjpe(pred, truth))
    assert metrics.mpjpe(pred + step, pred) == pytest.approx(0, abs=1e-6)


def test_mpjpe_is_the_mean_distance_with_the_root_among_the_joints() -> None:
    truth = _poses(0)
    pred = truth.copy()
    pred[:, 1:] += (0, 30, 40)
    assert metrics.mpjpe(pred, truth) == pytest.approx(50 * 16 / 17)
    assert metrics.mpjpe(pred, truth, root=3) == pytest.approx(50 / 17)


@given(SEEDS, st.floats(0.1, 10))
def test_a_scale_is_forgiven_by_n_mpjpe(seed: int, scale: float) -> None:
    truth = _poses(seed)
    assert metrics.n_mpjpe(scale * truth + 77, truth) == pytest.approx(0, abs=1e-6)


def test_n_mpjpe_does_not_forgive_rotation() -> None:
    truth = _poses(0)
    assert metrics.n_mpjpe(truth @ _rotations(0), truth) > 100


@given(SEEDS, st.floats(0.1, 10))
def test_any_similarity_is_forgiven_by_pa_mpjpe(seed: int, scale: float) -> None:
    truth = _poses(seed)
    pred = scale * truth @ _rotations(seed) + np.array((100, -2000, 30))
    assert metrics.pa_mpjpe(pred, truth) == pytest.approx(0, abs=1e-6)


@given(SEEDS)
def test_a_mirrored_pose_is_not_forgiven(seed: int) -> None:
    truth = _poses(seed)
    mirrored = truth * (-1, 1, 1)
    assert metrics.pa_mpjpe(mirrored, truth) > 50
    assert metrics.pa_mpjpe(mirrored @ _rotations(seed), truth) == pytest.approx(
        metrics.pa_mpjpe(mirrored, truth)
    )


def test_pa_mpjpe_agrees_with_scipy_on_rotation_alone() -> None:
    generator = np.random.default_rng(3)
    truth = _poses(3, count=1)
    pred = truth @ _rotations(3, count=1) + generator.normal(0, 30, truth.shape)
    source, target = pred[0] - pred[0].mean(0), truth[0] - truth[0].mean(0)
    rotated = Rotation.align_vectors(target, source)[0].apply(source)
    scale = (rotated * target).sum() / (source**2).sum()
    expected = np.linalg.norm(scale * rotated - target, axis=1).mean()
    assert metrics.pa_mpjpe(pred, truth) == pytest.approx(expected)


def test_a_pose_in_one_point_is_as_far_as_the_truth_from_its_middle() -> None:
    truth = _poses(0)
    expected = np.linalg.norm(truth - truth.mean(axis=1, keepdims=True), axis=-1).mean()
    assert metrics.pa_mpjpe(np.zeros_like(truth), truth) == pytest.approx(expected)
    assert np.isfinite(metrics.n_mpjpe(np.zeros_like(truth), truth))


def test_mrpe_is_the_error_of_the_root_alone() -> None:
    truth = _poses(0)
    pred = _poses(1)
    pred[:, 2] = truth[:, 2] + (200, 0, -150)
    assert metrics.mrpe(pred, truth, root=2) == pytest.approx(250)


def test_pck_is_strict() -> None:
    truth = np.zeros((1, 4, 3))
    pred = truth.copy()
    pred[0, 1:, 0] = (149.9, 150.0, 150.1)
    assert metrics.pck3d(pred, truth) == 50
    assert metrics.pck3d(pred, truth, threshold=151) == 100


@given(SEEDS)
def test_auc_is_the_mean_pck_over_the_thresholds(seed: int) -> None:
    truth = _poses(seed)
    pred = truth + np.random.default_rng(seed).normal(0, 50, truth.shape)
    expected = [metrics.pck3d(pred, truth, threshold=each) for each in range(0, 151, 5)]
    assert len(expected) == 31
    assert metrics.auc3d(pred, truth) == pytest.approx(np.mean(expected))


def test_auc_of_the_truth_lacks_only_the_threshold_0() -> None:
    poses = _poses(0)
    assert metrics.auc3d(poses, poses) == pytest.approx(100 * 30 / 31)


def test_bone_error_of_one_displaced_wrist_is_that_of_one_bone() -> None:
    truth = _poses(0)
    pred = truth.copy()
    pred[:, H36M_17.index('l_wrist')] += (0, 160, 0)
    assert metrics.bone_error(pred, truth, PARENTS) == pytest.approx(10)


def test_bone_lengths_vary_by_their_standard_deviation() -> None:
    pose = _poses(0, count=1)
    assert metrics.bone_length_std(pose @ _rotations(0), PARENTS) == pytest.approx(0, abs=1e-9)
    two = np.zeros((2, 2, 3))
    two[:, 1, 2] = (100, 140)
    assert metrics.bone_length_std(two, (-1, 0)) == pytest.approx(20)


@given(SEEDS)
def test_a_body_and_its_mirror_image_have_the_same_symmetry_gap(seed: int) -> None:
    poses = _poses(seed)
    mirrored = (poses * (-1, 1, 1))[:, MIRROR]
    gap = metrics.symmetry_gap(poses, PARENTS, MIRROR)
    assert metrics.symmetry_gap(mirrored, PARENTS, MIRROR) == pytest.approx(gap)
    assert gap > 0


def test_the_symmetry_gap_of_one_longer_forearm_is_its_share_of_six_pairs() -> None:
    pose = np.zeros((1, 17, 3))
    for child, parent in H36M_17.bones:
        pose[0, child] = pose[0, parent] + (0, 100, 0)
    assert metrics.symmetry_gap(pose, PARENTS, MIRROR) == 0
    pose[0, H36M_17.index('l_wrist')] += (0, 60, 0)
    assert metrics.symmetry_gap(pose, PARENTS, MIRROR) == pytest.approx(10)


def test_ordinal_accuracy_counts_pairs_of_clearly_different_depth() -> None:
    truth = np.zeros((1, 3, 3))
    pred = np.zeros((1, 3, 3))
    truth[0, :, 2] = (0, 50, 300)
    pred[0, :, 2] = (200, 0, 100)  # of the pairs with 300 mm, one is turned round
    assert metrics.ordinal_accuracy(pred, truth) == 50
    assert metrics.ordinal_accuracy(-truth, truth) == 0
    assert np.isnan(metrics.ordinal_accuracy(pred, truth, tolerance=300))


def test_pck2d_is_strict_and_leaves_out_what_has_no_label() -> None:
    truth = np.zeros((1, 4, 2))
    truth[0, 3] = np.nan
    pred = np.zeros((1, 4, 2))
    pred[0, :, 0] = (9.9, 10.0, 10.1, 0.0)
    assert metrics.pck2d(pred, truth, [100.0]) == pytest.approx(100 / 3)
    assert metrics.pck2d(pred, truth, [100.0], threshold=0.2) == 100
    assert np.isnan(metrics.pck2d(pred, np.full_like(truth, np.nan), [100.0]))


def _standing(knee: tuple[float, float, float], wrist: tuple[float, float, float]) -> np.ndarray:
    """Return a person who faces the camera (x to its right, y down, z away from it) [mm]."""
    pose = np.zeros((1, 17, 3))
    for side, x in (('l', 150.0), ('r', -150.0)):
        thigh, shin, arm = (0, 400, 0), knee, (0, 300, 0)
        pose[0, H36M_17.index(f'{side}_hip')] = (x, 0, 0)
        pose[0, H36M_17.index(f'{side}_knee')] = np.add((x, 0, 0), thigh)
        pose[0, H36M_17.index(f'{side}_ankle')] = np.add((x, 0, 0), np.add(thigh, shin))
        pose[0, H36M_17.index(f'{side}_shoulder')] = (x, -500, 0)
        pose[0, H36M_17.index(f'{side}_elbow')] = np.add((x, -500, 0), arm)
        pose[0, H36M_17.index(f'{side}_wrist')] = np.add((x, -500, 0), np.add(arm, wrist))
    return pose


@pytest.mark.parametrize(
    ('knee', 'wrist', 'rate'),
    [
        ((0, 400, 0), (0, 250, 0), 0),  # straight
        ((0, 0, 400), (0, 0, -250), 0),  # the heels behind the body, the hands before it
        ((0, 400, -100), (0, 250, 0), 0),  # within the tolerance
        ((0, 300, -300), (0, 250, 0), 50),  # both knees forward
        ((0, 400, 0), (0, -250, 0), 50),  # both forearms within the upper arms
    ],
)
def test_illegal_angles_are_counted(
    knee: tuple[float, float, float], wrist: tuple[float, float, float], rate: float
) -> None:
    pose = _standing(knee, wrist)
    assert metrics.illegal_angles(pose, H36M_17.joints) == rate
    turned = pose @ _rotations(1, count=1)
    assert metrics.illegal_angles(turned, H36M_17.joints) == rate
    mirrored = (pose * (-1, 1, 1))[:, MIRROR]
    assert metrics.illegal_angles(mirrored, H36M_17.joints) == rate
