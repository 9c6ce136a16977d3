"""How long each stage of the pipeline takes, for some runtimes and numbers of people."""

import argparse
import dataclasses
import time
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from pose3d_ros.cli.bench import clip
from pose3d_ros.cli.bench.picture import draw_bars
from pose3d_ros.cli.settings import from_arguments
from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import DataError
from pose3d_ros.motions import Motions
from pose3d_ros.picture import Picture
from pose3d_ros.pipeline import Pipeline

__all__ = ['run', 'spread', 'with_decoding']

_WARM_UP = 10
_BOX = (440.0, 60.0, 400.0, 600.0)  # one person, about 3 m away

Case = tuple[str, int]  # a runtime and a number of people


def run(arguments: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Return a report and a table of the stages from JPEG to people in metres.

    All cases are measured in turn on each image, so that whatever else the machine does meets all
    alike. People are boxes of the same size, so that their number is known.
    """
    config = from_arguments(PipelineConfig, arguments)
    runtimes = arguments.runtimes or [config.runtime]
    pipelines = {
        name: Pipeline.load(
            config=dataclasses.replace(config, runtime=name), clock=time.perf_counter
        )
        for name in runtimes
    }
    cases = [(name, people) for name in runtimes for people in arguments.people]
    seconds = _measure(pipelines, cases, max(arguments.images, 1))
    facts = {name: pipeline.describe() for name, pipeline in pipelines.items()}
    for pipeline in pipelines.values():
        pipeline.close()
    figures = {
        f'{name}, {people} {"person" if people == 1 else "people"}': spread(seconds[name, people])
        for name, people in cases
    }
    if arguments.picture:
        medians = {
            case: {stage: each['median_ms'] for stage, each in stages.items() if stage != 'total'}
            for case, stages in figures.items()
        }
        if not cv2.imwrite(str(arguments.picture), draw_bars(medians)):
            message = f'{arguments.picture} cannot be written'
            raise DataError(message)
    image = f'{clip.WIDTH}x{clip.HEIGHT}'
    report = {'image': image, 'pipelines': facts, 'stages': figures}
    further = {name: _further(seconds, name, arguments.people) for name in runtimes}
    report['further_person'] = {name: round(share, 3) for name, share in further.items() if share}
    return report, _table(report)


def with_decoding(convert: float, timings: Mapping[str, float]) -> dict[str, float]:
    """Return the times by stage, those of decoding as a part of conversion [s].

    Args:
        convert: What conversion took before the pipeline was called [s].
        timings: Of the pipeline.
    """
    stages = {'convert': convert, **timings}
    stages['convert'] += stages.pop('decode', 0.0)
    return stages


def spread(seconds: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Return median and 95th percentile by stage [ms]."""
    return {
        stage: {
            'median_ms': round(1e3 * float(np.median(times)), 3),
            'p95_ms': round(1e3 * float(np.percentile(times, 95)), 3),
        }
        for stage in seconds[-1]
        for times in [[each.get(stage, 0.0) for each in seconds]]
    }


def _measure(
    pipelines: dict[str, Pipeline], cases: list[Case], count: int
) -> dict[Case, list[dict[str, float]]]:
    camera = clip.camera_of()
    motions = {(name, people): Motions(pipelines[name].skeleton) for name, people in cases}
    seconds: dict[Case, list[dict[str, float]]] = {case: [] for case in cases}
    for index, jpeg in enumerate(clip.jpegs(_WARM_UP + count)):
        for name, people in cases:
            begin = time.perf_counter()
            picture = Picture.from_code(jpeg)
            convert = time.perf_counter() - begin
            boxes = [_BOX] * people
            found = pipelines[name](picture, camera, stamp=index / 30, boxes=boxes)
            stages = with_decoding(convert, pipelines[name].timings)
            begin = time.perf_counter()
            motions[name, people].update(found)
            stages['angles'] = time.perf_counter() - begin
            seconds[name, people].append({**stages, 'total': sum(stages.values())})
    return {case: measured[_WARM_UP:] for case, measured in seconds.items()}


def _further(seconds: dict[Case, list[dict[str, float]]], name: str, people: list[int]) -> float:
    """Return what one more person costs, as a share of the first: from the fewest to the most."""
    fewest, most = min(people), max(people)
    if fewest != 1 or most == 1:
        return 0.0
    first, all_ = (
        np.median([each['total'] for each in seconds[name, count]]) for count in (1, most)
    )
    return float((all_ - first) / (most - 1) / first)


def _table(report: dict[str, Any]) -> str:
    lines = [
        ', '.join(f'{key} {value}' for key, value in facts.items())
        for facts in report['pipelines'].values()
    ]
    for case, stages in report['stages'].items():
        lines.append(
            f'{"stage":<8} {"median ms":>10} {"p95 ms":>8}   {case}, {report["image"]} JPEG'
        )
        lines += [
            f'{stage:<8} {each["median_ms"]:>10.2f} {each["p95_ms"]:>8.2f}'
            for stage, each in stages.items()
        ]
    lines += [
        f'{name}: a further person costs {share:.2f} of the first'
        for name, share in report['further_person'].items()
    ]
    return '\n'.join(lines)
