"""Laws of what people wear, carry and sit on, and of what stands before them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose3d_ros.synthesis import accessories, blobs, occluders
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.figure import Mesh
from pose3d_ros.synthesis.person import People
from pose3d_ros.synthesis.poses import PoseSampler
from pose3d_ros.synthesis.rotations import X_AXIS, about


def _volume(points: np.ndarray, faces: np.ndarray) -> float:
    """Return the signed volume of a closed surface (divergence theorem)."""
    a, b, c = points[faces].astype(float).transpose(1, 0, 2)
    return float((a * np.cross(b, c)).sum() / 6)


@given(st.floats(0, 1))
def test_a_blob_has_the_orientation_of_the_body_and_is_between_ball_and_box(boxy: float) -> None:
    body = Body.load()
    points = blobs.ball((1, 2, 3), (0.1, 0.2, 0.3), boxy=boxy)
    volume = _volume(points, blobs.blob_faces())
    assert np.sign(volume) == np.sign(_volume(body.template, body.faces))
    ball, box = 4 / 3 * np.pi * 0.006, 8 * 0.006
    assert 0.9 * ball < abs(volume) < box


def test_a_blob_is_closed() -> None:
    edges = np.concatenate([blobs.blob_faces()[:, [i, (i + 1) % 3]] for i in range(3)])
    there, back = ({tuple(e) for e in each} for each in (edges, edges[:, ::-1]))
    assert there == back
    assert len(there) == len(edges)


def test_a_skirt_encloses_the_legs_and_follows_them(body: Body) -> None:
    load = accessories.Load(body)
    accessories.add_skirt(load, (1, 0, 0), length=0.5, flare=0.03)
    worn, colors = load.finished()
    np.testing.assert_allclose(worn.weights.sum(1), 1, atol=1e-6)
    assert (colors[: blobs.VERTICES] == (1, 0, 0)).all()
    legs = np.char.find(np.array(body.bones)[body.owner], 'leg') >= 0
    covered = body.template[legs & (np.abs(body.template[:, 2] + 0.25) < 0.1)]
    skirt = worn.points[: blobs.VERTICES]
    assert (np.abs(covered[:, 0]) < skirt[:, 0].max()).all()
    assert skirt[:, 1].min() < covered[:, 1].min()
    assert covered[:, 1].max() < skirt[:, 1].max()


def test_what_nobody_wears_is_a_point_and_what_exceeds_the_slots_is_left_away(
    body: Body,
) -> None:
    load = accessories.Load(body)
    worn, _ = load.finished()
    assert (worn.points == worn.points[0]).all()
    for _ in range(blobs.SLOTS + 3):
        load.hang(blobs.ball((0, 0, 0), (1, 1, 1)), 'head', (0, 0, 0))
    worn, _ = load.finished()
    assert worn.points.shape == (blobs.SLOTS * blobs.VERTICES, 3)


def test_something_carried_turns_with_the_hand(body: Body, people: People) -> None:
    generator = np.random.default_rng(0)
    load = accessories.Load(body)
    load.hang(blobs.ball((0.53, -0.27, 0.05), (0.1, 0.1, 0.1)), 'wrist.L', (0, 0, 0))
    outfit = replace(people.sample_outfit(generator), blobs=load.finished()[0])
    shape, rest = np.zeros(len(body.basis), np.float32), PoseSampler(body).identity()
    bent = rest.copy()
    bent[body.bone('lowerarm01.L')] = about(X_AXIS, 70)
    middles = []
    for pose in (rest, bent):
        turn, move = body.bone_frames(body.split(body.rest(shape))[1], pose)
        figure = Mesh(body).figure(shape, pose, outfit)
        blob = figure.vertices[body.vertex_count :][: blobs.VERTICES]
        middles.append(turn[body.bone('wrist.L')].T @ (blob.mean(0) - move[body.bone('wrist.L')]))
    np.testing.assert_allclose(middles[0], middles[1], atol=1e-4)


def test_who_bends_both_thighs_forward_sits(body: Body) -> None:
    pose = PoseSampler(body).identity()
    assert not accessories.sits(body, pose)
    pose[body.bone('upperleg01.L')] = about(X_AXIS, -85)
    assert not accessories.sits(body, pose)
    pose[body.bone('upperleg01.R')] = about(X_AXIS, -85)
    assert accessories.sits(body, pose)
    pose[body.bone('root')] = about(X_AXIS, 85)
    assert not accessories.sits(body, pose)


@pytest.mark.parametrize('size', [32, 64, 128])
def test_occluders_cover_some_of_the_crop(size: int) -> None:
    generator = np.random.default_rng(size)
    for _ in range(60):
        masks = [occluders.thing(size, generator), *occluders.furniture(size, generator)]
        assert all(mask.shape == (size, size) and mask.dtype == bool for mask in masks)
        assert any(mask.any() for mask in masks)
        assert not all(mask.all() for mask in masks)
