"""Normals and light in torch: the colours of `pose3d_ros.synthesis.render`."""

from dataclasses import dataclass

import torch
from torch import Tensor

DARKEST = 0.03  # of the ambient light, as in `pose3d_ros.synthesis.render`


@dataclass(frozen=True, slots=True)
class Looks:
    """Looks and light of N people, as in `Outfit` and `Light`; L lamps, dark ones included.

    Attributes:
        albedo: Linear RGB, shape (N, V, 3).
        texture: Shape (N, h, w, 3).
        texture_uv: Shape (N, V, 2).
        texture_strength: Shape (N, V).
        irradiance: Shape (N, 9, 3).
        directions: Shape (N, L, 3).
        colors: Shape (N, L, 3).
    """

    albedo: Tensor
    texture: Tensor
    texture_uv: Tensor
    texture_strength: Tensor
    irradiance: Tensor
    directions: Tensor
    colors: Tensor


def triangles_around(faces: Tensor, vertex_count: int) -> Tensor:
    """Return the triangles at each vertex, shape (V, largest number), padded with T."""
    corners = faces.reshape(-1)
    order = torch.argsort(corners, stable=True)
    vertex = corners[order]
    counts = torch.bincount(corners, minlength=vertex_count)
    place = torch.arange(len(corners)) - (counts.cumsum(0) - counts)[vertex]
    around = torch.full((vertex_count, int(counts.max())), len(faces))
    around[vertex, place] = order // 3
    return around


def vertex_normals(vertices: Tensor, faces: Tensor, around: Tensor) -> Tensor:
    """Return unit normals, the area-weighted mean over each vertex's triangles, (N, V, 3).

    Args:
        vertices: Shape (N, V, 3).
        faces: Vertex triples, shape (T, 3).
        around: From `triangles_around`: sums over them have one order, so that the same people
            look the same in every run, which atomic additions do not promise.
    """
    a, b, c = vertices[:, faces].unbind(2)
    of_faces = torch.linalg.cross(b - a, c - a)
    padded = torch.cat([of_faces, torch.zeros_like(of_faces[:, :1])], 1)
    total = padded[:, around].sum(2)
    return total / (total.norm(dim=-1, keepdim=True) + 1e-9)


def shade(ids: Tensor, weights: Tensor, faces: Tensor, normals: Tensor, looks: Looks) -> Tensor:
    """Return linear RGB radiance, shape (N, H, W, 3), zero where there is nothing.

    Args:
        ids: Triangle ids, shape (N, H, W).
        weights: Barycentric coordinates, shape (N, H, W, 3).
        faces: Vertex triples, shape (T, 3).
        normals: Shading normals, shape (N, V, 3).
        looks: Of each person.
    """
    seen = ids >= 0
    picture = seen.nonzero()[:, 0]
    corners, shares = faces[ids[seen]], weights[seen]  # (P, 3)
    who = picture[:, None]
    normal = (shares[..., None] * normals[who, corners]).sum(1)
    normal = normal / (normal.norm(dim=-1, keepdim=True) + 1e-9)
    rows, columns = looks.texture.shape[1:3]
    u, v = (shares[..., None] * looks.texture_uv[who, corners]).sum(1).unbind(-1)
    column, row = (u * columns).floor().long() % columns, (v * rows).floor().long() % rows
    # The colour of the nearest corner keeps the edges of garments sharp.
    corner = corners.gather(1, shares.argmax(1, keepdim=True))[:, 0]
    strength = looks.texture_strength[picture, corner][:, None]
    factor = 1 - strength * (1 - looks.texture[picture, row, column])
    light = _light(normal, picture, looks)
    radiance = weights.new_zeros((*ids.shape, 3))
    radiance[seen] = looks.albedo[picture, corner] * factor * light
    return radiance


def _light(normal: Tensor, picture: Tensor, looks: Looks) -> Tensor:
    """Return the light on points of some normals, shape (P, 3)."""
    x, y, z = normal.unbind(-1)
    harmonics = torch.stack(
        [torch.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y], -1
    )
    ambient = (harmonics[..., None] * looks.irradiance[picture]).sum(1)
    cosines = (normal[:, None] * looks.directions[picture]).sum(-1).clamp(min=0)
    lamps = (cosines[..., None] * looks.colors[picture]).sum(1)
    return ambient.clamp(min=DARKEST) + lamps
