"""What the node adds to the pipeline, as `pose3d bench --ros` measures it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pose3d_ros.ros.demo.overhead import CASES, stage_medians


def test_only_the_stages_of_the_pipeline_count() -> None:
    values = {
        'latency, infer [ms]': '3.5 median, 4.0 p95',
        'latency, crop [ms]': '0.5 median, 0.9 p95',
        'latency, publishing [ms]': '9.0 median, 9.9 p95',
        'rate in [Hz]': '30.0',
    }
    assert stage_medians(values) == {'infer': 3.5, 'crop': 0.5}


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
