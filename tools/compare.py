"""Compare this package with MediaPipe Pose on the same images, in turn, in one run.

Usage: compare.py PEER_PYTHON [--media FOLDER] [settings of the pipeline]

PEER_PYTHON is the interpreter of an environment with MediaPipe. The rendered clip of the demo is
always compared; the photographs (labels.json) and clips (*.mp4) of a folder if it is given. Both
see an image before either sees the next, so that other work on the machine slows both alike. The
twelve limb joints are compared by name; errors in metres are about the middle of the hips. Jitter
is the root mean square change of the error from one image to the next, in the tenth of the images
in which the body moves least.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pose3d_ros import Camera, PersonState, Pipeline, PipelineConfig, metrics
from pose3d_ros.cli.settings import add_settings, from_arguments
from pose3d_ros.footage import Footage
from pose3d_ros.training.photos import LIMBS, labelled_photos
from pose3d_ros.training.scenes import SLOW, shipped_clip

Array = NDArray[np.float64]

PEER = Path(__file__).with_name('mediapipe_peer.py')
FOV_DEG = 60.0
HIPS = [LIMBS.index('l_hip'), LIMBS.index('r_hip')]
SEEN = (PersonState.ENTERING, PersonState.SEEN)


@dataclass(frozen=True)
class Shot:
    """One image with what is known about it.

    Attributes:
        image: BGR.
        stamp: When it was taken [s].
        camera: That took it.
        pixels: The limb joints, NaN where not labelled, shape (12, 2) [px]; None if unknown.
        metres: The limb joints, shape (12, 3) [m]; None if unknown.
        side: Longer side of the person's box [px].
    """

    image: NDArray[np.uint8]
    stamp: float
    camera: Camera
    pixels: Array | None = None
    metres: Array | None = None
    side: float = 1.0


@dataclass
class Answers:
    """What one of the two said about a set of images."""

    pixels: list[Array] = field(default_factory=list)
    metres: list[Array] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)

    def add(self, pixels: Array | None, metres: Array | None, ms: float) -> None:
        """Take in one answer; None is nobody."""
        self.pixels.append(np.full((12, 2), np.inf) if pixels is None else pixels)
        self.metres.append(np.full((12, 3), np.nan) if metres is None else metres)
        self.ms.append(ms)


class Peer:
    """MediaPipe in its own process."""

    def __init__(self, python: str) -> None:
        """Start it."""
        self._process = subprocess.Popen(  # noqa: S603 - the interpreter that the user names
            [python, str(PEER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __call__(
        self, image: NDArray[np.uint8], *, still: bool
    ) -> tuple[Array | None, Array | None, float]:
        """Return pixels, metres and milliseconds."""
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        if pipe_in is None or pipe_out is None:
            raise AssertionError
        head = {'height': image.shape[0], 'width': image.shape[1], 'still': still}
        pipe_in.write(json.dumps(head).encode() + b'\n' + image.tobytes())
        pipe_in.flush()
        line = pipe_out.readline()
        if not line:
            sys.exit('compare: the process with MediaPipe ended: is mediapipe installed there?')
        answer = json.loads(line)
        return _by_name(answer['pixels']), _by_name(answer['metres']), answer['ms']

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def _by_name(joints: dict[str, Any] | None) -> Array | None:
    return None if joints is None else np.array([joints[name] for name in LIMBS], float)


def _ours(pipeline: Pipeline, shot: Shot) -> tuple[Array | None, Array | None, float]:
    """Return what the pipeline says; of several people the one that is nearest to the labels."""
    limbs = [pipeline.skeleton.index(name) for name in LIMBS]
    begin = time.perf_counter()
    people = pipeline(shot.image, shot.camera, shot.stamp)
    ms = 1e3 * (time.perf_counter() - begin)
    seen = [person for person in people if person.state in SEEN]
    if not seen:
        return None, None, ms
    if shot.pixels is not None:
        known = shot.pixels
        seen.sort(key=lambda p: float(np.nanmean(np.linalg.norm(p.pixels[limbs] - known, axis=1))))
    return seen[0].pixels[limbs], seen[0].positions[limbs], ms


def _photos(folder: Path) -> Iterator[Shot]:
    for _, image, labels in labelled_photos(folder):
        camera = Camera.from_fov(image.shape[1], image.shape[0], FOV_DEG)
        pixels = np.array(
            [labels[name][:2] if labels[name][2] else (np.nan,) * 2 for name in LIMBS]
        )
        everything = np.array([label[:2] for label in labels.values()])
        yield Shot(image, 0.0, camera, pixels, None, float(np.ptp(everything, axis=0).max()))


def _rendered(pipeline: Pipeline) -> Iterator[Shot]:
    images, camera = shipped_clip()
    limbs = [pipeline.skeleton.index(name) for name in LIMBS]
    for each in images:
        pixels = camera.project(each.positions[0])
        side = float(np.ptp(pixels, axis=0).max())
        yield Shot(each.image, each.stamp, camera, pixels[limbs], each.positions[0, limbs], side)


def _clip(path: Path) -> Iterator[Shot]:
    footage = Footage(path)
    camera = Camera.from_fov(*footage.size, FOV_DEG)
    for step, image in enumerate(footage):
        yield Shot(image, step / footage.fps, camera)
    footage.close()


def _compare(
    pipeline: Pipeline, peer: Peer, shots: Iterator[Shot], *, still: bool, title: str
) -> None:
    """Show every image to both, and print two rows of the table."""
    pipeline.reset()
    ours, theirs, known = Answers(), Answers(), []
    for shot in tqdm(shots, desc=title, unit='image'):
        if still:
            pipeline.reset()
        ours.add(*_ours(pipeline, shot))
        theirs.add(*peer(shot.image, still=still))
        known.append(shot)
    for name, answers in (('pose3d_ros', ours), ('MediaPipe Pose', theirs)):
        cells = _row(answers, known)
        print(f'| {title} | {name} | ' + ' | '.join(cells) + ' |')


def _row(answers: Answers, shots: Sequence[Shot]) -> list[str]:
    found = [i for i, pixels in enumerate(answers.pixels) if np.isfinite(pixels).all()]
    cells = ['', '', '', '', '']
    if shots[0].pixels is not None:
        truth = np.stack([shot.pixels for shot in shots])  # type: ignore[arg-type]
        sides = [shot.side for shot in shots]
        for index, threshold in enumerate((0.1, 0.2)):
            share = metrics.pck2d(np.stack(answers.pixels), truth, sides, threshold)
            cells[index] = f'{share:.1f} %'
    if shots[0].metres is not None and found:
        truth = 1e3 * np.stack([shots[i].metres for i in found])  # type: ignore[misc]
        pred = 1e3 * np.stack([answers.metres[i] for i in found])
        truth, pred = (each - each[:, HIPS].mean(axis=1, keepdims=True) for each in (truth, pred))
        cells[2] = f'{np.linalg.norm(pred - truth, axis=-1).mean():.0f} mm'
        cells[3] = f'{metrics.pa_mpjpe(pred, truth):.0f} mm'
        cells[4] = f'{_jitter(pred, truth, [shots[i].stamp for i in found]):.1f} mm'
    return [*cells, f'{len(found)} / {len(shots)}', f'{np.median(answers.ms):.1f}']


def _jitter(pred: Array, truth: Array, stamps: list[float]) -> float:
    """Return the root mean square change of the error where the body moves least [mm]."""
    elapsed = np.diff(stamps)
    change = np.linalg.norm(np.diff(pred - truth, axis=0), axis=-1)
    speed = np.linalg.norm(np.diff(truth, axis=0), axis=-1) / elapsed[:, None]
    fastest = speed.max(axis=1)
    still = (fastest <= np.quantile(fastest, SLOW)) & (elapsed < 1.5 * np.median(elapsed))
    return float(np.sqrt((change[still] ** 2).mean())) if still.any() else float('nan')


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('peer', help='interpreter of the environment with MediaPipe')
    parser.add_argument('--media', type=Path, help='folder with labels.json, photographs, clips')
    add_settings(parser, PipelineConfig)
    arguments = parser.parse_args()
    pipeline = Pipeline.load(config=from_arguments(PipelineConfig, arguments))
    peer = Peer(arguments.peer)
    print(', '.join(f'{key} {value}' for key, value in pipeline.describe().items()))
    print('| images | who | PCK@0.1 | PCK@0.2 | MPJPE | PA-MPJPE | jitter | found | ms |')
    print('| --- | --- | --- | --- | --- | --- | --- | --- | --- |')
    _compare(pipeline, peer, _rendered(pipeline), still=False, title='rendered clip')
    if arguments.media:
        if (arguments.media / 'labels.json').exists():
            _compare(pipeline, peer, _photos(arguments.media), still=True, title='photographs')
        for path in sorted(arguments.media.glob('*.mp4')):
            _compare(pipeline, peer, _clip(path), still=False, title=path.stem)
    peer.close()
    pipeline.close()
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
