"""The example of a third-party estimator is installed and used like any other."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pose3d_ros import Camera, Pipeline, plugins

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXAMPLE = Path(__file__).parents[1] / 'examples' / 'my_estimator'


@pytest.fixture(scope='module')
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example installed in it, as pip leaves it, but without the network."""
    folder = tmp_path_factory.mktemp('site')
    project = tomllib.loads((EXAMPLE / 'pyproject.toml').read_text())['project']
    for module in EXAMPLE.glob('my_*.py'):
        (folder / module.name).write_text(module.read_text())
    info = folder / f'{project["name"]}-{project["version"]}.dist-info'
    info.mkdir()
    (info / 'METADATA').write_text(
        f'Metadata-Version: 2.1\nName: {project["name"]}\nVersion: {project["version"]}\n'
    )
    lines = []
    for group, entries in project['entry-points'].items():
        lines += [f'[{group}]', *(f'{name} = {target}' for name, target in entries.items())]
    (info / 'entry_points.txt').write_text('\n'.join(lines))
    return folder


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(site)


@pytest.mark.usefixtures('installed')
def test_it_is_listed_beside_the_built_in_ones() -> None:
    assert {'constant', 'silhouette', 'volumetric'} <= set(plugins.names(plugins.ESTIMATORS))
    assert (
        plugins.package(plugins.ESTIMATORS, 'silhouette').replace('-', '_') == 'my_estimator 0.1.0'
    )


@pytest.mark.usefixtures('installed')
def test_it_runs_in_the_pipeline() -> None:
    pipeline = Pipeline.load('silhouette')
    camera = Camera.from_fov(640, 480, 60.0)
    image = np.zeros((480, 640, 3), np.uint8)
    image[100:400, 290:350] = 255
    (person,) = pipeline(image, camera, stamp=0.0, boxes=[(290, 100, 60, 300)])
    assert 290 <= person.pixels[:, 0].min() < person.pixels[:, 0].max() <= 350
    assert 2 < person.positions[0, 2] < 6


@pytest.mark.slow
def test_it_passes_its_own_test_and_the_contract(site: Path) -> None:
    contract = Path(__file__).parent / 'contract' / 'test_estimators.py'
    run = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', EXAMPLE, contract, '-k', 'silhouette'],
        env={**os.environ, 'PYTHONPATH': str(site)},
        cwd=EXAMPLE.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert ' skipped' not in run.stdout
