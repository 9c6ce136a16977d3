"""Plugins: found by name among the installed packages."""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from pose3d_ros import plugins
from pose3d_ros.errors import PluginError

Install = Callable[..., None]

OPTIONAL = ('openvino',)  # plugins that need a library of their name, which may be absent


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """A function that installs a package with entry points, as pip would, until the test ends."""

    def install(package: str, group: str, entries: dict[str, str], source: str = '') -> None:
        (tmp_path / f'{package}.py').write_text(source)
        info = tmp_path / f'{package}-1.0.dist-info'
        info.mkdir()
        (info / 'METADATA').write_text(f'Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n')
        lines = [f'[{group}]', *(f'{name} = {target}' for name, target in entries.items())]
        (info / 'entry_points.txt').write_text('\n'.join(lines))
        monkeypatch.delitem(sys.modules, package, raising=False)

    monkeypatch.syspath_prepend(tmp_path)
    return install


def test_the_built_in_plugins_are_installed_like_any_other() -> None:
    assert {'constant', 'volumetric'} <= set(plugins.names(plugins.ESTIMATORS))
    assert 'full_image' in plugins.names(plugins.DETECTORS)
    assert 'onnx' in plugins.names(plugins.RUNTIMES)


@pytest.mark.parametrize('group', plugins.GROUPS)
def test_every_installed_plugin_loads_and_names_its_package(group: str) -> None:
    for name in plugins.names(group):
        if name in OPTIONAL and find_spec(name) is None:
            continue
        assert callable(plugins.load(group, name))
        assert plugins.package(group, name)


def test_a_third_party_plugin_is_found_and_loaded(install: Install) -> None:
    install('stranger', plugins.ESTIMATORS, {'mine': 'stranger:make'}, 'def make(config): ...')
    assert 'mine' in plugins.names(plugins.ESTIMATORS)
    assert plugins.load(plugins.ESTIMATORS, 'mine').__module__ == 'stranger'
    assert plugins.package(plugins.ESTIMATORS, 'mine') == 'stranger 1.0'


def test_a_wrong_name_is_an_error_that_lists_what_is_installed() -> None:
    with pytest.raises(PluginError) as raised:
        plugins.load(plugins.ESTIMATORS, 'volumetrik')
    message = str(raised.value)
    assert message.startswith("there is no estimator 'volumetrik'; installed: ")
    assert 'constant' in message
    assert 'volumetric' in message


def test_an_empty_group_asks_whether_the_package_is_installed() -> None:
    with pytest.raises(PluginError, match='installed: none: is pose3d_ros itself installed'):
        plugins.load('pose3d_ros.nothings', 'any')


@pytest.mark.parametrize(
    ('source', 'reason'),
    [
        ('import a_library_that_is_not_there', 'ModuleNotFoundError: No module named'),
        ('raise RuntimeError("no licence")', 'RuntimeError: no licence'),
        ('', "AttributeError: module 'stranger' has no attribute 'make'"),
        ('make = 3', 'stranger:make is not callable'),
    ],
)
def test_a_broken_plugin_is_named_with_its_reason_and_hides_no_other(
    install: Install, source: str, reason: str
) -> None:
    install('stranger', plugins.ESTIMATORS, {'broken': 'stranger:make'}, source)
    with pytest.raises(PluginError, match=r"estimator 'broken' of stranger 1.0 is broken") as why:
        plugins.load(plugins.ESTIMATORS, 'broken')
    assert reason in str(why.value)
    assert 'broken' in plugins.names(plugins.ESTIMATORS)
    assert plugins.load(plugins.ESTIMATORS, 'constant')


def test_a_name_that_two_packages_claim_is_an_error(install: Install) -> None:
    install('stranger', plugins.ESTIMATORS, {'constant': 'stranger:make'}, 'def make(c): ...')
    with pytest.raises(PluginError, match=r"'constant' is claimed by pose3d.ros .* stranger 1.0"):
        plugins.load(plugins.ESTIMATORS, 'constant')


def test_finding_names_imports_no_plugin(install: Install) -> None:
    install('stranger', plugins.ESTIMATORS, {'mine': 'stranger:make'}, 'raise SystemExit')
    assert 'mine' in plugins.names(plugins.ESTIMATORS)
    assert 'stranger' not in sys.modules
