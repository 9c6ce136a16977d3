"""Laws of relations and of the ranking loss."""

import pytest

torch = pytest.importorskip('torch')

from pose3d_ros.methods.ordinal.loss import ranking_losses  # noqa: E402
from pose3d_ros.methods.ordinal.targets import all_pairs, relations  # noqa: E402

pytestmark = pytest.mark.training

PAIRS = all_pairs(17)
DEPTH = torch.randn(5, 17, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_there_is_one_pair_for_any_two_joints() -> None:
    assert len(PAIRS) == 17 * 16 // 2
    assert all(i < j for i, j in PAIRS)


def test_relations_are_antisymmetric() -> None:
    turned = tuple((j, i) for i, j in PAIRS)
    assert (relations(DEPTH, PAIRS, 0.1) == -relations(DEPTH, turned, 0.1)).all()


def test_the_nearer_joint_comes_first_beyond_the_tolerance() -> None:
    depth = torch.tensor([[1.0, 1.05, 1.5, 0.2]])
    found = relations(depth, ((0, 1), (0, 2), (0, 3)), 0.1)
    assert found.tolist() == [[0, 1, -1]]


def test_relations_do_not_change_with_distance() -> None:
    torch.testing.assert_close(
        relations(DEPTH, PAIRS, 0.1), relations(DEPTH + 7, PAIRS, 0.1), rtol=0, atol=0
    )


@pytest.mark.parametrize('pairs', [PAIRS, PAIRS[::7], ((3, 9),)])
def test_any_subset_of_pairs_gives_the_same_losses_for_them(
    pairs: tuple[tuple[int, int], ...],
) -> None:
    whole = ranking_losses(DEPTH, PAIRS, relations(DEPTH, PAIRS, 0.1))
    part = ranking_losses(DEPTH, pairs, relations(DEPTH, pairs, 0.1))
    torch.testing.assert_close(part, whole[:, [PAIRS.index(pair) for pair in pairs]])


def test_the_loss_falls_when_an_order_is_corrected() -> None:
    truth = torch.tensor([[0.0, 1.0, 2.0]])
    pairs = all_pairs(3)
    known = relations(truth, pairs, 0.1)
    wrong = ranking_losses(torch.tensor([[0.0, 2.0, 1.0]]), pairs, known)
    assert ranking_losses(truth, pairs, known).sum() < wrong.sum()
    assert (ranking_losses(truth, pairs, known)[0, 2]) < wrong[0, 2]


def test_joints_about_as_far_are_drawn_together() -> None:
    pairs = ((0, 1),)
    same = torch.zeros(1, 1)
    apart, closer = torch.tensor([[0.0, 2.0]]), torch.tensor([[0.0, 1.0]])
    assert float(ranking_losses(apart, pairs, same)) == 4
    assert float(ranking_losses(closer, pairs, same)) == 1


def test_the_loss_of_a_large_mistake_is_finite() -> None:
    depth = torch.tensor([[1e4, -1e4]])
    assert float(ranking_losses(depth, ((0, 1),), torch.ones(1, 1))) == pytest.approx(2e4)
