"""Every setting, declared once: default, meaning, bounds, and whether it may change while running.

A setting is a dataclass field made by `option`. ROS parameters, launch arguments, command-line
options and the documentation are all derived from `options`; nobody writes a default twice.

    config = updated(PipelineConfig(), {'min_presence': 0.7})
"""

import argparse
import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast, get_origin, get_type_hints

from pose3d_ros.errors import ConfigError
from pose3d_ros.sources import CameraSource, sources_from_texts

__all__ = [
    'Config',
    'ConfigT',
    'NodeConfig',
    'Option',
    'PipelineConfig',
    'add_arguments',
    'from_arguments',
    'option',
    'options',
    'updated',
]

Value = bool | int | float | str | tuple[str, ...]
ValueT = TypeVar('ValueT')


@dataclass(frozen=True, slots=True)
class Option:
    """What is known about one setting.

    Attributes:
        name: The field's name; also the name of the ROS parameter and the launch argument.
        kind: One of bool, int, float, str, and tuple for a list of texts.
        default: The value when nobody says otherwise.
        meaning: One sentence with the unit in brackets.
        low: Smallest allowed number, or None.
        high: Largest allowed number, or None.
        choices: The allowed words, or () for any.
        live: Whether it may change while the node is active.
    """

    name: str
    kind: type[Value]
    default: Value
    meaning: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    live: bool = False

    @property
    def allowed(self) -> str:
        """The allowed values in words, such as 'a number from 0 to 1' or 'raw or compressed'."""
        if self.choices:
            return ' or '.join(self.choices)
        kinds = {
            bool: 'true or false',
            str: 'text',
            tuple: 'a list of texts',
            int: 'a whole number',
            float: 'a number',
        }
        low = '' if self.low is None else f' from {self.low:g}'
        high = '' if self.high is None else f' to {self.high:g}'
        return kinds[self.kind] + low + high

    @property
    def help(self) -> str:
        """The meaning, the allowed values and the default, for a help page."""
        default = repr(self.default) if isinstance(self.default, str) else self.default
        return f'{self.meaning} ({self.allowed}; default {default})'

    def check(self, value: object) -> None:
        """Pass if this setting may have this value.

        Raises:
            ConfigError: It may not; the message names the setting, the value and what is allowed.
        """
        if not (self._has_kind(value) and self._is_within(cast('Value', value))):
            message = f'{self.name} is {value!r}, but it must be {self.allowed}'
            raise ConfigError(message)

    def _has_kind(self, value: object) -> bool:
        if self.kind is float:
            return isinstance(value, int | float) and not isinstance(value, bool)
        if self.kind is tuple:
            return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
        return type(value) is self.kind

    def _is_within(self, value: Value) -> bool:
        if self.choices:
            return value in self.choices
        if not isinstance(value, int | float):
            return True
        low = float('-inf') if self.low is None else self.low
        high = float('inf') if self.high is None else self.high
        return low <= value <= high  # false for NaN


def option(
    default: ValueT,
    meaning: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    live: bool = False,
) -> ValueT:
    """Declare a setting: a dataclass field that knows its meaning and bounds.

    The arguments are those of `Option`; the name and the kind come from the field.
    """
    facts = {'meaning': meaning, 'low': low, 'high': high, 'choices': choices, 'live': live}
    return field(default=default, metadata={'option': facts})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A group of settings. Values out of bounds raise ConfigError."""

    def __post_init__(self) -> None:
        """Check every value."""
        for each in options(type(self)):
            each.check(getattr(self, each.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineConfig(Config):
    """How one image becomes skeletons."""

    estimator: str = option(
        'volumetric', 'Name of an installed estimator, or the path of a model file (.onnx).'
    )
    model: str = option(
        '', "Name or path of the estimator's model file; empty for the one it ships with."
    )
    runtime: str = option('onnx', 'Name of the installed runtime that runs the model file.')
    device: str = option(
        'cpu', 'Where the runtime computes, if it has the choice.', choices=('cpu', 'cuda')
    )
    precision: str = option(
        'auto',
        "Numbers that the network computes with, each a file beside the model's; auto is the "
        'fastest that there is for the runtime.',
        choices=('auto', 'fp32', 'fp16', 'int8'),
    )
    threads: int = option(
        1, 'Threads of the network; 2 are faster on an idle machine, 0 takes all.', low=0, high=64
    )
    mirror_averaging: bool = option(
        default=True,
        meaning='Average over a crop and its mirror image where the model asks for it: steadier, '
        'and twice the time of the network.',
    )
    engine_folder: str = option(
        '~/.cache/pose3d_ros/engines',
        'Folder for what a runtime builds for this GPU; nobody else may write it.',
    )
    detector: str = option('full_image', 'Name of the installed detector that proposes people.')
    min_score: float = option(
        0.15, 'Boxes that the detector centre is less sure of are not proposed.', low=0.0, high=1.0
    )
    detections_age: float = option(
        0.5,
        'Boxes of the detector topic are used for images whose stamps differ by less [s].',
        low=0.0,
        high=10.0,
    )
    min_presence: float = option(
        0.5, 'A person below this presence is not reported as seen.', low=0.0, high=1.0, live=True
    )
    min_confidence: float = option(
        0.3, 'Joints below this confidence are marked OCCLUDED.', low=0.0, high=1.0, live=True
    )
    max_people: int = option(4, 'Most people followed at a time.', low=1, high=32, live=True)
    lost_after: float = option(
        0.5, 'A person unseen for this long is gone [s].', low=0.0, high=10.0, live=True
    )
    remember: float = option(
        10.0,
        'A person gone for less than this gets the same id on coming back nearby [s].',
        low=0.0,
        high=600.0,
        live=True,
    )
    detect_interval: float = option(
        0.5,
        'All places are searched for new people once in this time [s]; 0 is in every image.',
        low=0.0,
        high=60.0,
        live=True,
    )
    person_height: float = option(
        0.0, 'Known height of the people [m]; 0 when unknown.', low=0.0, high=2.5, live=True
    )
    smoothing_cutoff: float = option(
        0.0,
        'Joints at rest are smoothed from this frequency on [Hz]; 0 smooths nothing.',
        low=0.0,
        high=60.0,
        live=True,
    )
    smoothing_gain: float = option(
        4.0,
        'The frequency rises by this with the speed of a joint [Hz per m/s].',
        low=0.0,
        high=100.0,
        live=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConfig(PipelineConfig):
    """The ROS node's settings: those of the pipeline, and what connects it to the graph."""

    image_topic: str = option('image_raw', 'Topic of the images, before remapping.')
    info_topic: str = option(
        '', "Topic of the camera's calibration; empty for camera_info beside the images."
    )
    depth_topic: str = option(
        '', 'Topic of depth images aligned with the images, 16UC1 or 32FC1; empty for none.'
    )
    cameras: tuple[str, ...] = option(
        (),
        'Several cameras instead of these topics: each a name, then image=TOPIC and info=TOPIC '
        'where they are not <name>/image_raw and camera_info beside it, and depth=TOPIC.',
    )
    detections_topic: str = option(
        'detections',
        'Topic of the detector topic (vision_msgs/Detection2DArray); of several cameras, each has '
        'its own below its name.',
    )
    detections_class: str = option(
        '', 'What that topic calls people; empty if it carries nothing else.'
    )
    transport: str = option(
        'raw',
        'How images travel; compressed listens to <image_topic>/compressed.',
        choices=('raw', 'compressed'),
    )
    fov_deg: float = option(
        60.0,
        'Horizontal field of view assumed while there is no calibration [deg].',
        low=5.0,
        high=170.0,
        live=True,
    )
    info_timeout: float = option(
        1.0, 'Wait for the calibration before assuming fov_deg [s].', low=0.0, high=60.0
    )
    depth_tolerance: float = option(
        0.05,
        'A depth image belongs to an image taken within this time [s].',
        low=0.0,
        high=1.0,
        live=True,
    )
    publish_tf: bool = option(
        default=True, meaning='Publish TF frames of all links and joints.', live=True
    )
    publish_markers: bool = option(default=True, meaning='Publish markers for RViz.', live=True)
    publish_humans: bool = option(
        default=True, meaning='Publish bodies under /humans as REP-155 says.', live=True
    )
    publish_overlay: bool = option(
        default=True,
        meaning='Publish the image with skeletons over it, as JPEG, while somebody subscribes.',
        live=True,
    )
    frame_prefix: str = option('', 'Text put before the name of every TF frame.')
    diagnostics_period: float = option(1.0, 'Time between diagnostics [s].', low=0.1, high=60.0)
    autostart: bool = option(
        default=True, meaning='Configure and activate by itself when started.'
    )

    @property
    def sources(self) -> tuple[CameraSource, ...]:
        """The cameras, one or more.

        Raises:
            ConfigError: They are not written as they should be.
        """
        if not self.cameras:
            topics = {'image': self.image_topic, 'info': self.info_topic}
            return (CameraSource(**topics, depth=self.depth_topic),)
        for name in ('image_topic', 'info_topic', 'depth_topic'):
            if getattr(self, name) != getattr(NodeConfig(), name):
                message = f'{name} is for one camera: say it in cameras'
                raise ConfigError(message)
        return sources_from_texts(self.cameras)


ConfigT = TypeVar('ConfigT', bound=Config)


def options(config_class: type[Config]) -> tuple[Option, ...]:
    """Return the settings of a config class, in the order of their declaration."""
    kinds = get_type_hints(config_class)
    return tuple(
        Option(
            each.name,
            get_origin(kinds[each.name]) or kinds[each.name],
            cast('Value', each.default),
            **each.metadata['option'],
        )
        for each in dataclasses.fields(config_class)
    )


def updated(config: ConfigT, values: Mapping[str, object], *, live_only: bool = False) -> ConfigT:
    """Return the config with some values replaced.

    Args:
        config: Where all other values come from.
        values: New values by name.
        live_only: Refuse settings that must not change while the node is active.

    Raises:
        ConfigError: A name is unknown, a value is not allowed, or a setting is not live.
    """
    known = {each.name: each for each in options(type(config))}
    for name in values:
        if name not in known:
            message = f'there is no setting {name!r}; the settings are {", ".join(known)}'
            raise ConfigError(message)
        if live_only and not known[name].live:
            message = f'{name} cannot change while active: deactivate and clean up first'
            raise ConfigError(message)
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    return dataclasses.replace(config, **given)


def add_arguments(
    parser: argparse.ArgumentParser,
    config_class: type[Config],
    names: Iterable[str] | None = None,
) -> None:
    """Give a parser one `--option` per setting; those not given stay out of the namespace.

    Args:
        parser: Where the options go, in a group named after the config class.
        config_class: Whose settings.
        names: Only these settings; None for all.
    """
    wanted = None if names is None else set(names)
    group = parser.add_argument_group('settings')
    for each in options(config_class):
        if wanted is not None and each.name not in wanted:
            continue
        flag = '--' + each.name.replace('_', '-')
        meaning = each.help.replace('%', '%%')
        if each.kind is bool:
            group.add_argument(
                flag,
                action=argparse.BooleanOptionalAction,
                default=argparse.SUPPRESS,
                help=meaning,
            )
        else:
            is_list = each.kind is tuple
            group.add_argument(
                flag,
                type=str if is_list else each.kind,
                nargs='*' if is_list else None,
                metavar=each.name.rsplit('_', 1)[-1].upper(),
                default=argparse.SUPPRESS,
                help=meaning,
            )


def from_arguments(config_class: type[ConfigT], arguments: argparse.Namespace) -> ConfigT:
    """Return the config that a command line asks for; see `add_arguments`.

    Raises:
        ConfigError: A value is not allowed.
    """
    known = {each.name for each in options(config_class)}
    given = {name: value for name, value in vars(arguments).items() if name in known}
    return updated(config_class(), given)
