"""`pose3d ablate`: the papers' comparisons, trained on the same batches and written as tables."""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from pose3d_ros.errors import ConfigError

__all__ = ['add_arguments', 'run']

SMOKE_STEPS = 300


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument('--table', help='which one: T1 to T7')
    parser.add_argument('--data', type=Path, help='shards from `pose3d render`')
    parser.add_argument('--eval', type=Path, help='held-out shards')
    parser.add_argument('--runs', type=Path, help='where the runs live; old ones go on')
    parser.add_argument(
        '--out', type=Path, help='where the table goes (default docs/results; for --smoke --runs)'
    )
    parser.add_argument('--minutes', type=float, default=9.0, help='time budget [min] (default 9)')
    parser.add_argument(
        '--samples', type=int, default=150_000, help='crops for each student (default 150000)'
    )
    parser.add_argument(
        '--trunk-samples',
        type=int,
        default=150_000,
        help='crops for the trunk, where one is trained first (default 150000)',
    )
    parser.add_argument('--crops', type=int, default=2000, help='held-out crops (default 2000)')
    parser.add_argument('--seed', type=int, default=0, help='of weights and batches (default 0)')
    parser.add_argument('--workers', type=int, default=1, help='processes that make crops')
    parser.add_argument('--threads', type=int, default=0, help='of the networks; 0 for all cores')
    parser.add_argument(
        '--smoke',
        action='store_true',
        help='tiny networks: every method, or those of --table, learns and exports',
    )
    parser.add_argument(
        '--steps', type=int, default=SMOKE_STEPS, help=f'of --smoke (default {SMOKE_STEPS})'
    )


def run(arguments: argparse.Namespace) -> int:
    """Write a table, or show that every method works."""
    if arguments.table:
        return _table(arguments)
    if arguments.smoke:
        return _smoke(arguments)
    msg = 'nothing to do: give --table or --smoke'
    raise ConfigError(msg)


def _table(arguments: argparse.Namespace) -> int:
    from pose3d_ros.training.ablation.run import Effort, ablate, smoke_effort  # noqa: PLC0415

    name = arguments.table
    for option in ('data', 'eval', 'runs'):
        if getattr(arguments, option) is None:
            msg = f'--table needs --{option}'
            raise ConfigError(msg)
    chosen = {key: getattr(arguments, key) for key in ('minutes', 'seed', 'threads')}
    if arguments.smoke:
        effort = replace(smoke_effort(arguments.steps), **chosen)
        out = arguments.out or arguments.runs
    else:
        counts = ('samples', 'trunk_samples', 'crops', 'workers')
        measured = {key: getattr(arguments, key) for key in counts}
        effort = Effort(**chosen, **measured)
        out = arguments.out or Path('docs/results')
    command = (
        f'pose3d ablate --table {name} --data DATA --eval EVAL --runs RUNS '
        f'--samples {effort.samples} --trunk-samples {effort.trunk_samples} '
        f'--seed {effort.seed} --minutes MINUTES'
    )
    path = ablate(
        name, arguments.data, arguments.eval, arguments.runs, out, effort=effort, command=command
    )
    print(path.read_text())
    return 0


def _smoke(arguments: argparse.Namespace) -> int:
    from pose3d_ros.training.ablation.run import smoke  # noqa: PLC0415 - needs torch

    with tempfile.TemporaryDirectory() as folder:
        verdicts = smoke(
            arguments.runs or Path(folder),
            data=arguments.data,
            steps=arguments.steps,
            threads=arguments.threads,
        )
    print(f'{"recipe":<22} {"loss":>17} {"px":>9} {"mm":>9}')
    for name, verdict in verdicts.items():
        losses = f'{verdict.first:7.3f} -> {verdict.last:6.3f}'
        parity = f'{verdict.parity.pixels_px:9.1e} {verdict.parity.depth_mm:9.1e}'
        print(f'{name:<22} {losses:>17} {parity} {"ok" if verdict.good else "BAD"}')
    bad = [name for name, verdict in verdicts.items() if not verdict.good]
    if bad:
        print(f'the loss does not fall, or the model file differs from torch: {", ".join(bad)}')
    return 1 if bad else 0
