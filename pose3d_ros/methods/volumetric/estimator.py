"""The volumetric estimator: its decoding is in the model file."""

from pose3d_ros.model_estimator import MethodEstimator

__all__ = ['VolumetricEstimator']


class VolumetricEstimator(MethodEstimator):
    """The `Estimator` of Pavlakos et al. 2017 with the soft-argmax of Sun et al. 2018."""

    method = 'volumetric'
