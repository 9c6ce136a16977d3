"""The lifting estimator: its decoding is in the model file."""

from pose3d_ros.model_estimator import MethodEstimator

__all__ = ['LiftingEstimator']


class LiftingEstimator(MethodEstimator):
    """The `Estimator` of Martinez et al. 2017, over the joints of another one."""

    method = 'lifting'
