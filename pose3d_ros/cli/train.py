"""`pose3d train`: train an estimator on rendered people."""

import argparse
from dataclasses import replace
from pathlib import Path

__all__ = ['add_arguments', 'run']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument('recipe', help='name of a training recipe, such as volumetric')
    parser.add_argument('--data', type=Path, required=True, help='shards from `pose3d render`')
    parser.add_argument(
        '--out', type=Path, required=True, help='where the run lives; an old one goes on'
    )
    parser.add_argument('--minutes', type=float, default=9.0, help='time budget [min] (default 9)')
    parser.add_argument('--samples', type=int, help="crops to see in all, instead of the recipe's")
    parser.add_argument(
        '--workers', type=int, default=1, help='processes that make crops (default 1)'
    )
    parser.add_argument(
        '--threads', type=int, default=2, help='threads of the network (default 2)'
    )


def run(arguments: argparse.Namespace) -> int:
    """Train for the given time."""
    from pose3d_ros.training.recipe import recipe  # noqa: PLC0415 - needs torch
    from pose3d_ros.training.train import train  # noqa: PLC0415

    chosen = recipe(arguments.recipe)
    if arguments.samples:
        chosen = replace(chosen, samples=arguments.samples)
    student = train(
        chosen,
        arguments.data,
        arguments.out,
        minutes=arguments.minutes,
        workers=arguments.workers,
        threads=arguments.threads,
    )
    state = 'finished' if student.finished else 'not finished: run the same command to go on'
    print(f'{arguments.out}: step {student.step}, {state}')
    return 0
