"""The package builds with colcon, plain and with symbolic links, and with pip alone."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from processes import running_node

pytestmark = [pytest.mark.ros, pytest.mark.slow]

REPOSITORY = Path(__file__).parents[2]
# What ROS 2 from PyPI has set for this process, so that a new one sets it for itself.
LEAKING = {'PYTHONPATH', 'LD_LIBRARY_PATH', '_ROS_WHEELS_BOOTSTRAP_COMPLETE'}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the repository, without what was made in it."""
    made = shutil.ignore_patterns('.git', '.venv', 'build', 'out', '.*_cache', '__pycache__')
    return Path(shutil.copytree(REPOSITORY, tmp_path / 'workspace' / 'src', ignore=made))


def run(*command: str, folder: Path, **environment: str) -> str:
    """Return the output of a command that must succeed."""
    own = set() if 'ROS_DISTRO' in os.environ else LEAKING
    kept = {name: value for name, value in os.environ.items() if name not in own}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(workspace: Path, *options: str) -> None:
    """Build the workspace with the interpreter and the ROS 2 that run this test."""
    cmake = ['-DBUILD_TESTING=OFF', f'-DPython3_EXECUTABLE={sys.executable}', '-GNinja']
    environment = {'PATH': f'{sys.prefix}/bin:{os.environ["PATH"]}'}
    if 'ROS_DISTRO' not in os.environ:
        cmake.append(f'-DCMAKE_PROJECT_INCLUDE={REPOSITORY}/cmake/pypi_ros_shim.cmake')
        environment |= {'AMENT_PREFIX_PATH': sys.prefix, 'CMAKE_PREFIX_PATH': sys.prefix}
    run('colcon', 'build', *options, '--cmake-args', *cmake, folder=workspace, **environment)


@pytest.mark.parametrize('options', [(), ('--symlink-install',)], ids=['plain', 'symlink'])
def test_the_node_that_colcon_installs_answers_images(
    source: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    workspace = source.parent
    build(workspace, *options)
    prefix = workspace / 'install' / 'pose3d_ros'
    where = 'import pose3d_ros.ros.node as node; print(node.__file__)'
    setup = f'source {workspace}/install/setup.bash'
    found = run('bash', '-c', f'{setup} && {sys.executable} -c "{where}"', folder=tmp_path)
    assert Path(found.strip()).is_relative_to(prefix)
    for name in ('config/fastdds_shm.xml', 'launch/pose3d.launch.py', 'msg/Skeleton3D.msg'):
        assert (prefix / 'share' / 'pose3d_ros' / name).exists()
    start = f'{setup} && exec {prefix}/lib/pose3d_ros/pose3d_node "$@"'
    with running_node(tmp_path, command=('bash', '-c', start, 'bash')) as client:
        assert client.answer(1.0).skeletons


def test_pip_installs_everything_but_the_messages(source: Path, tmp_path: Path) -> None:
    target = tmp_path / 'target'
    pip = (sys.executable, '-m', 'pip', 'install', '--quiet', '--no-deps', '--no-build-isolation')
    run(*pip, '--target', str(target), str(source), folder=tmp_path)
    packages = sysconfig.get_path('purelib')
    script = f"""
import sys
sys.path[:0] = [{str(target)!r}, {packages!r}]
import numpy as np, pose3d_ros
from pose3d_ros import Camera, Pipeline
assert pose3d_ros.__file__.startswith({str(target)!r}), pose3d_ros.__file__
people = Pipeline.load('constant')(
    np.zeros((480, 640, 3), np.uint8), Camera.from_fov(640, 480, 60.0), stamp=0.0
)
assert len(people) == 1
assert not {{'rclpy', 'torch'}} & sys.modules.keys()
"""
    run(sys.executable, '-S', '-c', script, folder=tmp_path)
    assert not (target / 'pose3d_ros' / 'msg').exists()
    assert (target / 'bin' / 'pose3d').exists()
    for shipped in ('assets/demo_clip.*', 'config/fastdds_shm.xml'):
        assert list((target / 'pose3d_ros').glob(shipped))
