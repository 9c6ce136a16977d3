"""The stand-ins cannot be told from the real packages on the wire."""

import json
from importlib import import_module
from pathlib import Path

import pytest

TYPE_HASHES = {  # of hri_msgs 2.0.0 and geometry2, by their own definitions
    'hri_msgs/IdsList': '7e0812d1ac945c98fd3e393568d581ad0ab567f37b24eff633eab778c1bfe62d',
    'hri_msgs/NormalizedPointOfInterest2D': (
        'cc1d2f720c82afeb850ff1dbf66f41ecb7caf19f842987f1247e66160cf03953'
    ),
    'hri_msgs/NormalizedRegionOfInterest2D': (
        '2e50c93f1ca166ee77af9a5424dc951ae4e452b740162a7f83c082d917dcaff5'
    ),
    'hri_msgs/Skeleton2D': '1cb61f012db6ca43c48fa0097ccab9a00108ea39323c13f01bb983323c1e3420',
    'tf2_msgs/TFMessage': 'e369d0f05a23ae52508854b66f6aa0437f3449d652e8cbf22d5abe85d020f087',
}


@pytest.mark.parametrize('name', TYPE_HASHES)
def test_types_have_the_hash_of_the_real_ones(name: str) -> None:
    package, kind = name.split('/')
    installed = Path(import_module(package).__file__ or '')  # PREFIX/lib/pythonX/site-packages/...
    path = installed.parents[4] / 'share' / package / 'msg' / f'{kind}.json'
    if not path.exists():
        pytest.skip('ROS 2 before Iron has no type hashes')
    (own, *_) = json.loads(path.read_text())['type_hashes']
    assert own['type_name'] == f'{package}/msg/{kind}'
    assert own['hash_string'] == f'RIHS01_{TYPE_HASHES[name]}'


def test_every_stand_in_is_held_to_the_real_type() -> None:
    folder = Path(__file__).parents[2] / 'standins'
    built = {f'{path.parents[1].name}/{path.stem}' for path in folder.glob('*/msg/*.msg')}
    assert built == set(TYPE_HASHES)
