"""`pose3d video`: the people in a video file."""

import argparse
import json
import sys
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from pose3d_ros.camera import Camera
from pose3d_ros.cli.image import described
from pose3d_ros.cli.settings import add_settings, from_arguments
from pose3d_ros.config import NodeConfig, PipelineConfig
from pose3d_ros.drawing import draw_people
from pose3d_ros.errors import ConfigError, ImageError
from pose3d_ros.footage import Footage
from pose3d_ros.options import options
from pose3d_ros.pipeline import Pipeline

__all__ = ['add_arguments', 'run']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file, what to do with it, and all settings of the pipeline."""
    parser.add_argument('file', type=Path, metavar='FILE', help='the video: MP4, AVI, MKV, ...')
    parser.add_argument(
        '--out', type=Path, metavar='VIDEO', help='write the video with skeletons here (.mp4)'
    )
    parser.add_argument(
        '--json', action='store_true', help='print one JSON object per image, one per line'
    )
    names = [option.name for option in options(PipelineConfig)]
    add_settings(parser, NodeConfig, [*names, 'fov_deg'])


def run(arguments: argparse.Namespace) -> int:
    """Follow the people through the video."""
    if not (arguments.out or arguments.json):
        msg = 'nothing to do: give --out overlay.mp4, --json or both'
        raise ConfigError(msg)
    config = from_arguments(NodeConfig, arguments)
    with ExitStack() as stack:
        footage = Footage(arguments.file)
        stack.callback(footage.close)
        camera = Camera.from_fov(*footage.size, config.fov_deg)
        pipeline = Pipeline.load(config=config)
        stack.callback(pipeline.close)
        film = _Film(arguments.out, footage) if arguments.out else None
        if film:
            stack.callback(film.close)
        bar = tqdm(footage, total=footage.count or None, unit='image', file=sys.stderr)
        seen: set[str] = set()
        for step, image in enumerate(bar):
            people = pipeline(image, camera, stamp=step / footage.fps)
            seen |= {person.id for person in people}
            bar.set_postfix(people=len(seen), refresh=False)
            if arguments.json:
                facts = {'image': step, 'stamp_s': round(step / footage.fps, 4)}
                print(json.dumps({**facts, 'people': [described(person) for person in people]}))
            if film:
                film.add(draw_people(image, people, pipeline.skeleton))
    if footage.count > step + 1:
        print(
            f'pose3d video: {arguments.file} promises {footage.count} images, but ends after '
            f'{step + 1}: is it cut off?',
            file=sys.stderr,
        )
    return 0


class _Film:
    """A video file that grows."""

    def __init__(self, path: Path, like: Footage) -> None:
        """Begin a file with the size and rate of other footage.

        Raises:
            ImageError: It cannot be written.
        """
        code = cv2.VideoWriter.fourcc(*'mp4v')
        self._writer = cv2.VideoWriter(str(path), code, like.fps, like.size)
        if path.suffix != '.mp4' or not self._writer.isOpened():
            msg = f'the video {path} cannot be written: is its folder there, and its suffix .mp4?'
            raise ImageError(msg)

    def add(self, image: NDArray[np.uint8]) -> None:
        """Append an image."""
        self._writer.write(image)

    def close(self) -> None:
        """Finish the file."""
        self._writer.release()
