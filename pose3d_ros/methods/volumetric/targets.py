"""The volumes that the volumetric network is to give: a 3D Gaussian around each joint.

Shape letters: N images, J joints, D depth cells, H rows, W columns.
"""

import torch
from torch import Tensor

FINE = 64  # cells along an axis of the volume that sigma is given for
NARROWEST = 0.5  # a Gaussian below this width falls between the cells [cells]


def gaussian_volume(
    cells: Tensor, plane: Tensor, shape: tuple[int, int, int], sigma: float
) -> Tensor:
    """Return exp(-((x - x*)^2 + (y - y*)^2 + (z - z*)^2) / (2 sigma^2)), shape (N, J, D, H, W).

    Pavlakos 2017; the surveying article's formula lacks two signs and the 2. Along
    an axis with fewer than 64 cells sigma shrinks in proportion, sigma_z = sigma D / 64.

    Args:
        cells: Joints in cells of the image axes (see `networks.terms.cell_index`), x and y,
            shape (N, J, 2).
        plane: Joints along the depth axis, shape (N, J) [cells].
        shape: D, H and W.
        sigma: Width of the Gaussian in a volume of 64 cells along each axis [cells].
    """
    depth, height, width = shape
    in_depth = bump(plane, depth, sigma)
    rows = bump(cells[..., 1], height, sigma)
    columns = bump(cells[..., 0], width, sigma)
    return in_depth[..., :, None, None] * rows[..., None, :, None] * columns[..., None, None, :]


def bump(center: Tensor, cells: int, sigma: float) -> Tensor:
    """Return a Gaussian along one axis, 1 in its middle, shape (..., cells).

    Where it would be narrower than half a cell, which may lie between all cells, the nearest cell
    is 1 and all others are 0.

    Args:
        center: Shape (...) [cells].
        cells: How many there are.
        sigma: Width if there were 64 of them [cells].
    """
    width = sigma * cells / FINE
    index = torch.arange(cells, dtype=center.dtype, device=center.device)
    if width < NARROWEST:
        nearest = (center + 0.5).floor().clamp(0, cells - 1)
        return (index == nearest[..., None]).to(center.dtype)
    return torch.exp(-((index - center[..., None]) ** 2) / (2 * width**2))
