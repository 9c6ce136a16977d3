"""Another program beside ours: both get the same images in turn, in one run."""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from pose3d_ros.cli.bench import clip
from pose3d_ros.cli.bench.stages import spread, with_decoding
from pose3d_ros.cli.settings import from_arguments
from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import DataError
from pose3d_ros.person import PersonState
from pose3d_ros.picture import Picture
from pose3d_ros.pipeline import Pipeline

__all__ = ['run']

_WARM_UP = 20


def run(arguments: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Return a report and a table: from a JPEG to a skeleton, one person, who is followed.

    The other program runs in a process of its own, with a Python of its own, and waits while ours
    is at work. Both read the JPEG from a file outside the time that is measured.
    """
    pipeline = Pipeline.load(
        config=from_arguments(PipelineConfig, arguments), clock=time.perf_counter
    )
    camera = clip.camera_of()
    ours: list[dict[str, float]] = []
    theirs: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder, _peer(arguments.peer_python) as peer:
        for index, jpeg in enumerate(clip.jpegs(_WARM_UP + max(arguments.images, 1))):
            path = Path(folder) / 'image.jpg'
            path.write_bytes(jpeg.tobytes())
            theirs.append(_ask(peer, path))
            ours.append(_answer(pipeline, path, camera, index / 30))
    facts = pipeline.describe()
    pipeline.close()
    report = _report(facts, ours[_WARM_UP:], theirs[_WARM_UP:])
    return report, _table(report)


@contextmanager
def _peer(python: Path) -> Iterator['subprocess.Popen[str]']:
    """Start MediaPipe Pose, which answers one line with times for each path that it is given."""
    if not python.exists():
        message = f'there is no {python}: `make bench-mediapipe` installs MediaPipe there'
        raise DataError(message)
    script = Path(__file__).with_name('mediapipe_peer.py')
    process = subprocess.Popen(  # noqa: S603 - the Python that the user names
        [python.absolute(), script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.communicate()


def _ask(peer: 'subprocess.Popen[str]', path: Path) -> dict[str, float]:
    if peer.stdin is None or peer.stdout is None:
        message = 'the other program has no pipes'
        raise DataError(message)
    try:
        print(path, file=peer.stdin, flush=True)
        words = peer.stdout.readline().split()
    except BrokenPipeError:
        words = []
    if len(words) != 3:
        message = 'MediaPipe ended: run pose3d_ros/cli/bench/mediapipe_peer.py to see why'
        raise DataError(message)
    total, convert, seen = (float(word) for word in words)
    return {'convert': convert, 'rest': total - convert, 'total': total, 'seen': seen}


def _answer(pipeline: Pipeline, path: Path, camera: Any, stamp: float) -> dict[str, float]:  # noqa: ANN401
    data = np.fromfile(path, np.uint8)
    begin = time.perf_counter()
    picture = Picture.from_code(data)
    convert = time.perf_counter() - begin
    people = pipeline(picture, camera, stamp)
    total = time.perf_counter() - begin
    stages = with_decoding(convert, pipeline.timings)
    here = (PersonState.ENTERING, PersonState.SEEN)
    seen = float(any(person.state in here for person in people))
    return {**stages, 'total': total, 'seen': seen}


def _report(
    facts: dict[str, str], ours: list[dict[str, float]], theirs: list[dict[str, float]]
) -> dict[str, Any]:
    report: dict[str, Any] = {'pipeline': facts, 'peer': 'MediaPipe Pose 0.10.21, full model'}
    for name, measured in (('ours', ours), ('theirs', theirs)):
        figures = spread(measured)
        del figures['seen']
        seen = float(np.mean([each['seen'] for each in measured]))
        report[name] = {'stages': figures, 'seen': round(seen, 3)}
    totals = [report[name]['stages']['total']['median_ms'] for name in ('ours', 'theirs')]
    pairs = [a['total'] / b['total'] for a, b in zip(ours, theirs, strict=True)]
    report['ratio_of_medians'] = round(totals[0] / totals[1], 3)
    report['median_of_ratios'] = round(float(np.median(pairs)), 3)
    report['images'] = len(ours)
    return report


def _table(report: dict[str, Any]) -> str:
    lines = [
        ', '.join(f'{key} {value}' for key, value in report['pipeline'].items()),
        f'against {report["peer"]}; {report["images"]} images, {clip.WIDTH} x {clip.HEIGHT} JPEG',
        f'{"":<8} {"stage":<8} {"median ms":>10} {"p95 ms":>8}',
    ]
    for name in ('ours', 'theirs'):
        lines += [
            f'{name:<8} {stage:<8} {each["median_ms"]:>10.2f} {each["p95_ms"]:>8.2f}'
            for stage, each in report[name]['stages'].items()
        ]
        lines.append(f'{name:<8} somebody seen in {report[name]["seen"]:.0%} of the images')
    lines.append(
        f'ratio of medians, ours / theirs: {report["ratio_of_medians"]:.2f} '
        f'(median of ratios {report["median_of_ratios"]:.2f})'
    )
    return '\n'.join(lines)
