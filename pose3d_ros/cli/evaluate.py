"""`pose3d evaluate`: the accuracy of an estimator on held-out rendered people and on photos."""

import argparse
import json
from pathlib import Path

import cv2

from pose3d_ros.config import PipelineConfig, from_arguments
from pose3d_ros.config import add_arguments as add_settings
from pose3d_ros.errors import ConfigError

__all__ = ['add_arguments', 'run']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        '--data', type=Path, help='held-out shards from `pose3d render --held-out`'
    )
    parser.add_argument('--crops', type=int, default=2000, help='held-out crops (default 2000)')
    parser.add_argument('--photos', type=Path, help='folder with labels.json and photographs')
    parser.add_argument('--sheet', type=Path, help='write the photographs with skeletons here')
    add_settings(parser, PipelineConfig)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and print JSON."""
    if not (arguments.data or arguments.photos):
        msg = 'nothing to evaluate on: give --data or --photos'
        raise ConfigError(msg)
    config = from_arguments(PipelineConfig, arguments)
    if arguments.data:
        print(json.dumps(_rendered(config, arguments.data, arguments.crops), indent=1))
    if arguments.photos:
        _photos(config, arguments)
    return 0


def _rendered(config: PipelineConfig, folder: Path, count: int) -> dict[str, float]:
    from pose3d_ros.pipeline import Pipeline  # noqa: PLC0415
    from pose3d_ros.training import evaluate  # noqa: PLC0415 - needs numba

    pipeline = Pipeline.load(config=config)
    crops = evaluate.held_out_crops(folder, pipeline.estimator.input_size[0], count)
    return evaluate.on_rendered(pipeline.estimator, crops, pipeline.skeleton)


def _photos(config: PipelineConfig, arguments: argparse.Namespace) -> None:
    from pose3d_ros.pipeline import Pipeline  # noqa: PLC0415
    from pose3d_ros.training import photos  # noqa: PLC0415

    result = photos.on_photos(Pipeline.load(config=config), arguments.photos)
    print(json.dumps({'pck_percent': result.pck, 'missed': result.missed}, indent=1))
    if arguments.sheet:
        arguments.sheet.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(arguments.sheet), photos.contact_sheet(result.overlays))
