"""Laws of the search for people that nobody follows yet."""

import numpy as np

from pose3d_ros.camera import Camera
from pose3d_ros.search import Search

CAMERA = Camera.from_fov(640, 480, 60)
IMAGE = np.zeros((480, 640, 3), np.uint8)
PLACES = np.array([(0.0, 0, 100, 200), (200, 0, 100, 200), (400, 0, 100, 200)])


class Proposing:
    """A detector that always proposes the same, and remembers when it was asked."""

    def __init__(self, boxes: np.ndarray) -> None:
        self.boxes, self.stamps = boxes, []

    def __call__(self, image: np.ndarray, camera: Camera, stamp: float) -> np.ndarray:
        del image, camera
        self.stamps.append(stamp)
        return self.boxes


def look(search: Search, stamp: float, *followed: tuple[float, ...]) -> list:
    return search.places(lambda: IMAGE, CAMERA, stamp, interval=1.0, followed=followed)


def test_the_first_image_is_searched_completely() -> None:
    assert look(Search(Proposing(PLACES)), 0.0) == [tuple(box) for box in PLACES]


def test_the_detector_runs_on_every_image_while_nobody_is_followed() -> None:
    detector = Proposing(PLACES[:1])
    search = Search(detector)
    for step in range(10):
        assert len(look(search, step / 10)) == 1
    assert len(detector.stamps) == 10


def test_it_runs_once_in_an_interval_while_somebody_is_followed() -> None:
    detector = Proposing(PLACES)
    search = Search(detector)
    for step in range(31):
        look(search, step / 10, (500, 300, 50, 100))
    np.testing.assert_allclose(detector.stamps, [0.0, 1.0, 2.0, 3.0])


def test_a_box_that_holds_somebody_followed_is_not_looked_at() -> None:
    followed = (205.0, 5.0, 100.0, 195.0)
    assert look(Search(Proposing(PLACES)), 0.0, followed) == [(0, 0, 100, 200), (400, 0, 100, 200)]


def test_a_detector_that_proposes_nothing_costs_nothing() -> None:
    search = Search(Proposing(np.empty((0, 4))))
    assert [look(search, stamp) for stamp in (0.0, 0.1, 5.0)] == [[], [], []]
