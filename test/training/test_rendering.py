"""The renderer in torch draws what the renderer in numba draws."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip('torch')

from pose3d_ros.cli import main  # noqa: E402
from pose3d_ros.synthesis import render  # noqa: E402
from pose3d_ros.synthesis.figure import Mesh  # noqa: E402
from pose3d_ros.synthesis.person import CutOut, People, Portrait  # noqa: E402
from pose3d_ros.synthesis.studio import NumbaStudio  # noqa: E402
from pose3d_ros.synthesis.view import View  # noqa: E402
from pose3d_ros.training.rendering.rasterizer import rasterize  # noqa: E402
from pose3d_ros.training.rendering.shading import (  # noqa: E402
    triangles_around,
    vertex_normals,
)
from pose3d_ros.training.rendering.studio import TorchStudio  # noqa: E402

pytestmark = [pytest.mark.training, pytest.mark.slow]

SIZE = 96


@pytest.fixture(scope='module')
def people() -> People:
    return People()


@pytest.fixture(scope='module')
def portraits(people: People) -> list[Portrait]:
    return list(islice(people.portraits(np.random.default_rng(11)), 6))


@pytest.fixture(scope='module')
def by_numba(people: People, portraits: list[Portrait]) -> list[CutOut]:
    return NumbaStudio(people.body).cut_outs(portraits, SIZE)


@pytest.fixture(scope='module')
def by_torch(people: People, portraits: list[Portrait]) -> list[CutOut]:
    return TorchStudio(people.body, 'cpu').cut_outs(portraits, SIZE)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 60),
    spread=st.sampled_from([3, 20, 400]),
    width=st.integers(1, 70),
    height=st.integers(1, 70),
)
def test_random_triangles_have_identical_ids_and_coordinates(
    seed: int, count: int, spread: int, width: int, height: int
) -> None:
    generator = np.random.default_rng(seed)
    middle = generator.uniform(-10, 80, (2, count, 1, 3))
    points = middle + generator.uniform(-spread, spread, (2, count, 3, 3))
    points[..., 2] = generator.uniform(-0.2, 5, points.shape[:-1])  # some reach behind the camera
    points = points.reshape(2, -1, 3).astype(np.float32)
    _assert_alike(points, np.arange(3 * count, dtype=np.int32).reshape(-1, 3), width, height)


def test_of_equally_near_triangles_both_see_the_first() -> None:
    corner = np.array([[0, 0, 2], [0, 60, 2], [60, 0, 2]], np.float32)
    points = np.concatenate([corner, corner])[None]
    faces = np.array([[3, 4, 5], [0, 1, 2]], np.int32)
    _assert_alike(points, faces, 40, 40)
    ids, _ = render.rasterize(points[0], faces, 40, 40)
    assert set(ids.ravel()) == {-1, 0}


@pytest.mark.parametrize('side', [64, 320])
def test_people_have_identical_triangles(
    people: People, portraits: list[Portrait], side: int
) -> None:
    mesh = Mesh(people.body)
    points = []
    for portrait in portraits[:3]:
        figure = mesh.figure(portrait.shape, portrait.pose, portrait.outfit)
        view = View.around(figure.vertices, portrait.orientation, portrait.distance, side)
        points.append(view.project(figure.vertices).astype(np.float32))
    _assert_alike(np.stack(points), mesh.faces, side, side)


def _assert_alike(points: np.ndarray, faces: np.ndarray, width: int, height: int) -> None:
    """Compare the rasterizers on meshes of the same faces, shape (N, V, 3)."""
    ids, weights = rasterize(
        torch.from_numpy(points), torch.from_numpy(faces).long(), width, height
    )
    for i, picture in enumerate(points):
        expected_ids, expected_weights = render.rasterize(picture, faces, width, height)
        np.testing.assert_array_equal(ids[i].numpy(), expected_ids)
        np.testing.assert_allclose(weights[i].numpy(), expected_weights, atol=1e-6)


def test_normals_are_alike(people: People) -> None:
    faces = torch.from_numpy(people.body.faces).long()
    around = triangles_around(faces, people.body.vertex_count)
    ours = vertex_normals(torch.from_numpy(people.body.template)[None], faces, around)[0]
    theirs = render.vertex_normals(people.body.template, people.body.faces)
    np.testing.assert_allclose(ours.numpy(), theirs, atol=1e-4)


def test_colours_are_alike(by_numba: list[CutOut], by_torch: list[CutOut]) -> None:
    for theirs, ours in zip(by_numba, by_torch, strict=True):
        apart = np.abs(theirs.rgba.astype(int) - ours.rgba.astype(int)).max(-1)
        assert (apart > 1).mean() < 1e-3  # rounding moves a pixel at an edge to the neighbour


def test_labels_are_alike(by_numba: list[CutOut], by_torch: list[CutOut]) -> None:
    for theirs, ours in zip(by_numba, by_torch, strict=True):
        np.testing.assert_allclose(ours.pixels, theirs.pixels, atol=1e-3)
        np.testing.assert_allclose(ours.points, theirs.points, atol=1e-5)
        assert ours.focal == pytest.approx(theirs.focal, rel=1e-5)


def test_many_people_at_once_are_the_same_as_one_after_the_other(
    people: People, portraits: list[Portrait], by_torch: list[CutOut]
) -> None:
    studio = TorchStudio(people.body, 'cpu')
    for portrait, together in zip(portraits, by_torch, strict=True):
        (alone,) = studio.cut_outs([portrait], SIZE)
        apart = np.abs(alone.rgba.astype(int) - together.rgba.astype(int)).max(-1)
        assert (apart > 1).mean() < 1e-3


def test_the_command_writes_the_same_shard_with_torch(tmp_path: Path) -> None:
    for name, options in (('numba', []), ('torch', ['--torch', 'cpu'])):
        command = ['render', '--out', str(tmp_path / name), '--shards', '1', '--people', '4']
        assert not main(command + options)
    theirs, ours = (
        np.load(tmp_path / name / 'shard-0000' / 'rgba.npy').astype(int)
        for name in ('numba', 'torch')
    )
    assert (np.abs(theirs - ours) > 1).mean() < 1e-3


def test_a_device_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['render', '--out', str(tmp_path), '--shards', '1', '--torch', 'tpu7'])
    assert "torch has no device 'tpu7' here" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
