"""How cameras are written."""

import pytest

from pose3d_ros.config import NodeConfig
from pose3d_ros.errors import ConfigError
from pose3d_ros.options import updated
from pose3d_ros.sources import CameraSource, sources_from_texts


def test_without_a_list_there_is_one_camera_with_the_topics_of_the_settings() -> None:
    (source,) = NodeConfig(image_topic='/a/b', info_topic='/c', depth_topic='/d').sources
    assert source == CameraSource(image='/a/b', info='/c', depth='/d')
    assert source.namespace == '~'


def test_a_name_is_enough() -> None:
    (source,) = sources_from_texts(['front'])
    assert source == CameraSource(name='front', image='front/image_raw')
    assert source.namespace == '~/front'


def test_what_differs_is_said_after_the_name_in_any_order() -> None:
    sources = updated(NodeConfig(), {'cameras': ['a', ' b  info=/x depth=/z image=/y']}).sources
    assert [source.name for source in sources] == ['a', 'b']
    assert sources[1] == CameraSource(name='b', image='/y', info='/x', depth='/z')


@pytest.mark.parametrize(
    ('texts', 'message'),
    [
        ([''], "'' in cameras is no name of a camera"),
        (['Front'], "'Front' in cameras is no name of a camera: a to z, 0 to 9, _"),
        (['/front'], "'/front' in cameras is no name"),
        (['image=/front'], "'image=/front' in cameras is no name"),
        (['a lens=wide'], 'after the name comes depth=TOPIC or image=TOPIC or info=TOPIC'),
        (['a /image_raw'], 'after the name comes'),
        (['a image='], 'after the name comes'),
        (['a image=/x image=/y'], 'each once'),
        (['a', 'b', 'a image=/x'], 'cameras has the same name twice: a'),
        (['a image=/x', 'b image=/x'], 'cameras has the same image twice: /x'),
    ],
)
def test_what_is_wrong_is_named(texts: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        sources_from_texts(texts)


def test_topics_of_one_camera_and_a_list_contradict_each_other() -> None:
    for name in ('image_topic', 'info_topic', 'depth_topic'):
        config = updated(NodeConfig(cameras=('front',)), {name: '/other'})
        with pytest.raises(ConfigError, match=f'{name} is for one camera: say it in cameras'):
            _ = config.sources
