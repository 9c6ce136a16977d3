"""`pose3d image`: the people in a picture."""

import argparse
import json
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pose3d_ros.camera import Camera
from pose3d_ros.cli.settings import add_settings, from_arguments
from pose3d_ros.config import NodeConfig, PipelineConfig
from pose3d_ros.drawing import draw_story
from pose3d_ros.errors import BoxError, ImageError
from pose3d_ros.options import options
from pose3d_ros.person import JointState, Person
from pose3d_ros.pipeline import Pipeline
from pose3d_ros.skeleton import Skeleton

__all__ = ['add_arguments', 'run']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the picture, what to do with it, and all settings of the pipeline."""
    parser.add_argument('file', type=Path, metavar='FILE', help='the picture: JPEG, PNG, ...')
    parser.add_argument(
        '--out', type=Path, metavar='PICTURE', help='draw the skeletons into this picture'
    )
    parser.add_argument('--json', action='store_true', help='print everything as JSON')
    parser.add_argument(
        '--boxes',
        nargs='+',
        metavar='X,Y,W,H',
        help='look for one person in each of these boxes [px] instead of everywhere',
    )
    names = [option.name for option in options(PipelineConfig)]
    add_settings(parser, NodeConfig, [*names, 'fov_deg'])


def run(arguments: argparse.Namespace) -> int:
    """Print the people of the picture, as lines or as JSON, and draw them."""
    config = from_arguments(NodeConfig, arguments)
    image = read_image(arguments.file)
    height, width = image.shape[:2]
    camera = Camera.from_fov(width, height, config.fov_deg)
    boxes = None if arguments.boxes is None else [parse_box(text) for text in arguments.boxes]
    pipeline = Pipeline.load(config=config)
    people = pipeline(image, camera, stamp=0.0, boxes=boxes)
    if arguments.json:
        print(json.dumps(_report(arguments.file, camera, people, pipeline.skeleton)))
    else:
        _print_people(people, pipeline.skeleton)
    if arguments.out:
        _write_image(arguments.out, draw_story(image, people, pipeline.skeleton))
    pipeline.close()
    return 0


def read_image(path: Path) -> NDArray[np.uint8]:
    """Return a picture, BGR, upright, shape (height, width, 3).

    Raises:
        ImageError: There is no such file, or it is not a picture.
    """
    if not path.is_file():
        msg = f'there is no picture {path}'
        raise ImageError(msg)
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        msg = f'{path} is not a picture, or a damaged one'
        raise ImageError(msg)
    return np.asarray(image, np.uint8)


def parse_box(text: str) -> tuple[float, ...]:
    """Return the numbers of a box written as x,y,width,height.

    Raises:
        BoxError: The text is not four numbers.
    """
    try:
        x, y, width, height = (float(number) for number in text.split(','))
    except ValueError:
        msg = f'{text!r} is not a box: write x,y,width,height in pixels, such as 100,50,200,400'
        raise BoxError(msg) from None
    return x, y, width, height


def _write_image(path: Path, image: NDArray[np.uint8]) -> None:
    try:
        written = cv2.imwrite(str(path), image)
    except cv2.error:
        written = False
    if not written:
        msg = f'the picture {path} cannot be written: is its folder there, and its suffix .png?'
        raise ImageError(msg)


def _print_people(people: list[Person], skeleton: Skeleton) -> None:
    print(f'{len(people)} {"person" if len(people) == 1 else "people"}')
    for person in people:
        x, y, z = person.positions[skeleton.root]
        visible = int(np.sum(person.joint_states == JointState.VISIBLE))
        print(
            f'  {person.id}  presence {person.presence:.2f}  {skeleton.joints[skeleton.root]} at '
            f'x {x:+.2f}  y {y:+.2f}  z {z:.2f} m  {visible} of {len(skeleton.joints)} joints seen'
        )


def _report(
    path: Path, camera: Camera, people: list[Person], skeleton: Skeleton
) -> dict[str, Any]:
    return {
        'image': str(path),
        'camera': {'width': camera.width, 'height': camera.height, 'K': camera.K.tolist()},
        'skeleton': skeleton.name,
        'joints': skeleton.joints,
        'parents': skeleton.parents,
        'people': [described(person) for person in people],
    }


def described(person: Person) -> dict[str, Any]:
    """Return all that is known about a person, as JSON has it."""
    return {
        'id': person.id,
        'state': person.state.name,
        'presence': round(float(person.presence), 4),
        'box_px': _numbers(person.box, 2),
        'pixels_px': _numbers(person.pixels, 2),
        'positions_m': _numbers(person.positions, 4),
        'confidence': _numbers(person.confidence, 4),
        'deviation_m': _numbers(person.deviation, 4),
        'joint_states': [JointState(state).name for state in person.joint_states],
    }


def _numbers(values: ArrayLike, digits: int) -> Any:  # noqa: ANN401 - lists in lists
    """Return nested lists of rounded numbers; JSON has no NaN, so that becomes None."""
    if np.ndim(values):
        return [_numbers(value, digits) for value in np.asarray(values)]
    number = float(np.asarray(values))
    return round(number, digits) if math.isfinite(number) else None
