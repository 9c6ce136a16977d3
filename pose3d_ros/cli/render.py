"""`pose3d render`: people with exact labels, as shards, a contact sheet or the demo's clip."""

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from pose3d_ros.errors import ConfigError

__all__ = ['add_arguments', 'run']

GRID_COLUMNS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument('--out', type=Path, help='folder for shards of cut-outs')
    parser.add_argument('--shards', type=int, default=14, help='how many shards (default 14)')
    parser.add_argument('--people', type=int, default=2000, help='in a shard (default 2000)')
    parser.add_argument('--workers', type=int, default=2, help='processes (default 2)')
    parser.add_argument(
        '--torch', metavar='DEVICE', help='render with torch on a device, such as cuda'
    )
    parser.add_argument('--mocap', type=Path, help='folder with motion capture (.npz)')
    parser.add_argument('--held-out', action='store_true', help='render the evaluation split')
    parser.add_argument('--grid', type=Path, help='write a contact sheet of training crops')
    parser.add_argument('--data', type=Path, help='the shards that --grid draws from')
    parser.add_argument('--clip', type=Path, help='write a clip (.mp4) and its truth (.npz)')


def run(arguments: argparse.Namespace) -> int:
    """Render what was asked for."""
    if not (arguments.out or arguments.grid or arguments.clip):
        msg = 'nothing to do: give --out, --grid or --clip'
        raise ConfigError(msg)
    if arguments.out:
        _shards(arguments)
    if arguments.grid:
        _grid(arguments)
    if arguments.clip:
        _clip(arguments.clip)
    return 0


def _shards(arguments: argparse.Namespace) -> None:
    from pose3d_ros.synthesis.shards import ShardJob, write_shards  # noqa: PLC0415 - needs numba

    job = ShardJob(
        arguments.out,
        count=arguments.people,
        mocap=arguments.mocap,
        held_out=arguments.held_out,
    )
    if arguments.torch:
        from pose3d_ros.training.rendering.studio import on_device  # noqa: PLC0415 - needs torch

        job = replace(job, studio=on_device(arguments.torch))
    write_shards(job, range(arguments.shards), workers=arguments.workers)


def _grid(arguments: argparse.Namespace) -> None:
    from pose3d_ros.synthesis.compose import Composer  # noqa: PLC0415 - needs numba

    folder = arguments.data or arguments.out
    if folder is None:
        msg = '--grid draws from shards: name their folder with --data or --out'
        raise ConfigError(msg)
    crops = Composer.load(folder, held_out=arguments.held_out).batch((0,), 60, 128)
    rows = [
        np.hstack(list(crops.image[start : start + GRID_COLUMNS]))
        for start in range(0, len(crops.image), GRID_COLUMNS)
    ]
    sheet = np.ascontiguousarray(np.vstack(rows)[..., ::-1])
    try:
        written = cv2.imwrite(str(arguments.grid), sheet)
    except cv2.error:  # an unknown suffix
        written = False
    if not written:
        msg = f'{arguments.grid} cannot be written: name a .png or .jpg in a folder that exists'
        raise ConfigError(msg)


def _clip(path: Path) -> None:
    from pose3d_ros.synthesis.clip import ClipPlan, render_clip  # noqa: PLC0415 - needs numba

    render_clip(ClipPlan(), path)
