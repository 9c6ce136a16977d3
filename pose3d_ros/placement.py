"""Placement: how far away a person is, and so where every joint is in metres.

An estimator says where joints are in the crop and how deep relative to the root. What is missing
is the depth z of the root. It is the one that gives the limbs their known lengths when they are
back-projected (Pavlakos et al. 2017, "Coarse-to-fine volumetric prediction"): with
the ray r and the relative depth d of each joint, a bone of length L is
|(z + d_i) r_i - (z + d_j) r_j| = |z a + c| = L.

Estimators hedge: between two answers they say something in the middle, so that their bones are
too short. If an estimate is the mean of what may be true, with the variance v per axis for a bone,
the true square of its length is |z a + c|^2 + 3 v on average. Squares are therefore what is
balanced here: the weighted sum of |z a + c|^2 + 3 h v - L^2 over all bones is 0, where h is 1 for
an estimator that hedges perfectly, and -1 for one whose errors are noise beside the truth. v
follows from the confidence, and is at most L^2 / 3, that of a bone that may point anywhere.
Weights come from v and never from the bone's own direction, which is as uncertain as its length;
Cauchy's weights leave out joints that are plainly wrong. Where bones say little, what a crop
typically shows bounds the depth.

No image shows the size of a body: all of this is about a body of mean size, and everything grows
in proportion with the body, by 12 % up or down, or by 4 % if the person's height is known. The
standard deviation of z holds this, the errors of the joints, doubts about h, and the proportions
of the bones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from pose3d_ros.crop import Crop
from pose3d_ros.errors import EstimateError
from pose3d_ros.rotations import dot
from pose3d_ros.skeleton import Skeleton

__all__ = ['CONFIDENCE_RADIUS', 'MEAN_HEIGHT', 'Placement', 'joint_deviation', 'place']

Array = NDArray[np.float64]

CONFIDENCE_RADIUS = 0.15
"""A confidence is the probability of an error below this distance [m]."""

MEAN_HEIGHT = 1.78
"""Mean height of the rendered people, whose mean bone lengths model files carry [m]."""

_SIZE_DEVIATION = 0.12  # of the size of a body, when nothing is known about it
_KNOWN_SIZE_DEVIATION = 0.04  # when its height is known
_PROPORTION_DEVIATION = 0.06  # of one bone's length, beside the size of the body
_SHARED = 0.5  # part of the variance of a joint that its neighbours share
_HEDGING, _HEDGING_DEVIATION = 0.75, 0.4  # h, as measured on the volumetric estimator
_SHOWN = 2.0  # width that a crop typically shows at the person's distance [m]
_SHOWN_DEVIATION = 0.7  # of the logarithm of that width
_CAUCHY = 2.385  # 95 % as efficient as least squares where nothing is wrong
_NEAREST = 0.05  # smallest depth of a joint [m]
_STEPS = 8
_LONGEST_STEP = 0.5
_CONVERGED = 1e-4
_TINY = 1e-12
_TRIALS = np.linspace(-2.4, 2.4, 33)  # logarithms of depths tried, around the typical one


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Where one person is.

    Attributes:
        positions: Joints in the optical frame of the crop, shape (J, 3) [m].
        deviation: Standard deviation of each position along the direction in which it is known
            least, shape (J,) [m].
        root_depth: Depth of the root in the crop [m].
        root_deviation: Standard deviation of that depth [m].
    """

    positions: Array
    deviation: Array
    root_depth: float
    root_deviation: float


def place(
    pixels: NDArray[np.floating],
    depth: NDArray[np.floating],
    confidence: NDArray[np.floating],
    crops: Sequence[Crop],
    skeleton: Skeleton,
    *,
    height: float | None = None,
) -> list[Placement]:
    """Return where people are, one in each crop: many cost little more than one.

    Where the limbs say nothing (all joints in one place, no confidence), the answer is what the
    crop typically shows, with a `root_deviation` of most of the depth.

    Args:
        pixels: Joints in the crops, shape (N, J, 2) [px].
        depth: Depth of the joints relative to the root, shape (N, J) [m].
        confidence: Of each joint, as in `Estimates`, shape (N, J), 0..1.
        crops: What the estimator looked at, N of them.
        skeleton: The joints.
        height: Height of the people; None when unknown [m].

    Raises:
        EstimateError: Something is not finite, or there are not J of each.
    """
    pixels, depth, confidence = _checked(pixels, depth, confidence, skeleton)
    rays = np.stack([crop.rays(each) for crop, each in zip(crops, pixels, strict=True)])
    deviation = joint_deviation(confidence)
    bones = _Bones.between(rays, depth, deviation, skeleton)
    typical = np.array([crop.focal * _SHOWN / max(crop.size) for crop in crops])
    root, relative_deviation = bones.solve(typical, nearest=_NEAREST - depth.min(axis=1))
    size = height / MEAN_HEIGHT if height else 1.0
    size_deviation = _KNOWN_SIZE_DEVIATION if height else _SIZE_DEVIATION
    root_deviation = size * root * np.hypot(relative_deviation, size_deviation)
    return [
        Placement(*fields)
        for fields in zip(
            size * np.maximum(root[:, None] + depth, _NEAREST)[..., None] * rays,
            np.hypot(size * deviation, root_deviation[:, None]),
            (size * root).tolist(),
            root_deviation.tolist(),
            strict=True,
        )
    ]


def joint_deviation(confidence: NDArray[np.floating]) -> Array:
    """Return the standard deviation of joints relative to the root, per axis [m].

    An isotropic Gaussian error e has P(|e| < R) = P(3/2, (R / s)^2 / 2), with the regularised
    incomplete gamma function; this is its inverse. Confidences are taken as 0.05 to 0.99: an
    estimator that sees nothing still knows what bodies look like.

    Args:
        confidence: Probability that the error is below `CONFIDENCE_RADIUS`, any shape, 0..1.
    """
    kept = np.clip(np.asarray(confidence, dtype=np.float64), 0.05, 0.99)
    return np.asarray(CONFIDENCE_RADIUS / np.sqrt(2 * gammaincinv(1.5, kept)))


@dataclass(frozen=True, slots=True, eq=False)
class _Bones:
    """What the B bones of N people say about the depths z of their roots.

    The excess |z a + c|^2 + 3 h v - L^2, which is to be balanced, is a polynomial in z.

    Attributes:
        terms: Its factors of z^2, of 2 z and of 1, and v, shape (N, 4, B).
        variance: Of |z a + c|^2, shape (N, B) [m^4].
        tolerated: Square of an excess that is plainly wrong, shape (N, B) [m^4].
        weight: L^2 over the variance, shape (N, B) [1/m^2].
    """

    terms: Array
    variance: Array
    tolerated: Array
    weight: Array

    @classmethod
    def between(cls, rays: Array, depth: Array, deviation: Array, skeleton: Skeleton) -> '_Bones':
        """Return the bones between joints of these rays, depths and standard deviations.

        Args:
            rays: Shape (N, J, 3).
            depth: Shape (N, J) [m].
            deviation: Shape (N, J) [m].
            skeleton: The joints.
        """
        child, parent, square = _tree(skeleton)
        joints = np.stack((rays, rays * depth[..., None]), axis=-2)
        bones = joints.take(child, axis=1) - joints.take(parent, axis=1)  # a and c
        products = bones @ bones.swapaxes(-1, -2)
        claimed = deviation**2 * (1 - _SHARED)
        claimed = claimed.take(child, axis=1) + claimed.take(parent, axis=1)
        noise = 1 / (1 / claimed + 3 / square)
        variance = 4 * square * noise + 6 * noise**2 + (2 * _PROPORTION_DEVIATION * square) ** 2
        ends = products[..., 1, 1] + 3 * _HEDGING * noise - square
        return cls(
            terms=np.stack((products[..., 0, 0], products[..., 0, 1], ends, noise), axis=1),
            variance=variance,
            tolerated=_CAUCHY**2 * (variance + (3 * _HEDGING_DEVIATION * noise) ** 2),
            weight=square / variance,
        )

    def solve(self, typical: Array, nearest: Array) -> tuple[Array, Array]:
        """Return z [m] and the standard deviation of its logarithm, for bodies of known size.

        Newton's steps over the logarithm of z, from the best of some depths tried.

        Args:
            typical: Depths expected from the crops alone, shape (N,) [m].
            nearest: Smallest depths that leave all joints in front of the crop, shape (N,) [m].
        """
        expected, lowest = np.log(typical), np.log(np.maximum(nearest, _NEAREST))
        log_depth = np.maximum(self._best_trial(expected), lowest)
        for _ in range(_STEPS):
            excess, slope, variance = self._balance(log_depth)
            step = np.minimum(np.maximum(excess / slope, -_LONGEST_STEP), _LONGEST_STEP)
            log_depth = np.maximum(log_depth - step, lowest)
            if np.abs(step).max() < _CONVERGED:
                break
        weight, prior = slope**2 / (variance + excess**2), _SHOWN_DEVIATION**-2
        mean = (weight * log_depth + prior * expected) / (weight + prior)
        return np.exp(np.maximum(mean, lowest)), 1 / np.sqrt(weight + prior)

    def _best_trial(self, expected: Array) -> Array:
        """Return the logarithms of the depths tried that fit best, shape (N,)."""
        relative = self._relative(np.exp(expected[:, None] + _TRIALS))
        losses = _CAUCHY**2 * np.log1p(relative).sum(axis=-1) + (_TRIALS / _SHOWN_DEVIATION) ** 2
        return np.asarray(expected + _TRIALS[np.argmin(losses, axis=-1)])

    def _balance(self, log_depth: Array) -> tuple[Array, Array, Array]:
        """Return the weighted excess of all bones, its slope over log z and its variance, (N,)."""
        z = np.exp(log_depth)
        weights = self.weight / (1 + self._relative(z[:, None])[:, 0])
        square, linear, ends, noise = (self.terms @ weights[..., None])[..., 0].T
        square, linear = z**2 * square, z * linear
        # Twice the sum, unless contradictory depths make that too small to be true.
        slope = np.maximum(np.maximum(2 * (square + linear), square), _TINY)
        variance = dot(weights**2, self.variance) + (3 * _HEDGING_DEVIATION * noise) ** 2
        return square + 2 * linear + ends, slope, variance

    def _relative(self, depth: Array) -> Array:
        """Return squared excesses in units of what is tolerated, shape (N, K, B).

        Args:
            depth: z, shape (N, K) [m].
        """
        z, (square, linear, ends) = depth[..., None], self.terms[:, :3, None].swapaxes(0, 1)
        return np.asarray(((z * square + 2 * linear) * z + ends) ** 2 / self.tolerated[:, None])


@lru_cache(maxsize=8)
def _tree(skeleton: Skeleton) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """Return children, parents and squared mean lengths [m^2] of the bones, shape (B,) each."""
    child, parent = np.array(skeleton.bones, dtype=np.intp).T
    return child, parent, np.array(skeleton.bone_lengths)[child] ** 2


def _checked(
    pixels: NDArray[np.floating],
    depth: NDArray[np.floating],
    confidence: NDArray[np.floating],
    skeleton: Skeleton,
) -> tuple[Array, Array, Array]:
    joints = len(skeleton.joints)
    arrays = []
    for name, array, shape in (
        ('pixels', pixels, (joints, 2)),
        ('depth', depth, (joints,)),
        ('confidence', confidence, (joints,)),
    ):
        numbers = np.asarray(array, dtype=np.float64)
        found = numbers.shape[1:]
        if found != shape or not np.isfinite(numbers).all():
            problem = found if found != shape else 'not finite'
            msg = f'{name} of the estimate are {problem}; they must be {shape} finite numbers'
            raise EstimateError(msg)
        arrays.append(numbers)
    return arrays[0], arrays[1], arrays[2]
