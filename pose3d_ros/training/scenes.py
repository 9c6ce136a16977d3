"""How well the whole pipeline follows people through rendered scenes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pose3d_ros import metrics
from pose3d_ros.camera import Camera
from pose3d_ros.person import Person, PersonState
from pose3d_ros.pipeline import Pipeline
from pose3d_ros.synthesis.scene import SceneImage

Array = NDArray[np.float64]

SEEN = (PersonState.ENTERING, PersonState.SEEN)
FEWEST_VISIBLE = 8  # people with fewer joints in sight need not be found, nor are held against us
CLEAR_VISIBLE = 13  # with fewer joints in sight than this somebody is partly hidden
SAME = 0.35  # mean distance of joints in the image over the longer side of the person's box
OCCLUSION_S = 1.0  # an occlusion excuses a change of name for this long


@dataclass(slots=True)
class Tally:
    """What happened in a scene; see `report`."""

    images: int = 0
    wanted: int = 0
    found: int = 0
    ghosts: int = 0
    switches: int = 0
    unexcused: int = 0
    joints: list[Array] = field(default_factory=list)
    truths: list[Array] = field(default_factory=list)
    _names: dict[int, str] = field(default_factory=dict)
    _hidden: dict[int, float] = field(default_factory=dict)

    def add(self, image: SceneImage, people: list[Person], camera: Camera) -> None:
        """Count what the pipeline said about one image."""
        self.images += 1
        counts = image.visible.sum(axis=1)
        for index in np.flatnonzero(counts < CLEAR_VISIBLE).tolist():
            self._hidden[index] = image.stamp
        self.wanted += int((counts >= FEWEST_VISIBLE).sum())
        pairs = self._matches(image, people, camera)
        for index, person in pairs.items():
            self.found += int(counts[index] >= FEWEST_VISIBLE)
            self.joints.append(1e3 * person.positions)
            self.truths.append(1e3 * image.positions[index])
            before = self._names.get(index, person.id)
            if before != person.id:
                self.switches += 1
                since = image.stamp - self._hidden.get(index, -np.inf)
                self.unexcused += int(since > OCCLUSION_S)
            self._names[index] = person.id
        self.ghosts += len(people) - len(pairs)

    def report(self) -> dict[str, float]:
        """Return the figures of the scene.

        Returns:
            `recall_percent` of the people with at least 8 joints in sight; `ghosts`, people
            reported as seen where nobody is; `id_switches`, and how many of them came without an
            occlusion (13 or more joints in sight for a second); MPJPE, PA-MPJPE and the error of
            the root, over everybody found [mm].
        """
        figures = {
            'images': self.images,
            'people_in_sight': self.wanted,
            'recall_percent': 100 * self.found / max(self.wanted, 1),
            'ghosts': self.ghosts,
            'id_switches': self.switches,
            'id_switches_without_occlusion': self.unexcused,
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
