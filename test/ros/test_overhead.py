"""What the node adds to the pipeline, as `pose3d bench --ros` measures it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pose3d_ros.ros.demo.overhead import CASES, own_time


def test_decoding_does_not_count_as_the_pipelines_own_time() -> None:
    values = {
        'latency, pipeline [ms]': '7.5 median, 9.0 p95',
        'latency, infer [ms]': '3.5 median, 4.0 p95',
        'rate in [Hz]': '30.0',
    }
    assert own_time(values) == 7.5
    assert own_time({**values, 'latency, decode [ms]': '3.0 median, 4.0 p95'}) == 4.5
    assert own_time({'rate in [Hz]': '30.0'}) is None


@pytest.mark.ros
def test_it_measures_the_real_node() -> None:
    words = ['bench', '--ros', '--estimator', 'constant', '--images', '20', '--json']
    ran = subprocess.run(
        [Path(sys.executable).with_name('pose3d'), *words],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(ran.stdout.splitlines()[-1])['overhead']
    assert set(found) == set(CASES)
    for case in found.values():
        assert case['images'] >= 10
        assert 0 < case['overhead_ms'] < case['latency_ms']
