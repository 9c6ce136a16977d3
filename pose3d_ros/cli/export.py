"""`pose3d export`: a model file from a training run, measured and compared with torch."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

__all__ = ['add_arguments', 'run']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument('run', type=Path, help='folder of a run of `pose3d train`')
    parser.add_argument('out', type=Path, help='the model file to write (.onnx)')
    parser.add_argument('--recipe', required=True, help='the recipe of the run')
    parser.add_argument('--data', type=Path, required=True, help='the shards it was trained on')
    parser.add_argument('--eval', type=Path, required=True, help='held-out shards')
    parser.add_argument(
        '--crops', type=int, default=2000, help='held-out crops, or frames (default 2000)'
    )


def run(arguments: argparse.Namespace) -> int:
    """Export, evaluate and print metrics and parity as JSON."""
    from pose3d_ros.training.detection import release_detector  # noqa: PLC0415 - needs torch
    from pose3d_ros.training.recipe import recipe  # noqa: PLC0415
    from pose3d_ros.training.release import release  # noqa: PLC0415

    if recipe(arguments.recipe).material == 'frames':
        metrics = release_detector(
            arguments.run,
            arguments.recipe,
            arguments.out,
            held_out=arguments.eval,
            frames=arguments.crops,
        )
        print(json.dumps({'metrics': metrics}, indent=1))
        return 0
    released = release(
        arguments.run,
        arguments.recipe,
        arguments.out,
        data=arguments.data,
        held_out=arguments.eval,
        crops=arguments.crops,
    )
    report = {
        'metrics': released.metrics,
        'parity_with_torch': asdict(released.parity),
        'losses': {precision: asdict(loss) for precision, loss in released.losses.items()},
    }
    print(json.dumps(report, indent=1))
    return 0
