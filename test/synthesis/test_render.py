"""Laws of the renderer, on meshes with known pictures."""

import numpy as np

from pose3d_ros.synthesis import render

SIZE = 48


def _random_triangles(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    points = generator.uniform(-8, SIZE + 8, (3 * count, 3)).astype(np.float32)
    points[:, 2] = generator.uniform(1, 5, 3 * count)
    return points, np.arange(3 * count, dtype=np.int32).reshape(-1, 3)


def _brute_force(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Nearest front triangle at each pixel centre, by testing all of them."""
    v, u = np.mgrid[:SIZE, :SIZE] + 0.5
    nearest = np.full((SIZE, SIZE), np.inf)
    ids = np.full((SIZE, SIZE), -1)
    for t, face in enumerate(faces):
        a, b, c = points[face].astype(float)
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if area >= 0:
            continue
        w0 = ((b[0] - u) * (c[1] - v) - (c[0] - u) * (b[1] - v)) / area
        w1 = ((c[0] - u) * (a[1] - v) - (a[0] - u) * (c[1] - v)) / area
        w2 = 1 - w0 - w1
        depth = 1 / (w0 / a[2] + w1 / b[2] + w2 / c[2])
        covered = (w0 >= 0) & (w1 >= 0) & (w2 >= 0) & (depth < nearest)
        ids[covered], nearest[covered] = t, depth[covered]
    return ids


def test_it_agrees_with_testing_every_triangle_at_every_pixel() -> None:
    points, faces = _random_triangles(40, 1)
    ids, _ = render.rasterize(points, faces, SIZE, SIZE)
    assert (ids == _brute_force(points, faces)).mean() > 0.999  # ties at edges may differ


def test_barycentric_coordinates_lead_back_to_the_pixel() -> None:
    points, faces = _random_triangles(20, 2)
    ids, weights = render.rasterize(points, faces, SIZE, SIZE)
    focal = 50.0
    space = np.concatenate([points[:, :2] / focal * points[:, 2:], points[:, 2:]], 1)
    v, u = np.nonzero(ids >= 0)
    corners = space[faces[ids[v, u]]]
    found = (weights[v, u][:, :, None] * corners).sum(1)
    np.testing.assert_allclose(weights[v, u].sum(1), 1, atol=1e-4)
    np.testing.assert_allclose(found[:, 0] / found[:, 2] * focal, u + 0.5, atol=2e-2)
    np.testing.assert_allclose(found[:, 1] / found[:, 2] * focal, v + 0.5, atol=2e-2)


def test_the_back_of_a_triangle_is_not_drawn() -> None:
    points, faces = _random_triangles(1, 3)
    front, _ = render.rasterize(points, faces, SIZE, SIZE)
    back, _ = render.rasterize(points, faces[:, ::-1].copy(), SIZE, SIZE)
    assert (front >= 0).any() != (back >= 0).any()


def test_normals_of_a_sphere_point_outwards() -> None:
    angles = np.linspace(0, np.pi, 24), np.linspace(0, 2 * np.pi, 48)
    polar, around = np.meshgrid(*angles, indexing='ij')
    vertices = np.stack(
        [np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], -1
    ).reshape(-1, 3)
    row = np.arange(23)[:, None] * 48 + np.arange(47)
    faces = np.concatenate(
        [np.stack([row, row + 48, row + 49], -1), np.stack([row, row + 49, row + 1], -1)]
    ).reshape(-1, 3)
    normals = render.vertex_normals(vertices.astype(np.float32), faces.astype(np.int32))
    inner = np.abs(vertices[:, 2]) < 0.9
    assert (normals[inner] * vertices[inner]).sum(1).min() > 0.99


def test_even_light_shows_the_albedo() -> None:
    points = np.array([[0, 0, 2], [0, 60, 2], [60, 0, 2]], np.float32)
    faces = np.array([[0, 1, 2]], np.int32)
    ids, weights = render.rasterize(points, faces, SIZE, SIZE)
    albedo = np.tile(np.array([0.2, 0.5, 0.7], np.float32), (3, 1))
    irradiance = np.zeros((9, 3), np.float32)
    irradiance[0] = 1
    picture = render.shade(
        ids, weights, faces, np.tile(np.float32([0, 0, -1]), (3, 1)), albedo,
        np.zeros((3, 2), np.float32), np.ones((4, 4, 3), np.float32), np.zeros(3, np.float32),
        irradiance, np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32),
    )  # fmt: skip
    seen = ids >= 0
    np.testing.assert_allclose(picture[seen], np.tile(albedo[0], (seen.sum(), 1)), atol=1e-6)
    assert (picture[~seen] == 0).all()
