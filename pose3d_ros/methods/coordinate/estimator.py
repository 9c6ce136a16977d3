"""The coordinate estimator: its decoding is in the model file."""

from pose3d_ros.config import PipelineConfig
from pose3d_ros.model_estimator import ModelEstimator
from pose3d_ros.model_file import find_model

__all__ = ['CoordinateEstimator']


class CoordinateEstimator(ModelEstimator):
    """The `Estimator` of plain coordinate regression, the baseline of Pavlakos et al. 2017."""

    def __init__(self, config: PipelineConfig) -> None:
        """Open the model file that the config names, or the shipped one.

        Raises:
            ModelFileError: The model file is missing, damaged or of another method.
            PluginError: There is no such runtime.
        """
        super().__init__(find_model(config.model or 'coordinate'), config, method='coordinate')
