"""What we use of TensorRT is in every recorded release, with the parameters that we give.

`standins.make_tensorrt` has what we use and nothing else: code that used more would fail in
`test_tensorrt.py`. Here it is held against the names and signatures that
`tools/record_tensorrt.py` read from NVIDIA's own bindings.
"""

import inspect
import re
import types

import pytest
from runtimes import standins

RELEASES = list(standins.SURFACES)


def members(module: types.ModuleType) -> list[tuple[str, str, object]]:
    """Class, name and value of each public member of the stand-in's classes."""
    return [
        (name, member, value)
        for name, found in vars(module).items()
        if inspect.isclass(found)
        and name not in {'NetworkDefinitionCreationFlag', 'MemoryPoolType'}
        for member, value in vars(found).items()
        if not member.startswith('_') and member != 'Severity'
    ]


@pytest.fixture(params=RELEASES)
def surface(request: pytest.FixtureRequest) -> dict[str, dict[str, list[str]]]:
    return standins.SURFACES[request.param]


@pytest.fixture
def stand_in(driver_library: standins.StandIn) -> types.ModuleType:
    return standins.make_tensorrt(RELEASES[0], driver_library)


def test_the_oldest_and_the_newest_release_are_recorded() -> None:
    assert any(release.startswith('10.3.') for release in RELEASES)
    assert any(release.startswith('11.') for release in RELEASES)


def test_every_member_is_in_the_release(
    surface: dict[str, dict[str, list[str]]], stand_in: types.ModuleType
) -> None:
    found = members(stand_in)
    assert len(found) > 25
    for owner, name, _ in found:
        assert name in surface[owner], f'{owner}.{name}'


def test_every_method_takes_the_parameters_that_we_give(
    surface: dict[str, dict[str, list[str]]], stand_in: types.ModuleType
) -> None:
    for owner, name, value in members(stand_in):
        if not inspect.isfunction(value):
            continue
        ours = [each for each in inspect.signature(value).parameters if each != 'self']
        theirs = [re.findall(r'[(,] (\w+):', f' {each}') for each in surface[owner][name]]
        # The first parameter of each recorded signature, self, comes without a space before it.
        optional = [
            each
            for each, parameter in inspect.signature(value).parameters.items()
            if parameter.default is not inspect.Parameter.empty
        ]
        fitting = [
            each for each in theirs if each[: len(ours)] == ours or each == ours[: len(each)]
        ]
        assert fitting, f'{owner}.{name}({", ".join(ours)}) against {theirs}'
        assert set(optional) <= set(fitting[0])


def test_networks_can_be_strongly_typed(surface: dict[str, dict[str, list[str]]]) -> None:
    assert 'STRONGLY_TYPED' in surface['NetworkDefinitionCreationFlag']
    assert 'WORKSPACE' in surface['MemoryPoolType']
    for level in ('INTERNAL_ERROR', 'ERROR', 'WARNING', 'INFO', 'VERBOSE'):
        assert level in surface['Logger']
