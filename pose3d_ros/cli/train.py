"""`pose3d train`: train one or several estimators on rendered people."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pose3d_ros.training.fresh import Fresh

__all__ = ['add_arguments', 'run']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        'recipe',
        nargs='+',
        help='name of a training recipe, such as volumetric; several see the same batches',
    )
    people = parser.add_mutually_exclusive_group(required=True)
    people.add_argument('--data', type=Path, help='shards from `pose3d render`')
    people.add_argument(
        '--fresh',
        metavar='DEVICE',
        help='render people meanwhile, with torch on a device such as cuda, or with numba',
    )
    parser.add_argument('--mocap', type=Path, help='motion capture (.npz) for --fresh')
    parser.add_argument(
        '--people', type=int, default=1024, help='in a generation of --fresh (default 1024)'
    )
    parser.add_argument(
        '--renderers', type=int, default=1, help='processes that render for --fresh (default 1)'
    )
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
    where = arguments.data or _fresh(arguments), arguments.out
    budget = {name: getattr(arguments, name) for name in ('minutes', 'workers', 'threads')}
    if len(recipes) == 1:
        students = [train(each, *where, **budget) for each in recipes.values()]
    else:
        students = list(train_together(recipes, *where, **budget).values())
    finished = all(student.finished for student in students)
    state = 'finished' if finished else 'not finished: run the same command to go on'
    print(f'{arguments.out}: step {students[0].step}, {state}')
    return 0


def _fresh(arguments: argparse.Namespace) -> 'Fresh':
    from pose3d_ros.synthesis.studio import NumbaStudio  # noqa: PLC0415 - needs numba
    from pose3d_ros.training.fresh import Fresh  # noqa: PLC0415
    from pose3d_ros.training.rendering.studio import on_device  # noqa: PLC0415

    return Fresh(
        arguments.out / 'people',
        NumbaStudio if arguments.fresh == 'numba' else on_device(arguments.fresh),
        mocap=arguments.mocap,
        people=arguments.people,
        renderers=arguments.renderers,
    )
