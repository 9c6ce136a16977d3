"""Laws of bones, paths and pairs."""

import pytest

torch = pytest.importorskip('torch')

from training.crops import SIZE, random_truth  # noqa: E402

from pose3d_ros.methods.compositional.network import (  # noqa: E402
    CompositionalNetwork,
    NetworkConfig,
)
from pose3d_ros.methods.compositional.targets import (  # noqa: E402
    bone_matrix,
    offsets,
    pair_set,
    path_matrix,
    path_signs,
)
from pose3d_ros.networks.regression import (  # noqa: E402
    crop_coordinates,
    from_crop_coordinates,
)
from pose3d_ros.skeleton import H36M_17  # noqa: E402

pytestmark = pytest.mark.training

PARENTS = H36M_17.parents
JOINTS = torch.randn(4, 17, 3, generator=torch.Generator().manual_seed(0))


def test_bones_add_up_to_joints() -> None:
    product = path_matrix(PARENTS) @ bone_matrix(PARENTS)
    torch.testing.assert_close(product, torch.eye(17), rtol=0, atol=0)
    torch.testing.assert_close(path_matrix(PARENTS) @ (bone_matrix(PARENTS) @ JOINTS), JOINTS)


def test_a_bone_leads_from_the_parent() -> None:
    bones = bone_matrix(PARENTS) @ JOINTS
    for child, parent in H36M_17.bones:
        torch.testing.assert_close(bones[:, child], JOINTS[:, child] - JOINTS[:, parent])
    torch.testing.assert_close(bones[:, 0], JOINTS[:, 0])


@pytest.mark.parametrize(
    ('name', 'count'), [('joint', 16), ('bone', 16), ('both', 29), ('all', 136)]
)
def test_pair_sets_have_as_many_pairs_as_they_should(name: str, count: int) -> None:
    pairs = pair_set(name, PARENTS)
    assert len(pairs) == len(set(pairs)) == count
    assert all(first < second for first, second in pairs)


def test_all_pairs_hold_every_other_set() -> None:
    every = set(pair_set('all', PARENTS))
    assert set(pair_set('both', PARENTS)) < every
    both = set(pair_set('joint', PARENTS)) | set(pair_set('bone', PARENTS))
    assert set(pair_set('both', PARENTS)) == both


def test_the_path_of_a_pair_leads_from_one_joint_to_the_other() -> None:
    pairs = pair_set('all', PARENTS)
    bones = bone_matrix(PARENTS) @ JOINTS
    found = offsets(bones, path_signs(pairs, PARENTS))
    first, second = torch.tensor(pairs).T
    torch.testing.assert_close(found, JOINTS[:, second] - JOINTS[:, first])


def test_the_way_back_is_the_way_there_turned_round() -> None:
    pairs = pair_set('all', PARENTS)
    back = tuple((v, u) for u, v in pairs)
    torch.testing.assert_close(path_signs(pairs, PARENTS), -path_signs(back, PARENTS))


def test_a_path_goes_backward_and_then_forward_and_never_by_the_common_ancestor() -> None:
    wrists = (H36M_17.index('l_wrist'), H36M_17.index('r_wrist'))
    (signs,) = path_signs((wrists,), PARENTS)
    backward, forward = (
        {H36M_17.index(f'{side}_{joint}') for joint in ('shoulder', 'elbow', 'wrist')}
        for side in 'lr'
    )
    assert set(torch.where(signs == -1)[0].tolist()) == backward
    assert set(torch.where(signs == 1)[0].tolist()) == forward


def test_statistics_normalize_what_they_were_measured_on() -> None:
    truth = random_truth(400)
    network = CompositionalNetwork(NetworkConfig(widths=(8, 8, 16, 16), blocks=(1, 1, 1)))
    network.prepare(truth)
    joints = crop_coordinates(truth.pixels, truth.depth, SIZE, 1.2)
    bones = bone_matrix(PARENTS) @ joints
    own = network.deviation[torch.arange(17), torch.arange(17)]
    normalized = (bones - network.bone_mean) / own
    torch.testing.assert_close(normalized.mean(0), torch.zeros(17, 3), atol=1e-4, rtol=0)
    moving = normalized[:, 1:].std(0, unbiased=False)
    torch.testing.assert_close(moving, torch.ones(16, 3), atol=1e-3, rtol=0)
    torch.testing.assert_close(network.deviation, network.deviation.transpose(0, 1))


def test_coordinates_of_the_crop_lead_back_to_pixels_and_depths() -> None:
    truth = random_truth(3)
    joints = crop_coordinates(truth.pixels, truth.depth, SIZE, 1.2)
    pixels, depth = from_crop_coordinates(joints, SIZE, 1.2)
    torch.testing.assert_close(pixels, truth.pixels, atol=1e-4, rtol=0)
    torch.testing.assert_close(depth, truth.depth)
