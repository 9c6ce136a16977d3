"""The compositional estimator: its decoding is in the model file."""

from pose3d_ros.model_estimator import MethodEstimator

__all__ = ['CompositionalEstimator']


class CompositionalEstimator(MethodEstimator):
    """The `Estimator` of Sun et al. 2017."""

    method = 'compositional'
