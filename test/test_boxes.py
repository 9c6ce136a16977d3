"""Laws of boxes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from pose3d_ros.boxes import Box, checked_box, enclosing_box, middle_of_box, overlap
from pose3d_ros.errors import BoxError

BOXES = st.tuples(st.floats(-500, 500), st.floats(-500, 500), st.floats(1, 900), st.floats(1, 900))
PIXELS = st.lists(st.tuples(st.floats(-999, 999), st.floats(-999, 999)), min_size=1, max_size=9)


@given(BOXES)
def test_a_good_box_stays_as_it_is(box: Box) -> None:
    assert checked_box(np.array(box)) == box


@pytest.mark.parametrize(
    ('box', 'message'),
    [
        ((1, 2, 3), r'four numbers x, y, width, height \[px\], not an array \(3,\)'),
        ((1, np.nan, 3, 4), 'the box x=1.0 y=nan width=3.0 height=4.0 is not finite'),
        ((1, 2, np.inf, 4), 'is not finite'),
        ((1, 2, 0, 4), r'the box at x=1.0 y=2.0 is 0.0 x 4.0 px; both must be above 0 px'),
        ((1, 2, 3, -4), 'is 3.0 x -4.0 px'),
    ],
)
def test_a_bad_box_is_named_with_what_is_right(box: ArrayLike, message: str) -> None:
    with pytest.raises(BoxError, match=message):
        checked_box(box)


def test_the_middle_of_the_image_lies_between_its_pixel_centres() -> None:
    assert middle_of_box((0, 0, 1, 1)) == (0, 0)
    assert middle_of_box((0, 0, 640, 480)) == (319.5, 239.5)


@given(PIXELS)
def test_the_enclosing_box_touches_the_outermost_pixels(pixels: list[tuple[float, float]]) -> None:
    x, y, width, height = enclosing_box(np.array(pixels))
    edges = np.array((x, y)) - 0.5, np.array((x + width, y + height)) - 0.5
    assert (edges[0] <= np.min(pixels, axis=0)).all()
    assert (edges[1] >= np.max(pixels, axis=0)).all()
    assert (np.min(pixels, axis=0) - edges[0] <= 1).all()
    assert (edges[1] - np.max(pixels, axis=0) <= 1).all()


def test_the_enclosing_box_leaves_out_unknown_pixels() -> None:
    pixels = np.array([[10.0, 20], [np.nan, np.nan], [12, 29]])
    assert enclosing_box(pixels) == (10, 20, 3, 10)


@given(BOXES, BOXES)
def test_overlap_is_symmetric_and_lies_between_0_and_1(box: Box, other: Box) -> None:
    value = overlap([box], [other])
    assert value.shape == (1, 1)
    assert 0 <= value[0, 0] <= 1 + 1e-12
    assert value == pytest.approx(overlap([other], [box]))


@given(BOXES)
def test_a_box_overlaps_itself_wholly_and_a_distant_one_not_at_all(box: Box) -> None:
    far = (box[0] + 2000, box[1], box[2], box[3])
    assert overlap([box], [box, far])[0] == pytest.approx([1, 0])


def test_overlap_of_half_a_box_is_a_third() -> None:
    assert overlap([(0, 0, 2, 1)], [(1, 0, 2, 1)]) == pytest.approx(1 / 3)
    assert overlap(np.empty((0, 4)), [(0, 0, 1, 1)]).shape == (0, 1)
