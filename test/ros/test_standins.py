"""The stand-ins cannot be told from the real packages on the wire."""

import json
from importlib import import_module
from pathlib import Path

import pytest

TYPE_HASHES = {  # of hri_msgs 2.0.0, geometry2 and vision_msgs 4, by their own definitions
    'hri_msgs/IdsList': '7e0812d1ac945c98fd3e393568d581ad0ab567f37b24eff633eab778c1bfe62d',
    'hri_msgs/NormalizedPointOfInterest2D': (
        'cc1d2f720c82afeb850ff1dbf66f41ecb7caf19f842987f1247e66160cf03953'
    ),
    'hri_msgs/NormalizedRegionOfInterest2D': (
        '2e50c93f1ca166ee77af9a5424dc951ae4e452b740162a7f83c082d917dcaff5'
    ),
    'hri_msgs/Skeleton2D': '1cb61f012db6ca43c48fa0097ccab9a00108ea39323c13f01bb983323c1e3420',
    'tf2_msgs/TFMessage': 'e369d0f05a23ae52508854b66f6aa0437f3449d652e8cbf22d5abe85d020f087',
    'vision_msgs/BoundingBox2D': (
        '008eacbb0cf8f26e83795547bed013eec3675485ef386ec056d80eaaf1c1ce2f'
    ),
    'vision_msgs/Detection2D': '0d12b69df5c593b3455b7346fac8205437a7d4bcb09b9e0e0b2dde787ded38ea',
    'vision_msgs/Detection2DArray': (
        '214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968'
    ),
    'vision_msgs/ObjectHypothesis': (
        '51da43cec11c01957a64d1e05a24acd18aae7745ec30b74348ad5f6d634f7f90'
    ),
    'vision_msgs/ObjectHypothesisWithPose': (
        '41c12344c0396c48b81df12467c192d99b2a0eb1463c5c37194e4223251c80bc'
    ),
    'vision_msgs/Point2D': 'eab0e83f44ab4de92ceaf76dd7d0e7638f2bdd1d16ffbe16c7a136c48e407247',
    'vision_msgs/Pose2D': 'b0b5d1d7b4c20dd4fcde3ed1d4b289a919290572007d67a97043814db25d3648',
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
