"""The measures of following: what counts as found, as a ghost, and as a change of id."""

import numpy as np
import pytest
from bodies import candidate, random_body

from pose3d_ros.camera import Camera
from pose3d_ros.candidate import person_from
from pose3d_ros.person import Person, PersonState
from pose3d_ros.synthesis.scene import NOBODY, SceneImage, ScenePlan, noise
from pose3d_ros.training.evaluate import _bins, _calibration_error
from pose3d_ros.training.scenes import Tally, _lag_ms

CAMERA = Camera.from_fov(640, 480, 60)
ONE, OTHER = (
    random_body(np.random.default_rng(s)) + np.array((x, 0, 4)) for s, x in ((0, -1), (1, 1))
)


def person(positions: np.ndarray, name: str) -> Person:
    seen = candidate(positions, CAMERA)
    return person_from(seen, CAMERA, name, state=PersonState.SEEN, stamp=0.0, min_confidence=0.3)


def shown(stamp: float, *, visible: int = 17) -> SceneImage:
    """Return an image in which ONE is before all but so many joints of OTHER."""
    hider = np.full((2, 17), NOBODY, np.int8)
    hider[1, visible:] = 0
    return SceneImage(np.zeros((480, 640, 3), np.uint8), stamp, np.stack([ONE, OTHER]), hider)


def tally(*answers: tuple[SceneImage, list[Person]]) -> dict[str, float]:
    counted = Tally()
    for image, people in answers:
        counted.add(image, people, CAMERA)
    return counted.report()


def test_who_follows_perfectly_finds_all_and_errs_nowhere() -> None:
    people = [person(OTHER, 'bbbbb'), person(ONE, 'aaaaa')]
    report = tally(*((shown(step / 10), people) for step in range(5)))
    assert report['recall_percent'] == 100
    assert report['id_switches'] == report['ghosts_seen'] == 0
    assert report['mpjpe_mm'] == report['mrpe_mm'] == pytest.approx(0, abs=1e-6)


def test_who_is_not_found_lowers_the_recall_unless_hidden() -> None:
    only = [person(ONE, 'aaaaa')]
    assert tally((shown(0.0), only))['recall_percent'] == 50
    assert tally((shown(0.0, visible=7), only))['recall_percent'] == 100


def test_somebody_where_nobody_is_is_a_ghost() -> None:
    people = [person(ONE, 'aaaaa'), person(ONE + np.array((2.0, 0, 6)), 'ccccc')]
    assert tally((shown(0.0), people))['ghosts_seen'] == 1


def test_a_change_of_id_counts_and_an_occlusion_excuses_it() -> None:
    before, after = [person(OTHER, 'bbbbb')], [person(OTHER, 'ddddd')]
    clear = tally((shown(0.0), before), (shown(0.1), after))
    hidden = tally((shown(0.0), before), (shown(0.1, visible=4), []), (shown(0.2), after))
    long_ago = tally((shown(0.0, visible=4), before), (shown(2.0), before), (shown(2.1), after))
    assert [each['id_switches'] for each in (clear, hidden, long_ago)] == [1, 1, 1]
    unexcused = [each['id_switches_without_occlusion'] for each in (clear, hidden, long_ago)]
    assert unexcused == [1, 0, 1]


def test_an_occlusion_excuses_whoever_was_not_found_since() -> None:
    before, after = [person(OTHER, 'bbbbb')], [person(OTHER, 'ddddd')]
    seen = (shown(0.0), before), (shown(0.5, visible=4), before), (shown(1.0), [])
    assert tally(*seen, (shown(9.0), after))['id_switches_without_occlusion'] == 0
    late = (shown(1.6), before), (shown(9.0), after)
    assert tally(*seen, *late)['id_switches_without_occlusion'] == 1


def test_who_hides_somebody_is_in_sight_and_yet_excused() -> None:
    before, after = [person(ONE, 'aaaaa')], [person(ONE, 'ddddd')]
    report = tally((shown(0.0), before), (shown(0.1, visible=12), []), (shown(0.2), after))
    assert report['id_switches_in_sight'] == 1
    assert report['id_switches_without_occlusion'] == 0
    report = tally((shown(0.0), before), (shown(0.1, visible=13), []), (shown(0.2), after))
    assert report['id_switches_without_occlusion'] == 1


def test_the_lag_of_a_motion_that_comes_late_is_its_delay() -> None:
    times = np.arange(0, 6, 1 / 30)
    truth = np.stack([np.sin(2 * times), np.cos(3 * times), 0 * times], axis=-1)[:, None]
    late = np.stack([np.sin(2 * (times - 0.1)), np.cos(3 * (times - 0.1)), 0 * times], axis=-1)[
        :, None
    ]
    assert _lag_ms(late, truth, times) == pytest.approx(100, abs=2)


def test_honest_confidence_has_no_calibration_error_and_boasting_has_its_size() -> None:
    generator = np.random.default_rng(0)
    confidence = generator.uniform(0, 1, 200_000).astype(np.float32)
    good = generator.uniform(0, 1, 200_000) < confidence
    assert _calibration_error(confidence, good) < 0.01
    assert _calibration_error(np.full(200_000, 0.9, np.float32), good) == pytest.approx(
        0.4, abs=0.01
    )
    share, stated, right = _bins(confidence, good).T
    assert share.sum() == pytest.approx(1)
    np.testing.assert_allclose(stated, right, atol=0.02)


def test_a_scene_is_a_function_of_its_seed() -> None:
    first, again, other = (
        next(iter(noise(ScenePlan(seconds=0.2, seed=seed)))).image for seed in (3, 3, 4)
    )
    assert (first == again).all()
    assert (first != other).any()
