"""The estimator over a model file: what all methods that ship weights have in common."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pose3d_ros import mirror, model_file, plugins
from pose3d_ros.config import PipelineConfig
from pose3d_ros.errors import ImageError, ModelFileError
from pose3d_ros.estimator import Runtime
from pose3d_ros.model_file import ModelFile, find_model
from pose3d_ros.person import Estimates
from pose3d_ros.precision import check_twin
from pose3d_ros.skeleton import Skeleton

__all__ = ['MethodEstimator', 'ModelEstimator']


class ModelEstimator:
    """An `Estimator` that asks a model file through a runtime.

    Attributes:
        file: What the file says about itself.
    """

    file: ModelFile
    _runtime: Runtime

    def __init__(self, path: Path, config: PipelineConfig, *, method: str = '') -> None:
        """Open a model file, check it and run it once.

        Args:
            path: The file; see `model_file.find_model`.
            config: Names the runtime and carries its settings.
            method: The file must hold this method; empty for any.

        Raises:
            ModelFileError: The file does not keep the contract or holds another method.
            PluginError: There is no such runtime.
        """
        self._runtime = plugins.load(plugins.RUNTIMES, config.runtime)(path, config)
        try:
            check_twin(path, self._runtime)
            self.file = model_file.read(self._runtime.path, self._runtime)
            self._mirrored = config.mirror_averaging and self.file.mirror_averaging
            self._check_method(method or self.name)
            self._try_out()
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """The method that the file holds."""
        return self.file.method

    @property
    def skeleton(self) -> Skeleton:
        """The joints of the file."""
        return self.file.skeleton

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height of the crops [px]."""
        return self.file.input_size

    @property
    def crop_margin(self) -> float:
        """Side of the crops as a multiple of the person's box."""
        return self.file.crop_margin

    @property
    def digest(self) -> str:
        """SHA-256 of the file, hexadecimal."""
        return self.file.digest

    def describe(self) -> Mapping[str, str]:
        """Return where the model is, what it is, and what runs it."""
        width, height = self.input_size
        return {
            'method': self.name,
            'model': str(self.file.path),
            'digest': self.digest[:12],
            'input': f'{width}x{height}',
            'mirror averaging': 'on' if self._mirrored else 'off',
            **self._runtime.describe(),
        }

    def __call__(self, crops: NDArray[np.uint8]) -> Estimates:
        """Return the estimates for a batch of crops.

        Args:
            crops: Pictures of one person each, RGB, shape (N, height, width, 3); N may be 0.

        Raises:
            ImageError: The crops have another size or type.
        """
        width, height = self.input_size
        if crops.dtype != np.uint8 or crops.shape[1:] != (height, width, 3):
            msg = (
                f'{self.name} takes crops uint8 (N, {height}, {width}, 3), '
                f'not {crops.dtype} {crops.shape}'
            )
            raise ImageError(msg)
        if not len(crops):
            return _nobody(len(self.skeleton.joints))
        if not self._mirrored:
            return Estimates(**self._runtime.run(crops))
        both = Estimates(**self._runtime.run(mirror.with_mirror_images(crops)))
        return mirror.averaged(both, self.skeleton.mirror, width)

    def close(self) -> None:
        """Close the file."""
        self._runtime.close()

    def _check_method(self, method: str) -> None:
        if method != self.name:
            msg = f'model file {self.file.path} holds the method {self.name!r}, not {method!r}'
            raise ModelFileError(msg)

    def _try_out(self) -> None:
        """Run once, which also warms up, and refuse numbers that no sound model gives."""
        width, height = self.input_size
        joints = len(self.skeleton.joints)
        estimates = self(np.full((2, height, width, 3), 128, np.uint8))
        for field in fields(Estimates):
            values = getattr(estimates, field.name)
            shape = (2, joints, 2)[: values.ndim]
            if values.shape != shape or not np.isfinite(values).all():
                msg = (
                    f'model file {self.file.path} is damaged: for two grey pictures its '
                    f'{field.name} are {values.shape}, {np.isfinite(values).mean():.0%} finite'
                )
                raise ModelFileError(msg)


class MethodEstimator(ModelEstimator):
    """The estimator of one method: over the model file that is configured, or the shipped one.

    Attributes:
        method: Its name, in model files and as that of the shipped one.
    """

    method: ClassVar[str]

    def __init__(self, config: PipelineConfig) -> None:
        """Open the model file that the config names, or the shipped one.

        Raises:
            ModelFileError: The model file is missing, damaged or of another method.
            PluginError: There is no such runtime.
        """
        super().__init__(find_model(config.model or self.method), config, method=self.method)


def _nobody(count: int) -> Estimates:
    return Estimates(
        pixels=np.empty((0, count, 2), np.float32),
        depth=np.empty((0, count), np.float32),
        confidence=np.empty((0, count), np.float32),
        presence=np.empty(0, np.float32),
    )
