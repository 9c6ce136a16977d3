"""What the lifting network is trained to do: two things that know nothing of one another."""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from pose3d_ros.methods.lifting.network import LiftingPrediction
from pose3d_ros.networks import terms
from pose3d_ros.networks.contract import Truth
from pose3d_ros.networks.lifter import root_relative, scale_free


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """Places in the image, and L2 between lifted and true joints (Martinez 2017).

    Attributes:
        pixels, image_marginal, lifting, presence, confidence: Weights of the terms.
        lift_from: Whether the lifter learns from true places in the image or from found ones.
        sigma: Width of the Gaussian that the marginal is compared with [cells].
    """

    pixels: float = 10.0
    image_marginal: float = 0.2
    lifting: float = 10.0
    presence: float = 0.3
    confidence: float = 0.1
    lift_from: Literal['true', 'found'] = 'true'
    sigma: float = 0.75

    def __call__(self, prediction: LiftingPrediction, truth: Truth) -> dict[str, Tensor]:
        """Return the weighted terms; their sum is what training minimises."""
        known = truth.pixels if self.lift_from == 'true' else prediction.pixels.detach()
        lifted = prediction.lift(scale_free(known))
        distance = (lifted - root_relative(truth)).square().sum(-1).mean(1)
        marginals, stride = prediction.marginals, prediction.stride
        in_image = terms.image_marginal_term(marginals, truth, stride, self.sigma)
        return {
            'pixels': self.pixels * terms.pixel_term(prediction, truth),
            'image_marginal': self.image_marginal * in_image,
            'lifting': self.lifting * terms.weighted_mean(distance, terms.persons(truth)),
            'presence': self.presence * terms.presence_term(prediction, truth),
            'confidence': self.confidence * terms.confidence_term(prediction, truth),
        }
