"""The errors that `pose3d_ros` raises.

Every one of them is a `Pose3DError`, so one `except` clause catches what this package can
report. Each message names the thing, the place and what would be right::

    Pose3DError
    ├── ConfigError       an option has a value that it cannot have
    ├── PluginError       a plugin of that name is missing, or cannot be loaded
    ├── ModelFileError    a model file is missing, foreign, damaged or does not fit
    ├── DeviceError       a GPU, its driver or its library is missing, or a call to it failed
    ├── EngineError       an engine cannot be built, loaded or kept safely
    ├── EstimateError     an estimator returned what the contract does not allow
    ├── SkeletonError     a skeleton contradicts itself
    ├── CameraError       intrinsics or distortion cannot describe a camera
    ├── ImageError        an image's size, step, encoding or data do not agree
    ├── BoxError          a box does not enclose anything
    ├── MessageError      a message cannot be built, sent or understood
    └── DataError         training data or a checkpoint is missing or damaged
"""

__all__ = [
    'BoxError',
    'CameraError',
    'ConfigError',
    'DataError',
    'DeviceError',
    'EngineError',
    'EstimateError',
    'ImageError',
    'MessageError',
    'ModelFileError',
    'PluginError',
    'Pose3DError',
    'SkeletonError',
]


class Pose3DError(Exception):
    """The root of all errors of this package."""


class ConfigError(Pose3DError):
    """An option has a value that it cannot have."""


class PluginError(Pose3DError):
    """A plugin of that name is missing, or cannot be loaded."""


class ModelFileError(Pose3DError):
    """A model file is missing, foreign, damaged or does not fit."""


class DeviceError(Pose3DError):
    """A GPU, its driver or its library is missing, or a call to it failed."""


class EngineError(Pose3DError):
    """An engine cannot be built, loaded or kept safely."""


class EstimateError(Pose3DError):
    """An estimator returned what the contract does not allow."""


class SkeletonError(Pose3DError):
    """A skeleton contradicts itself."""


class CameraError(Pose3DError):
    """Intrinsics or distortion cannot describe a camera."""


class ImageError(Pose3DError):
    """An image's size, step, encoding or data do not agree."""


class BoxError(Pose3DError):
    """A box does not enclose anything."""


class MessageError(Pose3DError):
    """A message cannot be built, sent or understood."""


class DataError(Pose3DError):
    """Training data or a checkpoint is missing or damaged."""
