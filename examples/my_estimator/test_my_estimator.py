"""The law of this estimator: the skeleton fills the silhouette."""

import numpy as np
from my_estimator import SilhouetteEstimator

from pose3d_ros.config import PipelineConfig


def test_the_skeleton_fills_the_silhouette() -> None:
    estimator = SilhouetteEstimator(PipelineConfig())
    crops = np.zeros((2, 96, 96, 3), np.uint8)
    crops[1, 10:90, 40:60] = 255
    estimates = estimator(crops)
    assert estimates.presence.tolist() == [0, 1]
    assert (estimates.pixels[1] >= (40, 10)).all()
    assert (estimates.pixels[1] <= (59, 89)).all()
    head = estimator.skeleton.index('head_top')
    np.testing.assert_allclose(estimates.pixels[1, head], (49.5, 10))
