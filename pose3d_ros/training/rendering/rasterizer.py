"""A z-buffer in plain torch: the same triangles as `pose3d_ros.synthesis.render.rasterize`.

Triangles are sorted by size, and each tests the pixels of a square as large as the largest of
its class. All that cover a pixel meet in one scatter-min over integers, which hold the depth in
the upper and the triangle in the lower half: the result does not depend on the order. Each
operation is rounded to 32 bits, as on the CPU, so the triangles are identical.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from pose3d_ros.synthesis.render import NEAR

CLASSES = (1, 2, 3, 4, 6, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)  # sides of squares [px]
NOTHING = 2**63 - 1
DEPTH_SHIFT = 32
LARGEST_BITS = 0x7FFFFFFF
CANDIDATES = 2**23  # pixels tested at once, which bounds the memory


class Triangles(NamedTuple):
    """K triangles on the screen: corners and inverse depths, shape (K, 3), scale (K,)."""

    u: Tensor
    v: Tensor
    inverse_depth: Tensor
    scale: Tensor

    def at(self, index: Tensor) -> 'Triangles':
        """Return the triangles of some indices."""
        return Triangles(*(part[index] for part in self))

    def cover(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return barycentric coordinates on the screen at points, shape (K, P) each [px]."""
        u0, u1, u2 = (u[:, None] for u in self.u.unbind(-1))
        v0, v1, v2 = (v[:, None] for v in self.v.unbind(-1))
        scale = self.scale[:, None]
        w0 = ((u1 - x) * (v2 - y) - (u2 - x) * (v1 - y)) * scale
        w1 = ((u2 - x) * (v0 - y) - (u0 - x) * (v2 - y)) * scale
        return w0, w1, 1 - w0 - w1

    def nearness(self, weights: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Return the inverse depth at barycentric coordinates, shape (K, P) [1/m]."""
        w0, w1, w2 = weights
        i0, i1, i2 = (i[:, None] for i in self.inverse_depth.unbind(-1))
        return w0 * i0 + w1 * i1 + w2 * i2


def rasterize(points: Tensor, faces: Tensor, width: int, height: int) -> tuple[Tensor, Tensor]:
    """Return the nearest triangle at each pixel of N pictures and where in it the pixel lies.

    Args:
        points: Screen points of the vertices, shape (N, V, 3) [px, px, m], 32 bits.
        faces: Vertex triples, shape (T, 3); only the front side is drawn.
        width: Of the pictures [px].
        height: Of the pictures [px].

    Returns:
        Triangle ids, shape (N, height, width), -1 where there is nothing, and perspective-correct
        barycentric coordinates, shape (N, height, width, 3).
    """
    count = len(points)
    corners = points[:, faces.reshape(-1)].reshape(-1, 3, 3)
    u, v, depth = corners.unbind(-1)
    area = (u[:, 1] - u[:, 0]) * (v[:, 2] - v[:, 0]) - (u[:, 2] - u[:, 0]) * (v[:, 1] - v[:, 0])
    triangles = Triangles(u, v, 1 / depth, 1 / area)
    left, top, side = _squares(u, v, width, height)
    drawn = (area < 0) & (depth.amin(-1) >= float(NEAR)) & (side > 0)
    nearest = torch.full((count * height * width,), NOTHING, device=points.device)
    smallest = 0
    for largest in CLASSES:
        of_class = (drawn & (side > smallest) & (side <= largest)).nonzero()[:, 0]
        for some in of_class.split(max(1, CANDIDATES // largest**2)):
            picture, triangle = some // len(faces), some % len(faces)
            x, y = _pixels(left[some], top[some], largest)
            inside = (x < width) & (y < height)
            some_triangles = triangles.at(some)
            weights = some_triangles.cover(x + 0.5, y + 0.5)
            inside &= torch.stack(weights).amin(0) >= 0
            pixel = (picture[:, None] * height + y.long()) * width + x.long()
            bits = some_triangles.nearness(weights).view(torch.int32).long()
            key = (LARGEST_BITS - bits << DEPTH_SHIFT) + triangle[:, None]
            nearest.scatter_reduce_(0, pixel[inside], key[inside], 'amin')
        smallest = largest
    ids = torch.where(nearest < NOTHING, nearest & (2**DEPTH_SHIFT - 1), -1)
    ids = ids.reshape(count, height, width)
    return ids, _weights(ids, triangles, len(faces))


def _squares(u: Tensor, v: Tensor, width: int, height: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return first column, first row and side of the square of pixels that may be covered."""
    left = torch.ceil(u.amin(-1) - 0.5).clamp(min=0)
    top = torch.ceil(v.amin(-1) - 0.5).clamp(min=0)
    right = torch.floor(u.amax(-1) - 0.5).clamp(max=width - 1)
    bottom = torch.floor(v.amax(-1) - 0.5).clamp(max=height - 1)
    columns, rows = right - left + 1, bottom - top + 1
    side = torch.where((columns > 0) & (rows > 0), torch.maximum(columns, rows), 0)
    return left, top, side


def _pixels(left: Tensor, top: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """Return columns and rows of all pixels of the squares, shape (K, side * side)."""
    steps = torch.arange(side, dtype=left.dtype, device=left.device)
    x = (left[:, None] + steps)[:, None].expand(-1, side, -1)
    y = (top[:, None] + steps)[:, :, None].expand(-1, -1, side)
    return x.reshape(len(left), side**2), y.reshape(len(left), side**2)


def _weights(ids: Tensor, triangles: Triangles, face_count: int) -> Tensor:
    """Return perspective-correct barycentric coordinates, shape (N, H, W, 3)."""
    picture, row, column = (ids >= 0).nonzero(as_tuple=True)
    seen = triangles.at(picture * face_count + ids[picture, row, column])
    flat = seen.cover(column[:, None] + 0.5, row[:, None] + 0.5)
    nearness = seen.nearness(flat)
    shares = torch.cat(flat, 1) * seen.inverse_depth / nearness
    weights = shares.new_zeros((*ids.shape, 3))
    weights[picture, row, column] = shares
    return weights
