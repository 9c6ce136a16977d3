"""How good the whole pipeline is on labelled photographs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.camera import Camera
from pose3d_ros.drawing import draw_people
from pose3d_ros.errors import DataError
from pose3d_ros.person import Person
from pose3d_ros.pipeline import Pipeline
from pose3d_ros.skeleton import H36M_17

Array = NDArray[np.float64]
Image = NDArray[np.uint8]

LIMBS = tuple(
    f'{side}_{joint}'
    for joint in ('hip', 'knee', 'ankle', 'shoulder', 'elbow', 'wrist')
    for side in 'lr'
)
THRESHOLDS = (0.1, 0.2)


@dataclass(frozen=True, slots=True)
class PhotoResult:
    """What the pipeline found on labelled photographs.

    Attributes:
        pck: Share of joints within a fraction of the longer side of the person's box [%]: keys
            such as 'limbs@0.1' (twelve limb joints) and 'all@0.2' (all labelled joints in sight).
        missed: Photographs on which nobody was found; all their joints count as wrong.
        overlays: The photographs with the skeletons drawn, by name, BGR.
    """

    pck: dict[str, float]
    missed: tuple[str, ...]
    overlays: dict[str, Image]


def on_photos(pipeline: Pipeline, folder: Path, fov_deg: float = 60.0) -> PhotoResult:
    """Run the whole pipeline on photographs, nothing given but the picture.

    Args:
        pipeline: Any.
        folder: Holds `labels.json` ({file: {joint: [u, v, in_sight]}}) and the photographs.
        fov_deg: Horizontal field of view assumed for them.

    Raises:
        DataError: The folder has no labels, or a photograph is missing.
    """
    errors: dict[str, list[float]] = {'limbs': [], 'all': []}
    missed, overlays = [], {}
    for name, image, labels in labelled_photos(folder):
        pipeline.reset()
        camera = Camera.from_fov(image.shape[1], image.shape[0], fov_deg)
        people = pipeline(image, camera, stamp=0.0)
        overlays[name] = draw_people(image, people, H36M_17)
        offsets = _offsets(people, labels)
        if offsets is None:
            missed.append(name)
        for joint, label in labels.items():
            if label[2]:
                offset = np.inf if offsets is None else offsets[joint]
                errors['all'].append(offset)
                if joint in LIMBS:
                    errors['limbs'].append(offset)
    pck = {
        f'{group}@{threshold}': 100 * float(np.mean(np.array(values) < threshold))
        for group, values in errors.items()
        for threshold in THRESHOLDS
    }
    return PhotoResult(pck, tuple(missed), overlays)


def labelled_photos(
    folder: Path,
) -> Iterator[tuple[str, Image, dict[str, list[float]]]]:
    """Yield name, picture (BGR) and labels of each photograph; see `on_photos`."""
    for name, labels in _labels(folder).items():
        yield name, _photo(folder, name), labels


def contact_sheet(overlays: dict[str, Image], columns: int = 5, width: int = 480) -> Image:
    """Return all pictures side by side, each `width` pixels wide."""
    tiles = [
        cv2.resize(o, (width, width * o.shape[0] // o.shape[1]), interpolation=cv2.INTER_AREA)
        for o in overlays.values()
    ]
    height = max(t.shape[0] for t in tiles)
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for i, tile in enumerate(tiles):
        y, x = height * (i // columns), width * (i % columns)
        sheet[y : y + tile.shape[0], x : x + width] = tile
    return sheet


def _labels(folder: Path) -> dict[str, dict[str, list[float]]]:
    path = folder / 'labels.json'
    if not path.exists():
        msg = f'{path} is missing: expected {{file: {{joint: [u, v, in_sight]}}}}'
        raise DataError(msg)
    labels: dict[str, dict[str, list[float]]] = json.loads(path.read_text())
    return labels


def _photo(folder: Path, name: str) -> Image:
    for path in (folder / name, folder / 'photos' / name):
        if path.exists():
            return np.asarray(cv2.imread(str(path)), np.uint8)
    msg = f'{folder} has labels for {name}, but no such photograph'
    raise DataError(msg)


def _offsets(people: list[Person], labels: dict[str, list[float]]) -> dict[str, float] | None:
    """Return each joint's distance from its label over the longer side of the labels' box.

    The labelled person is taken to be the nearest of those found; None if there is nobody.
    """
    if not people:
        return None
    joints = [H36M_17.index(joint) for joint in labels]
    truth = np.array([label[:2] for label in labels.values()], float)
    side = float(np.ptp(truth, axis=0).max())
    found = [np.linalg.norm(p.pixels[joints] - truth, axis=1) / side for p in people]
    nearest = min(found, key=lambda offsets: float(offsets.mean()))
    return dict(zip(labels, (float(o) for o in nearest), strict=True))
