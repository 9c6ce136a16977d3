"""`pose3d convert`: the twin of a model file in smaller numbers, compared with it."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from pose3d_ros.model_file import find_model
from pose3d_ros.precision import TWINS

__all__ = ['add_arguments', 'run']


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument('model', help='a model file (.onnx), or the name of a shipped model')
    parser.add_argument('--precision', choices=TWINS, required=True, help='of the twin')
    parser.add_argument('--data', type=Path, help='training shards; int8 needs them')
    parser.add_argument('--eval', type=Path, help='held-out shards to compare on')
    parser.add_argument('--crops', type=int, default=500, help='held-out crops (default 500)')


def run(arguments: argparse.Namespace) -> int:
    """Write the twin beside the model file; print where it is and what it loses as JSON."""
    from pose3d_ros.training import evaluate, twins  # noqa: PLC0415 - needs onnx

    path = find_model(arguments.model)
    written = twins.make(path, arguments.precision, data=arguments.data)
    report: dict[str, object] = {'twin': str(written)}
    if arguments.eval:
        size = twins.input_size(path)
        crops = evaluate.held_out_crops(arguments.eval, size, arguments.crops)
        report |= asdict(twins.compare(path, arguments.precision, crops))
    print(json.dumps(report, indent=1))
    return 0
