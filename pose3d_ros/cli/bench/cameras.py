"""How well one node serves several cameras."""

import argparse
import dataclasses
import json
import os
from collections.abc import Mapping

__all__ = ['run']

_TOLERANCE = 0.1  # by which the rate of others may change when a camera dies


def run(arguments: argparse.Namespace, settings: Mapping[str, object]) -> int:
    """Print how several cameras are answered, and whether the others bear the end of one."""
    from pose3d_ros.ros.demo import bench  # noqa: PLC0415 needs ROS 2

    load, cores = os.getloadavg()[0], os.cpu_count()
    phases = bench.measure(arguments.cameras, arguments.seconds, settings)
    changed = bench.change(phases)
    if arguments.json:
        figures = {
            name: {camera: dataclasses.asdict(each) for camera, each in phase.items()}
            for name, phase in phases.items()
        }
        print(json.dumps({'load': load, 'cores': cores, 'change': changed, 'phases': figures}))
    else:
        print(bench.table(phases))
        print(f'bench: cameras={arguments.cameras} change_of_others={changed:+.1%} ', end='')
        print(f'cores={cores} load_before={load:.1f}')
    return 0 if abs(changed) <= _TOLERANCE else 1
