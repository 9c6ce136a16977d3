"""Settings: declared once, checked always."""

import argparse

import pytest

from pose3d_ros.cli.settings import add_settings, from_arguments
from pose3d_ros.config import NodeConfig, PipelineConfig
from pose3d_ros.errors import ConfigError
from pose3d_ros.options import options, updated

BOTH = pytest.mark.parametrize('config_class', [PipelineConfig, NodeConfig])


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument('file', nargs='?')
    add_settings(parser, NodeConfig)
    return parser


@BOTH
def test_every_default_is_allowed_and_explained(config_class: type[PipelineConfig]) -> None:
    for option in options(config_class):
        option.check(option.default)
        assert option.meaning.endswith('.')
        assert option.allowed in option.help


@BOTH
def test_bounds_are_allowed_and_what_is_beyond_them_is_not(
    config_class: type[PipelineConfig],
) -> None:
    for option in options(config_class):
        for bound, beyond in ((option.low, -1), (option.high, 1)):
            if bound is not None:
                option.check(option.kind(bound))
                with pytest.raises(ConfigError, match=option.name):
                    option.check(option.kind(bound + beyond))


def test_numbers_that_are_lengths_of_time_carry_their_unit() -> None:
    for option in options(NodeConfig):
        if option.kind is float and option.low == 0.0 and option.high not in {0.0, 1.0}:
            assert '[' in option.meaning, option.name


@pytest.mark.parametrize(
    ('values', 'message'),
    [
        ({'min_presence': 1.5}, 'min_presence is 1.5, but it must be a number from 0 to 1'),
        ({'min_presence': float('nan')}, 'min_presence is nan, but it must be a number from 0'),
        ({'min_presence': '0.5'}, "min_presence is '0.5', but it must be a number from 0 to 1"),
        ({'min_presence': True}, 'min_presence is True, but it must be a number from 0 to 1'),
        ({'threads': 1.0}, 'threads is 1.0, but it must be a whole number from 0 to 64'),
        ({'publish_tf': 1}, 'publish_tf is 1, but it must be true or false'),
        ({'cameras': 'front'}, "cameras is 'front', but it must be a list of texts"),
        ({'cameras': ['front', 2]}, "cameras is ('front', 2), but it must be a list of texts"),
        ({'transport': 'tcp'}, "transport is 'tcp', but it must be raw or compressed"),
        ({'min_presense': 0.5}, "there is no setting 'min_presense'; the settings are estimator"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    values: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        updated(NodeConfig(), values)
    assert str(raised.value).startswith(message)


def test_a_config_with_a_wrong_value_cannot_be_made() -> None:
    with pytest.raises(ConfigError, match='max_people is 0'):
        PipelineConfig(max_people=0)


def test_updating_changes_what_is_named_and_nothing_else() -> None:
    config = NodeConfig(threads=1)
    assert updated(config, {'max_people': 2}) == NodeConfig(threads=1, max_people=2)
    assert config == NodeConfig(threads=1)


def test_an_active_node_takes_live_settings_only() -> None:
    assert updated(NodeConfig(), {'max_people': 2}, live_only=True).max_people == 2
    with pytest.raises(ConfigError, match='estimator cannot change while active'):
        updated(NodeConfig(), {'estimator': 'constant'}, live_only=True)


def test_whole_numbers_are_numbers() -> None:
    assert PipelineConfig(lost_after=1).lost_after == 1.0


def test_a_command_line_without_options_gives_the_defaults() -> None:
    assert from_arguments(NodeConfig, parser().parse_args(['photo.jpg'])) == NodeConfig()


def test_every_setting_can_be_given_on_the_command_line() -> None:
    for option in options(NodeConfig):
        flag = '--' + option.name.replace('_', '-')
        if option.kind is bool:
            words, wanted = [f'--no-{flag[2:]}' if option.default else flag], not option.default
        elif option.kind is tuple:
            words, wanted = [flag, 'x', 'y z'], ('x', 'y z')
        else:
            wanted = option.choices[-1] if option.choices else option.kind(option.high or 'x')
            words = [flag, str(wanted)]
        config = from_arguments(NodeConfig, parser().parse_args(words))
        assert config == updated(NodeConfig(), {option.name: wanted})


def test_help_pages_say_what_every_setting_means() -> None:
    page = ' '.join(parser().format_help().split())
    for option in options(NodeConfig):
        assert option.meaning in page


def test_a_parser_can_offer_some_settings_only() -> None:
    parser = argparse.ArgumentParser()
    add_settings(parser, PipelineConfig, ['threads'])
    assert '--threads' in parser.format_help()
    assert '--model' not in parser.format_help()
