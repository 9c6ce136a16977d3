"""The story of one image: from pixels to people in metres."""

from collections.abc import Callable, Generator, Iterable, Mapping
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pose3d_ros import plugins
from pose3d_ros.boxes import Box, checked_box
from pose3d_ros.camera import Camera
from pose3d_ros.candidate import Candidate, box_around, distinct, person_from, present
from pose3d_ros.config import PipelineConfig
from pose3d_ros.depth import DepthImage
from pose3d_ros.errors import ImageError, Pose3DError
from pose3d_ros.estimator import Detector, Estimator
from pose3d_ros.model_estimator import ModelEstimator
from pose3d_ros.model_file import find_model
from pose3d_ros.names import Names
from pose3d_ros.observation import Look
from pose3d_ros.options import updated
from pose3d_ros.person import Person, PersonState
from pose3d_ros.picture import Picture
from pose3d_ros.search import Search
from pose3d_ros.skeleton import Skeleton
from pose3d_ros.smoothing import Smoother
from pose3d_ros.stopwatch import Stopwatch
from pose3d_ros.stories import Story, tell
from pose3d_ros.tracking import Follower

__all__ = ['Pipeline']

Image = NDArray[np.uint8]
Observed = Generator[Look, list[Candidate], list[Candidate]]

_SECOND_LOOKS = 2  # at somebody new, each time from where the last look found the joints


class Pipeline:
    """Turns the images of one camera into people.

    Not to be called from two threads at once; each camera has its own (`sibling`).

    Attributes:
        estimator: What estimates the poses.
        detector: What proposes where people may be.
    """

    def __init__(
        self,
        estimator: Estimator,
        detector: Detector,
        config: PipelineConfig,
        *,
        clock: Callable[[], float] | None = None,
        names: Names | None = None,
    ) -> None:
        """Put the parts together; `load` finds them by name.

        Args:
            estimator: What estimates the poses; `close` closes it.
            detector: What proposes where people may be.
            config: The settings.
            clock: Returns seconds, to measure `timings`; None to measure nothing.
            names: Where the names of people come from; None for the same in every run.
        """
        self.estimator = estimator
        self.detector, self._clock = detector, clock
        self._names = names or Names(Random(0))  # noqa: S311 - names are no secret
        self._search = Search(detector)
        self._follower = Follower(self._names)
        self._smoother = Smoother()
        self._stopwatch = Stopwatch(clock)
        self.config = config

    @classmethod
    def load(
        cls,
        estimator: str | Path = '',
        config: PipelineConfig | None = None,
        *,
        clock: Callable[[], float] | None = None,
        rng: Random | None = None,
    ) -> 'Pipeline':
        """Return a pipeline of installed parts.

        Args:
            estimator: Name of an installed estimator, or path of a model file (.onnx); empty
                for the one that the config names.
            config: The settings; None for the defaults.
            clock: Returns seconds, to measure `timings`; None to measure nothing.
            rng: Chooses the names of people; None for the same names in every run.

        Raises:
            PluginError: A part is not installed, or broken.
            ModelFileError: The model file is missing, foreign or damaged.
        """
        config = config or PipelineConfig()
        if estimator:
            config = updated(config, {'estimator': str(estimator)})
        detector = _load_detector(config)
        names = Names(rng) if rng else None
        return cls(_load_estimator(config), detector, config, clock=clock, names=names)

    def sibling(self) -> 'Pipeline':
        """Return a pipeline for another camera: with the same estimator, and its own people.

        What both see can be estimated together: see `story`. Closing one closes the estimator.
        A detector is made anew where it keeps something from one image to the next.
        """
        own = getattr(self.detector, 'for_one_camera', False)
        return Pipeline(
            self.estimator,
            _load_detector(self.config) if own else self.detector,
            self.config,
            clock=self._clock,
            names=self._names,
        )

    @property
    def config(self) -> PipelineConfig:
        """The settings; those that are live may be replaced between two images."""
        return self._config

    @config.setter
    def config(self, config: PipelineConfig) -> None:
        self._config = config
        self._follower.min_presence = config.min_presence
        self._follower.min_confidence = config.min_confidence
        self._follower.max_people = config.max_people
        self._follower.lost_after = config.lost_after
        self._follower.remember = config.remember
        self._smoother.cutoff = config.smoothing_cutoff
        self._smoother.gain = config.smoothing_gain

    @property
    def skeleton(self) -> Skeleton:
        """The joints that the people have."""
        return self.estimator.skeleton

    @property
    def timings(self) -> Mapping[str, float]:
        """Seconds by stage for the last image: decode, detect, crop, infer, place, track."""
        return self._stopwatch.timings

    def describe(self) -> dict[str, str]:
        """Return facts for people to read: method, model, runtime, detector."""
        return {**self.estimator.describe(), 'detector': self.config.detector}

    def __call__(
        self,
        image: Image | Picture,
        camera: Camera,
        stamp: float,
        boxes: Iterable[ArrayLike] | None = None,
        depth: DepthImage | None = None,
    ) -> list[Person]:
        """Return the people in an image.

        Args:
            image: The full image, BGR, shape (height, width, 3); it stays as it is. A picture
                that is not decoded yet is decoded as finely as the crops and the detector need.
            camera: The camera that took it.
            stamp: When it was taken [s]. A stamp before the last one starts anew.
            boxes: Look for one person in each of these boxes x, y, width, height [px], with no
                detection and no following; None to find and follow people.
            depth: What a depth camera aligned with this one saw at that time; None without.

        Returns:
            Those who are followed, or one person per box in the same order.

        Raises:
            BoxError: A box does not enclose anything.
            ImageError: The image or the depth image is not one of this camera, or the image
                cannot be decoded.
        """
        (people,) = tell([self.story(image, camera, stamp, boxes, depth)], self.estimator)
        if isinstance(people, Pose3DError):
            raise people
        return people

    def story(
        self,
        image: Image | Picture,
        camera: Camera,
        stamp: float,
        boxes: Iterable[ArrayLike] | None = None,
        depth: DepthImage | None = None,
    ) -> Story:
        """Return how an image is answered, to be told by `stories.tell`, with others perhaps.

        Arguments, result and errors are those of a call.
        """
        picture = Picture.of(image)
        _check(picture, camera, depth)
        self._stopwatch.restart()
        look = Look(
            picture=picture,
            camera=camera,
            height=self.config.person_height or None,
            stopwatch=self._stopwatch,
            depth=depth,
        )
        if boxes is not None:
            given = [checked_box(box) for box in boxes]
            return (yield from self._look_into(given, look, stamp))
        with self._stopwatch.stage('track'):
            followed = self._follower.boxes(stamp, camera)
        with self._stopwatch.stage('detect'):
            places = self._places(look, stamp, followed)
        seen = yield from self._observe(look, [*followed, *places])
        known, new = seen[: len(followed)], seen[len(followed) :]
        for _ in range(_SECOND_LOOKS):
            new = yield from self._look_again(look, known, new)
        with self._stopwatch.stage('track'):
            return self._smoother(self._follower.update(stamp, camera, [*known, *new]))

    def reset(self) -> None:
        """Forget everybody."""
        self._follower.reset()
        self._smoother.reset()
        self._search.reset()

    def close(self) -> None:
        """Close the estimator; the pipeline is not called again."""
        self.estimator.close()

    def _places(self, look: Look, stamp: float, followed: list[Box]) -> list[Box]:
        """Return where to look for people other than those who are followed."""
        if len(followed) >= self.config.max_people:
            return []
        interval = self.config.detect_interval
        return self._search.places(
            lambda: self._image_for_detector(look),
            look.camera,
            stamp,
            interval=interval,
            followed=followed,
        )

    def _image_for_detector(self, look: Look) -> Image:
        """Return the full image, or blank pixels to a detector that does not look at them."""
        if getattr(self.detector, 'needs_pixels', True):
            return look.decode()
        return np.broadcast_to(np.uint8(0), look.picture.shape)

    def _observe(self, look: Look, boxes: list[Box]) -> Observed:
        """Return what the estimator says about some boxes of the image."""
        return (yield look.into(boxes, self.estimator)) if boxes else []

    def _look_again(self, look: Look, known: list[Candidate], new: list[Candidate]) -> Observed:
        """Return the bodies that are not known yet, seen in crops around their own joints."""
        limit = self.config.min_confidence
        bodies = distinct(self._present(new), look.camera, limit, beside=self._present(known))
        around = [box_around(body, look.camera) for body in bodies]
        return (yield from self._observe(look, around))

    def _present(self, candidates: list[Candidate]) -> list[Candidate]:
        return present(candidates, self.config.min_presence)

    def _look_into(self, boxes: list[Box], look: Look, stamp: float) -> Story:
        """Return one person per box: SEEN, or LOST where the estimator sees nobody."""
        candidates = yield from self._observe(look, boxes)
        return [
            person_from(
                candidate,
                look.camera,
                _name(index),
                state=PersonState.SEEN
                if candidate.presence >= self.config.min_presence
                else PersonState.LOST,
                stamp=stamp,
                min_confidence=self.config.min_confidence,
            )
            for index, candidate in enumerate(candidates)
        ]


def _load_detector(config: PipelineConfig) -> Detector:
    detector: Detector = plugins.load(plugins.DETECTORS, config.detector)(config)
    return detector


def _load_estimator(config: PipelineConfig) -> Estimator:
    """Return the installed estimator of this name; a path is a model file of any method."""
    if config.estimator.endswith('.onnx'):
        return ModelEstimator(find_model(config.estimator), config)
    estimator: Estimator = plugins.load(plugins.ESTIMATORS, config.estimator)(config)
    return estimator


def _check(image: Picture, camera: Camera, depth: DepthImage | None) -> None:
    wanted = (camera.height, camera.width, 3)
    if image.shape != wanted or image.dtype != np.uint8:
        msg = f'the image is {image.dtype} {image.shape}, but its camera gives uint8 {wanted}'
        raise ImageError(msg)
    if depth is not None:
        depth.check(camera)


def _name(index: int) -> str:
    """Return five letters: aaaaa, aaaab, ..."""
    return ''.join(chr(ord('a') + index // 26**power % 26) for power in (4, 3, 2, 1, 0))
