"""`pose3d evaluate`: the accuracy of an estimator on held-out rendered people and on photos."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import cv2

from pose3d_ros.cli.settings import add_settings, from_arguments
from pose3d_ros.config import PipelineConfig
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
    parser.add_argument(
        '--scene',
        choices=('crowd', 'empty', 'noise', 'clip'),
        help='follow people through a rendered scene: five who cross, none in a room, none in '
        'noise, or the one of the demo',
    )
    parser.add_argument(
        '--seconds', type=float, help='length of a scene [s] (default: 20 for crowd, else 60)'
    )
    parser.add_argument(
        '--seed',
        type=int,
        help='of a rendered scene: other bodies in other clothes on the same ways, other noise '
        '(default 11)',
    )
    parser.add_argument(
        '--reliability', type=Path, help='with --data: write the reliability diagram here'
    )
    add_settings(parser, PipelineConfig)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and print JSON."""
    if not (arguments.data or arguments.photos or arguments.scene):
        msg = 'nothing to evaluate on: give --data, --photos or --scene'
        raise ConfigError(msg)
    config = from_arguments(PipelineConfig, arguments)
    if arguments.data:
        print(json.dumps(_rendered(config, arguments), indent=1))
    if arguments.photos:
        _photos(config, arguments)
    if arguments.scene:
        print(json.dumps(_scene(config, arguments), indent=1))
    return 0


def _rendered(config: PipelineConfig, arguments: argparse.Namespace) -> dict[str, float]:
    from pose3d_ros.pipeline import Pipeline  # noqa: PLC0415
    from pose3d_ros.training import evaluate  # noqa: PLC0415 - needs numba
    from pose3d_ros.training.curves import reliability_diagram  # noqa: PLC0415

    pipeline = Pipeline.load(config=config)
    size = pipeline.estimator.input_size[0]
    crops = evaluate.held_out_crops(arguments.data, size, arguments.crops)
    if arguments.reliability:
        bins = evaluate.reliability(pipeline.estimator, crops)
        arguments.reliability.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(arguments.reliability), reliability_diagram(bins))
    return evaluate.on_rendered(pipeline.estimator, crops, pipeline.skeleton)


def _scene(config: PipelineConfig, arguments: argparse.Namespace) -> dict[str, float]:
    from pose3d_ros.pipeline import Pipeline  # noqa: PLC0415
    from pose3d_ros.synthesis import scene  # noqa: PLC0415 - needs numba
    from pose3d_ros.training import scenes  # noqa: PLC0415

    pipeline = Pipeline.load(config=config)
    if arguments.scene == 'clip':
        clip, camera = scenes.shipped_clip()
        figures = scenes.on_scene(pipeline, clip, camera)
        return figures | scenes.steadiness(pipeline, clip, camera)
    seconds = arguments.seconds or (20.0 if arguments.scene == 'crowd' else 60.0)
    plan = scene.ScenePlan(seconds=seconds)
    if arguments.seed is not None:
        plan = replace(plan, seed=arguments.seed)
    images = {'crowd': scene.crowd, 'empty': scene.empty_room, 'noise': scene.noise}
    return scenes.on_scene(pipeline, images[arguments.scene](plan), plan.camera)


def _photos(config: PipelineConfig, arguments: argparse.Namespace) -> None:
    from pose3d_ros.pipeline import Pipeline  # noqa: PLC0415
    from pose3d_ros.training import photos  # noqa: PLC0415

    result = photos.on_photos(Pipeline.load(config=config), arguments.photos)
    print(json.dumps({'pck_percent': result.pck, 'missed': result.missed}, indent=1))
    if arguments.sheet:
        arguments.sheet.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(arguments.sheet), photos.contact_sheet(result.overlays))
