"""Laws of candidates: boxes around bodies, and which bodies are the same."""

from dataclasses import replace

import numpy as np
import pytest
from bodies import candidate, random_body
from hypothesis import given
from hypothesis import strategies as st

from pose3d_ros.camera import Camera
from pose3d_ros.candidate import Candidate, box_around, distances, distinct, person_from
from pose3d_ros.person import JointState, PersonState

CAMERA = Camera.from_fov(1280, 720, 70)
SEEDS = st.integers(0, 2**32 - 1)


def _body(seed: int, x: float = 0.0, z: float = 4.0, presence: float = 0.9) -> Candidate:
    joints = random_body(np.random.default_rng(seed)) + np.array((x, 0.0, z))
    return candidate(joints, CAMERA, presence)


def _longer_side(body: Candidate) -> float:
    return max(box_around(body, CAMERA)[2:])


def _distinct(*bodies: Candidate, beside: tuple[Candidate, ...] = ()) -> list[Candidate]:
    return distinct(bodies, CAMERA, 0.3, beside)


@given(SEEDS)
def test_the_box_to_look_at_encloses_the_joints(seed: int) -> None:
    body = _body(seed)
    x, y, width, height = box_around(body, CAMERA)
    inside = np.clip(body.pixels, 0, (1279, 719))
    assert (inside >= np.array((x, y)) - 0.5).all()
    assert (inside <= np.array((x + width, y + height)) - 0.5).all()


@given(SEEDS, st.floats(-6, 6), st.floats(0.3, 10))
def test_the_middle_of_the_box_to_look_at_is_inside_the_image(
    seed: int, x: float, z: float
) -> None:
    x, y, width, height = box_around(_body(seed, x, z), CAMERA)
    assert CAMERA.contains((x + (width - 1) / 2, y + (height - 1) / 2))


def test_a_box_around_a_small_part_of_a_body_does_not_shrink_away() -> None:
    body = _body(0)
    pixels = body.pixels[0] + 0.2 * (body.pixels - body.pixels[0])
    metre = CAMERA.K[0, 0] / body.positions[0, 2]
    assert _longer_side(replace(body, pixels=pixels)) >= 0.8 * metre - 1e-9


def test_a_box_around_a_wild_joint_does_not_run_away() -> None:
    body = _body(0, z=6.0)
    body.pixels[16] = (0, 0)
    assert _longer_side(body) <= 2.6 * CAMERA.K[0, 0] / 6.0 + 1e-9


@given(SEEDS)
def test_joints_of_low_confidence_are_looked_at_as_well(seed: int) -> None:
    body = _body(seed)
    doubt = np.random.default_rng(seed).uniform(0, 1, 17)
    assert box_around(replace(body, confidence=doubt), CAMERA) == box_around(body, CAMERA)


def test_a_body_that_may_have_moved_gets_a_wider_box() -> None:
    body = _body(0)
    near, far = (box_around(body, CAMERA, reach) for reach in (0.0, 0.5))
    metre = CAMERA.K[0, 0] / body.positions[0, 2]
    assert far[2:] == pytest.approx(np.array(near[2:]) + metre)


def test_a_body_without_pixels_is_looked_for_around_the_middle_of_the_image() -> None:
    body = replace(_body(0), pixels=np.full((17, 2), np.nan))
    x, y, width, height = box_around(body, CAMERA)
    assert (x + (width - 1) / 2, y + (height - 1) / 2) == pytest.approx((639.5, 359.5))


@given(SEEDS, SEEDS)
def test_distances_are_symmetric_up_to_scale_and_zero_to_oneself(seed: int, other: int) -> None:
    bodies = [_body(seed), _body(other, x=1.0)]
    matrix = distances(bodies, bodies)
    assert np.diag(matrix) == pytest.approx([0, 0], abs=1e-12)
    assert matrix[0, 1] == pytest.approx(matrix[1, 0], rel=0.3)


def test_an_uncertain_depth_separates_bodies_less_than_a_step_aside() -> None:
    body = _body(0)
    deeper = candidate(1.2 * body.positions, CAMERA)
    aside = candidate(body.positions + np.array((0.8, 0, 0)), CAMERA)
    assert distances([body], [deeper]) < distances([body], [aside])


@given(SEEDS, st.floats(0.5, 0.9))
def test_of_several_candidates_of_a_body_the_one_of_higher_presence_is_kept(
    seed: int, presence: float
) -> None:
    good = _body(seed, presence=1.0)
    noise = np.random.default_rng(seed).normal(0, 0.05, (17, 3))
    worse = candidate(good.positions + noise, CAMERA, presence)
    assert _distinct(worse, good) == [good]
    assert _distinct(good, worse) == [good]


def test_between_equal_presences_the_confidence_decides() -> None:
    sure = _body(0)
    unsure = replace(sure, confidence=0.5 * sure.confidence)
    assert _distinct(unsure, sure) == [sure]


@given(SEEDS, SEEDS)
def test_bodies_side_by_side_are_two(seed: int, other: int) -> None:
    assert len(_distinct(_body(seed, x=-0.6), _body(other, x=0.6))) == 2


def test_a_body_that_has_its_candidate_is_not_kept_again() -> None:
    body, other = _body(0), _body(1, x=2.0)
    assert _distinct(replace(body, presence=1.0), other, beside=(body,)) == [other]
    assert _distinct() == []


def test_joint_states_say_what_is_visible() -> None:
    body = _body(0)
    body.confidence[:] = 0.9
    body.confidence[3] = 0.1
    body.pixels[6] = (300.0, 5000.0)
    body.pixels[7] = np.nan
    person = person_from(
        body, CAMERA, 'abcde', state=PersonState.ENTERING, stamp=2.0, min_confidence=0.3
    )
    expected = np.full(17, JointState.VISIBLE)
    expected[3] = JointState.OCCLUDED
    expected[[6, 7]] = JointState.OUT_OF_IMAGE
    assert (person.joint_states == expected).all()
    assert person.joint_states.dtype == np.uint8
    assert (person.id, person.state, person.stamp) == ('abcde', PersonState.ENTERING, 2.0)
    assert person.positions is body.positions
