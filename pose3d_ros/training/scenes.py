"""How well the whole pipeline follows people through rendered scenes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pose3d_ros import metrics
from pose3d_ros.camera import Camera
from pose3d_ros.footage import read_video
from pose3d_ros.person import Person, PersonState
from pose3d_ros.pipeline import Pipeline
from pose3d_ros.shipped import ASSETS
from pose3d_ros.synthesis.scene import NOBODY, OUTSIDE, SceneImage

Array = NDArray[np.float64]

SEEN = (PersonState.ENTERING, PersonState.SEEN)
FEWEST_VISIBLE = 8  # people with fewer joints in sight need not be found, nor are held against us
CLEAR_VISIBLE = 13  # with fewer joints in sight than this somebody is partly hidden ...
HIDDEN = 5  # ... and who is before so many joints of somebody else hides a part of that person
SAME = 0.35  # mean distance of joints in the image over the longer side of the person's box
SLOW = 0.1  # the share of the images in which the body counts as still
OCCLUSION_S = 1.0  # an occlusion excuses a change of name of both who were found so soon after


@dataclass(slots=True)
class Tally:
    """What happened in a scene; see `report`."""

    images: int = 0
    wanted: int = 0
    found: int = 0
    ghosts: int = 0
    ghosts_entering: int = 0
    switches: int = 0
    in_sight: int = 0
    apart: int = 0
    joints: list[Array] = field(default_factory=list)
    truths: list[Array] = field(default_factory=list)
    _names: dict[int, str] = field(default_factory=dict)
    _last: dict[int, float] = field(default_factory=dict)
    _hidden: dict[int, float] = field(default_factory=dict)
    _hiding: dict[int, float] = field(default_factory=dict)

    def add(self, image: SceneImage, people: list[Person], camera: Camera) -> None:
        """Count what the pipeline said about one image."""
        self.images += 1
        counts = image.visible.sum(axis=1)
        for index in np.flatnonzero(counts < CLEAR_VISIBLE).tolist():
            self._hidden[index] = image.stamp
        for index in range(len(counts)):
            if (image.hidden_by(index) >= HIDDEN).any():
                self._hiding[index] = image.stamp
        self.wanted += int((counts >= FEWEST_VISIBLE).sum())
        pairs = self._matches(image, people, camera)
        for index, person in pairs.items():
            self.found += int(counts[index] >= FEWEST_VISIBLE)
            self.joints.append(1e3 * person.positions)
            self.truths.append(1e3 * image.positions[index])
            before = self._names.get(index, person.id)
            if before != person.id:
                hidden, hiding = (
                    self._last[index] - stamps.get(index, -np.inf) <= OCCLUSION_S
                    for stamps in (self._hidden, self._hiding)
                )
                self.switches += 1
                self.in_sight += int(not hidden)
                self.apart += int(not hidden and not hiding)
            self._names[index], self._last[index] = person.id, image.stamp
        known = {person.id for person in pairs.values()}
        for person in people:
            if person.id not in known:
                self.ghosts += int(person.state is PersonState.SEEN)
                self.ghosts_entering += int(person.state is PersonState.ENTERING)

    def report(self) -> dict[str, float]:
        """Return the figures of the scene.

        Returns:
            `recall_percent` of the people with at least 8 joints in sight; `ghosts`, people
            reported as SEEN where nobody is, and those that were ENTERING; `id_switches`, how many
            of them met somebody in sight (13 or more joints since a second before that person was
            found last), and how many came without an occlusion: nor was that person before
            somebody else; MPJPE, PA-MPJPE and the error of the root, over everybody found [mm].
        """
        figures = {
            'images': self.images,
            'people_in_sight': self.wanted,
            'recall_percent': 100 * self.found / max(self.wanted, 1),
            'ghosts_seen': self.ghosts,
            'ghosts_entering': self.ghosts_entering,
            'id_switches': self.switches,
            'id_switches_in_sight': self.in_sight,
            'id_switches_without_occlusion': self.apart,
        }
        if self.joints:
            joints, truths = np.stack(self.joints), np.stack(self.truths)
            figures |= {
                'mpjpe_mm': metrics.mpjpe(joints, truths),
                'pa_mpjpe_mm': metrics.pa_mpjpe(joints, truths),
                'mrpe_mm': metrics.mrpe(joints, truths),
            }
        return {name: round(value, 2) for name, value in figures.items()}

    def _matches(
        self, image: SceneImage, people: list[Person], camera: Camera
    ) -> dict[int, Person]:
        """Return who is whom: the joints in the image are near, and who was, rather stays."""
        if not people or not len(image.positions):
            return {}
        truth = camera.project(image.positions)
        sides = np.nanmax(np.nanmax(truth, axis=1) - np.nanmin(truth, axis=1), axis=1)
        found = np.stack([person.pixels for person in people])
        apart = np.linalg.norm(truth[:, None] - found[None], axis=-1)
        costs = np.nanmean(apart, axis=-1) / sides[:, None]
        stays = np.array(
            [
                [self._names.get(index) == person.id for person in people]
                for index in range(len(truth))
            ]
        )
        near = np.nan_to_num(costs, nan=np.inf) < SAME
        rows, columns = linear_sum_assignment(np.where(near, costs - 0.2 * stays, 1e3))
        return {
            int(row): people[column]
            for row, column in zip(rows, columns, strict=True)
            if near[row, column]
        }


def on_scene(pipeline: Pipeline, images: Iterable[SceneImage], camera: Camera) -> dict[str, float]:
    """Return how well a pipeline sees and follows the people of a scene.

    Args:
        pipeline: Any; it starts anew.
        images: The scene.
        camera: That took it.
    """
    pipeline.reset()
    tally = Tally()
    for image in images:
        people = pipeline(image.image, camera, image.stamp)
        tally.add(image, [person for person in people if person.state in SEEN], camera)
    return tally.report()


def shipped_clip() -> tuple[list[SceneImage], Camera]:
    """Return the images of the clip that comes with the package, and the camera that took them."""
    path = ASSETS / 'demo_clip.mp4'
    with np.load(path.with_suffix('.npz')) as truth:
        camera = Camera(int(truth['width']), int(truth['height']), truth['K'])
        positions, fps = truth['positions'].astype(float), float(truth['fps'])
    images = []
    for step, (image, joints) in enumerate(zip(read_video(path), positions, strict=False)):
        seen = camera.contains(camera.project(joints))
        hider = np.where(seen, NOBODY, OUTSIDE).astype(np.int8)
        images.append(SceneImage(image, step / fps, joints[None], hider[None]))
    return images, camera


def steadiness(
    pipeline: Pipeline, images: Sequence[SceneImage], camera: Camera
) -> dict[str, float]:
    """Return how much the joints of one person jitter, and how late they are.

    Args:
        pipeline: Any; it starts anew.
        images: Of one person, at a steady rate.
        camera: That took them.

    Returns:
        `jitter_mm`, the root mean square change of a joint's error from one image to the next,
        and the same over the tenth of the images in which the truth moves least; `lag_ms`, the
        delay of the truth that comes nearest to what was found, each joint about its mean; and
        MPJPE [mm].
    """
    pipeline.reset()
    found, truth, stamps = [], [], []
    for image in images:
        people = pipeline(image.image, camera, image.stamp)
        seen = [person for person in people if person.state in SEEN]
        if seen:
            found.append(1e3 * seen[0].positions)
            truth.append(1e3 * image.positions[0])
            stamps.append(image.stamp)
    ours, theirs, times = np.stack(found), np.stack(truth), np.array(stamps)
    ours, theirs = ours - ours[:, :1], theirs - theirs[:, :1]
    change = np.linalg.norm(np.diff(ours - theirs, axis=0), axis=-1)
    speed = np.linalg.norm(np.diff(theirs, axis=0), axis=-1) / np.diff(times)[:, None]
    fastest = speed.max(axis=1)
    still = fastest <= np.quantile(fastest, SLOW)
    return {
        'mpjpe_mm': round(metrics.mpjpe(ours, theirs), 2),
        'jitter_mm': round(float(np.sqrt((change**2).mean())), 2),
        'jitter_still_mm': round(float(np.sqrt((change[still] ** 2).mean())), 2),
        'lag_ms': _lag_ms(ours, theirs, times),
    }


def _lag_ms(ours: Array, theirs: Array, times: Array) -> float:
    """Return the delay of the truth at which the two motions are most alike [ms]."""
    ours = (ours - ours.mean(axis=0)).reshape(len(times), -1)
    theirs = (theirs - theirs.mean(axis=0)).reshape(len(times), -1)
    inner = (times > times[0] + 0.4) & (times < times[-1] - 0.4)

    def apart(delay_ms: float) -> float:
        late = [np.interp(times[inner] - delay_ms / 1e3, times, each) for each in theirs.T]
        return float(((ours[inner].T - np.stack(late)) ** 2).mean())

    return float(min(range(-100, 301, 2), key=apart))
