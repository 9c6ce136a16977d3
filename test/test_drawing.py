"""Pictures of skeletons."""

import dataclasses

import numpy as np
import pytest

from pose3d_ros.camera import Camera
from pose3d_ros.drawing import draw_people, draw_space, draw_story
from pose3d_ros.person import JointState, Person, PersonState
from pose3d_ros.skeleton import H36M_17

CAMERA = Camera.from_fov(640, 480, 60.0)
JOINTS = len(H36M_17.joints)


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (480, 640, 3), np.uint8)


@pytest.fixture
def person() -> Person:
    """A person whose joints are spread over the picture, left ones on the right."""
    side = [{'l_': 0.6, 'r_': -0.6}.get(joint[:2], 0.0) for joint in H36M_17.joints]
    height = np.linspace(-0.8, 0.8, JOINTS)
    positions = np.column_stack((side, height, np.full(JOINTS, 3.0)))
    return Person(
        id='abcde',
        state=PersonState.SEEN,
        presence=1.0,
        box=(0.0, 0.0, 1.0, 1.0),
        pixels=CAMERA.project(positions),
        positions=positions,
        confidence=np.ones(JOINTS),
        deviation=np.full(JOINTS, 0.05),
        joint_states=np.full(JOINTS, JointState.VISIBLE, np.uint8),
        stamp=0.0,
    )


def colour_at(picture: np.ndarray, pixel: np.ndarray) -> np.ndarray:
    u, v = np.round(pixel).astype(int)
    return picture[v, u].astype(int)


def test_nobody_leaves_the_image_as_it_is(image: np.ndarray) -> None:
    np.testing.assert_array_equal(draw_people(image, [], H36M_17), image)


def test_the_image_given_is_not_drawn_on(image: np.ndarray, person: Person) -> None:
    before = image.copy()
    drawn = draw_people(image, [person], H36M_17)
    np.testing.assert_array_equal(image, before)
    assert (drawn != image).any()


def test_left_is_orange_and_right_is_blue(image: np.ndarray, person: Person) -> None:
    drawn = draw_people(image, [person], H36M_17)
    blue, _, red = colour_at(drawn, person.pixels[H36M_17.index('l_wrist')])
    assert red > blue + 100
    blue, _, red = colour_at(drawn, person.pixels[H36M_17.index('r_ankle')])
    assert blue > red + 100


def test_what_is_uncertain_is_paler(image: np.ndarray, person: Person) -> None:
    unsure = dataclasses.replace(person, confidence=np.full(JOINTS, 0.2))
    colourfulness = [
        np.ptp(colour_at(draw_people(image, [each], H36M_17), each.pixels[13]))
        for each in (person, unsure)
    ]
    assert colourfulness[0] > 2 * colourfulness[1]


def test_a_lost_person_is_not_drawn(image: np.ndarray, person: Person) -> None:
    lost = dataclasses.replace(person, state=PersonState.LOST)
    np.testing.assert_array_equal(draw_people(image, [lost], H36M_17), image)


def test_a_person_of_whom_nothing_is_known_is_not_drawn(image: np.ndarray, person: Person) -> None:
    unknown = dataclasses.replace(
        person,
        pixels=np.full((JOINTS, 2), np.nan),
        positions=np.full((JOINTS, 3), np.nan),
        confidence=np.full(JOINTS, np.nan),
    )
    np.testing.assert_array_equal(draw_people(image, [unknown], H36M_17), image)
    assert draw_story(image, [unknown], H36M_17).any()


def test_joints_far_outside_the_image_are_no_trouble(image: np.ndarray, person: Person) -> None:
    pixels = person.pixels.copy()
    pixels[3], pixels[5] = (1e9, -1e9), np.nan
    draw_people(image, [dataclasses.replace(person, pixels=pixels)], H36M_17)


def test_the_views_show_the_person_from_two_sides(person: Person) -> None:
    """From the camera's right, what is near is left: the joints of one depth are one column."""
    front, side = (draw_space([person], H36M_17, (300, 400), yaw, 'view') for yaw in (0.0, 90.0))
    for view in (front, side):
        assert view.shape == (400, 300, 3)
    empty = draw_space([], H36M_17, (300, 400), 0.0, 'view')
    widths = [np.ptp(np.nonzero(vivid(view) & ~vivid(empty))[1]) for view in (front, side)]
    assert widths[0] > 4 * widths[1]


def vivid(picture: np.ndarray) -> np.ndarray:
    return np.ptp(picture.astype(int), axis=-1) > 60


def test_the_story_is_the_image_with_two_views_beside_it(
    image: np.ndarray, person: Person
) -> None:
    story = draw_story(image, [person], H36M_17)
    assert story.shape == (480, 640 + 2 * 320, 3)
    np.testing.assert_array_equal(story[:, :640], draw_people(image, [person], H36M_17))
