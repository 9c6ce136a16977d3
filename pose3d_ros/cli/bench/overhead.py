"""What the node adds to the pipeline."""

import argparse
from dataclasses import asdict
from typing import Any

__all__ = ['run']

_SETTINGS = ('estimator', 'model', 'runtime', 'device', 'precision', 'threads')


def run(arguments: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Return a report and a table: from the stamp to the reception, minus the pipeline."""
    from pose3d_ros.ros.demo import overhead  # noqa: PLC0415 needs ROS 2

    settings = {name: value for name, value in vars(arguments).items() if name in _SETTINGS}
    found = {
        case: overhead.measure(case, max(arguments.images, 1), settings) for case in overhead.CASES
    }
    lines = [f'{"images":<18} {"latency ms":>10} {"p95 ms":>8} {"pipeline ms":>12} {"node ms":>8}']
    lines += [
        f'{case:<18} {each.latency_ms:>10.2f} {each.latency_p95_ms:>8.2f} '
        f'{each.pipeline_ms:>12.2f} {each.overhead_ms:>8.2f}'
        for case, each in found.items()
    ]
    return {'overhead': {case: asdict(each) for case, each in found.items()}}, '\n'.join(lines)
