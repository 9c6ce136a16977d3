"""Laws of rotations."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from pose3d_ros.synthesis.rotations import about, frame, mirrored, shortest, slerp

Vector = tuple[float, float, float]
COORDINATES = st.floats(-1, 1)
VECTORS = st.tuples(COORDINATES, COORDINATES, COORDINATES).filter(
    lambda v: float(np.linalg.norm(v)) > 0.1
)
ANGLES = st.floats(-170, 170)


def _unit(vector: Vector) -> np.ndarray:
    return np.array(vector) / np.linalg.norm(vector)


@given(VECTORS, ANGLES)
def test_turning_back_inverts_turning(axis: Vector, angle: float) -> None:
    np.testing.assert_allclose(about(axis, angle) @ about(axis, -angle), np.eye(3), atol=1e-12)


@given(VECTORS, ANGLES)
def test_the_axis_stays_where_it_is(axis: Vector, angle: float) -> None:
    np.testing.assert_allclose(about(axis, angle) @ axis, axis, atol=1e-12)


@given(VECTORS, VECTORS)
def test_the_shortest_rotation_takes_start_to_end(start: Vector, end: Vector) -> None:
    assume(float(_unit(start) @ _unit(end)) > -0.999)
    rotation = shortest(_unit(start), _unit(end))
    np.testing.assert_allclose(rotation @ _unit(start), _unit(end), atol=1e-6)


@given(VECTORS, VECTORS)
def test_a_frame_is_a_rotation(direction: Vector, hinge: Vector) -> None:
    assume(float(np.linalg.norm(np.cross(_unit(direction), _unit(hinge)))) > 0.05)
    rotation = frame(direction, hinge)
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-9)
    assert np.linalg.det(rotation) > 0


@given(VECTORS, ANGLES)
def test_two_mirrors_cancel(axis: Vector, angle: float) -> None:
    rotation = about(axis, angle)
    np.testing.assert_allclose(mirrored(mirrored(rotation)), rotation, atol=1e-12)


@given(VECTORS, st.floats(1, 170), st.floats(0, 1))
def test_slerp_turns_in_proportion(axis: Vector, angle: float, fraction: float) -> None:
    found = slerp(np.eye(3), about(axis, angle), fraction)
    np.testing.assert_allclose(found, about(axis, angle * fraction), atol=1e-7)
