"""Labels for the tests of networks and losses, exact and without pictures."""

import torch

from pose3d_ros.networks.contract import Truth

SIZE = 64
FOCAL = 90.0


def random_truth(count: int, dtype: torch.dtype = torch.float32) -> Truth:
    generator = torch.Generator().manual_seed(1)
    pixels = (torch.rand(count, 17, 2, generator=generator) * (SIZE - 1)).to(dtype)
    depth = ((torch.rand(count, 17, generator=generator) - 0.5) * 0.8).to(dtype)
    depth[:, 0] = 0
    distance = 3 + depth
    flat = (pixels - (SIZE - 1) / 2) / FOCAL
    points = torch.cat([flat * distance[..., None], distance[..., None]], -1)
    focal, presence = torch.full((count,), FOCAL, dtype=dtype), torch.ones(count, dtype=dtype)
    return Truth(pixels, depth, points, focal, presence, SIZE)


def mirrored(truth: Truth, mirror: tuple[int, ...]) -> Truth:
    """Return the labels of the crops flipped left to right."""
    twins = list(mirror)
    pixels = truth.pixels * torch.tensor([-1, 1]) + torch.tensor([SIZE - 1, 0])
    points = truth.points * torch.tensor([-1, 1, 1])
    return Truth(
        pixels[:, twins], truth.depth[:, twins], points[:, twins], truth.focal,
        truth.presence, SIZE,
    )  # fmt: skip


def random_image(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(2)
    shape = (count, SIZE, SIZE, 3)
    return torch.randint(0, 255, shape, dtype=torch.uint8, generator=generator)
