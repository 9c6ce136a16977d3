"""The coordinate estimator: its decoding is in the model file."""

from pose3d_ros.model_estimator import MethodEstimator

__all__ = ['CoordinateEstimator']


class CoordinateEstimator(MethodEstimator):
    """The `Estimator` of plain coordinate regression, the baseline of Pavlakos et al. 2017."""

    method = 'coordinate'
