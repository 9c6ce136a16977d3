"""The ordinal estimator: its decoding is in the model file."""

from pose3d_ros.model_estimator import MethodEstimator

__all__ = ['OrdinalEstimator']


class OrdinalEstimator(MethodEstimator):
    """The `Estimator` of Pavlakos et al. 2018, with its reconstruction network."""

    method = 'ordinal'
