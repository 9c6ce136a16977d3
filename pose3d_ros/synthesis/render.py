"""A z-buffer renderer for one mesh on the CPU, compiled by numba.

Screen points are (u, v, depth): pixels, with the centre of pixel (0, 0) at (0.5, 0.5), and
metres along the optical axis. `pose3d_ros.training.rendering` does the same with torch.
"""

import math

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Ids = NDArray[np.int32]


NEAR = np.float32(0.05)  # [m]; triangles that reach nearer are not drawn
HALF = np.float32(0.5)
ONE = np.float32(1)


# Without fastmath: each operation is rounded to 32 bits, so that torch finds the same triangles.
@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def rasterize(  # pragma: no cover
    points: Array, faces: Ids, width: int, height: int
) -> tuple[Ids, Array]:
    """Return the nearest triangle at each pixel and where in it the pixel lies.

    Args:
        points: Screen points of the vertices, shape (V, 3) [px, px, m].
        faces: Vertex triples, shape (T, 3); only the front side is drawn.
        width: Of the picture [px].
        height: Of the picture [px].

    Returns:
        Triangle ids, shape (height, width), -1 where there is nothing, and perspective-correct
        barycentric coordinates, shape (height, width, 3). Of equally near triangles the first
        one is seen.
    """
    nearest = np.zeros((height, width), np.float32)
    ids = np.full((height, width), -1, np.int32)
    weights = np.zeros((height, width, 3), np.float32)
    for t in range(faces.shape[0]):
        a, b, c = faces[t, 0], faces[t, 1], faces[t, 2]
        u0, v0 = points[a, 0], points[a, 1]
        u1, v1 = points[b, 0], points[b, 1]
        u2, v2 = points[c, 0], points[c, 1]
        area = (u1 - u0) * (v2 - v0) - (u2 - u0) * (v1 - v0)
        if area >= 0 or min(points[a, 2], points[b, 2], points[c, 2]) < NEAR:
            continue
        scale = ONE / area
        left = max(0, math.ceil(min(u0, u1, u2) - HALF))
        right = min(width - 1, math.floor(max(u0, u1, u2) - HALF))
        top = max(0, math.ceil(min(v0, v1, v2) - HALF))
        bottom = min(height - 1, math.floor(max(v0, v1, v2) - HALF))
        i0, i1, i2 = ONE / points[a, 2], ONE / points[b, 2], ONE / points[c, 2]
        for y in range(top, bottom + 1):
            py = np.float32(y) + HALF
            for x in range(left, right + 1):
                px = np.float32(x) + HALF
                w0 = ((u1 - px) * (v2 - py) - (u2 - px) * (v1 - py)) * scale
                w1 = ((u2 - px) * (v0 - py) - (u0 - px) * (v2 - py)) * scale
                w2 = ONE - w0 - w1
                if w0 < 0 or w1 < 0 or w2 < 0:
                    continue
                inverse_depth = w0 * i0 + w1 * i1 + w2 * i2
                if inverse_depth > nearest[y, x]:
                    nearest[y, x] = inverse_depth
                    ids[y, x] = t
                    weights[y, x, 0] = w0 * i0 / inverse_depth
                    weights[y, x, 1] = w1 * i1 / inverse_depth
                    weights[y, x, 2] = w2 * i2 / inverse_depth
    return ids, weights


@numba.njit(fastmath=True, cache=True)  # type: ignore[untyped-decorator]
def vertex_normals(vertices: Array, faces: Ids) -> Array:  # pragma: no cover
    """Return unit normals, the area-weighted mean over each vertex's triangles, shape (V, 3)."""
    normals = np.zeros_like(vertices)
    for t in range(faces.shape[0]):
        a, b, c = faces[t, 0], faces[t, 1], faces[t, 2]
        ux, uy, uz = vertices[b] - vertices[a]
        wx, wy, wz = vertices[c] - vertices[a]
        nx, ny, nz = uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx
        for corner in (a, b, c):
            normals[corner, 0] += nx
            normals[corner, 1] += ny
            normals[corner, 2] += nz
    for i in range(normals.shape[0]):
        x, y, z = normals[i]
        length = math.sqrt(x * x + y * y + z * z) + 1e-9
        normals[i, 0] /= length
        normals[i, 1] /= length
        normals[i, 2] /= length
    return normals


@numba.njit(fastmath=True, cache=True)  # type: ignore[untyped-decorator]
def shade(  # noqa: PLR0917 - numba takes no keywords only  # pragma: no cover
    ids: Ids,
    weights: Array,
    faces: Ids,
    normals: Array,
    albedo: Array,
    texture_uv: Array,
    texture: Array,
    texture_strength: Array,
    irradiance: Array,
    light_directions: Array,
    light_colors: Array,
) -> Array:
    """Return linear RGB radiance, shape (H, W, 3), zero where there is nothing.

    Args:
        ids: Triangle ids, shape (H, W).
        weights: Barycentric coordinates, shape (H, W, 3).
        faces: Vertex triples, shape (T, 3).
        normals: Shading normals, shape (V, 3), in the frame of the light.
        albedo: Linear RGB of each vertex, shape (V, 3).
        texture_uv: Texture coordinates, wrapped at 1, shape (V, 2).
        texture: Factors on the albedo, shape (h, w, 3).
        texture_strength: How much of the texture a vertex shows, 0..1, shape (V,).
        irradiance: Nine spherical-harmonics coefficients, RGB, shape (9, 3), in the order
            1, y, z, x, xy, yz, 3zz-1, xz, xx-yy, basis constants folded in.
        light_directions: Unit directions towards extra lights, shape (L, 3).
        light_colors: Their RGB, shape (L, 3).
    """
    height, width = ids.shape
    rows, columns = texture.shape[0], texture.shape[1]
    radiance = np.zeros((height, width, 3), np.float32)
    for y in range(height):
        for x in range(width):
            t = ids[y, x]
            if t < 0:
                continue
            a, b, c = faces[t, 0], faces[t, 1], faces[t, 2]
            w0, w1, w2 = weights[y, x]
            nx = w0 * normals[a, 0] + w1 * normals[b, 0] + w2 * normals[c, 0]
            ny = w0 * normals[a, 1] + w1 * normals[b, 1] + w2 * normals[c, 1]
            nz = w0 * normals[a, 2] + w1 * normals[b, 2] + w2 * normals[c, 2]
            length = math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-9
            nx, ny, nz = nx / length, ny / length, nz / length
            u = w0 * texture_uv[a, 0] + w1 * texture_uv[b, 0] + w2 * texture_uv[c, 0]
            v = w0 * texture_uv[a, 1] + w1 * texture_uv[b, 1] + w2 * texture_uv[c, 1]
            column = math.floor(u * columns) % columns
            row = math.floor(v * rows) % rows
            # The colour of the nearest corner keeps the edges of garments sharp.
            corner = a if (w0 >= w1 and w0 >= w2) else (b if w1 >= w2 else c)
            for k in range(3):
                light = (
                    irradiance[0, k]
                    + irradiance[1, k] * ny
                    + irradiance[2, k] * nz
                    + irradiance[3, k] * nx
                    + irradiance[4, k] * nx * ny
                    + irradiance[5, k] * ny * nz
                    + irradiance[6, k] * (3 * nz * nz - 1)
                    + irradiance[7, k] * nx * nz
                    + irradiance[8, k] * (nx * nx - ny * ny)
                )
                light = max(light, 0.03)
                for j in range(light_directions.shape[0]):
                    cosine = (
                        nx * light_directions[j, 0]
                        + ny * light_directions[j, 1]
                        + nz * light_directions[j, 2]
                    )
                    if cosine > 0:
                        light += cosine * light_colors[j, k]
                factor = 1 - texture_strength[corner] * (1 - texture[row, column, k])
                radiance[y, x, k] = albedo[corner, k] * factor * light
    return radiance
