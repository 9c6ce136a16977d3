"""`pose3d train`: train one or several estimators on rendered people."""

import argparse
from dataclasses import replace
from pathlib import Path

__all__ = ['add_arguments', 'run']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        'recipe',
        nargs='+',
        help='name of a training recipe, such as volumetric; several see the same batches',
    )
    parser.add_argument('--data', type=Path, required=True, help='shards from `pose3d render`')
    parser.add_argument(
        '--out',
        type=Path,
        required=True,
        help='where the run lives, and those of several in folders of their names; '
        'an old one goes on',
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
    from pose3d_ros.training.train import train, train_together  # noqa: PLC0415

    recipes = {name: recipe(name) for name in arguments.recipe}
    if arguments.samples:
        recipes = {k: replace(each, samples=arguments.samples) for k, each in recipes.items()}
    where = arguments.data, arguments.out
    budget = {name: getattr(arguments, name) for name in ('minutes', 'workers', 'threads')}
    if len(recipes) == 1:
        students = [train(each, *where, **budget) for each in recipes.values()]
    else:
        students = list(train_together(recipes, *where, **budget).values())
    finished = all(student.finished for student in students)
    state = 'finished' if finished else 'not finished: run the same command to go on'
    print(f'{arguments.out}: step {students[0].step}, {state}')
    return 0
