"""Candidates: what an estimator says about one crop, before it is known who that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.boxes import Box, enclosing_box, middle_of_box, overlap
from pose3d_ros.camera import Camera
from pose3d_ros.person import JointState, Person, PersonState

__all__ = [
    'Body',
    'Candidate',
    'box_around',
    'certainty',
    'distances',
    'distinct',
    'person_from',
    'present',
]

Array = NDArray[np.float64]

_FEWEST_JOINTS = 4  # a box around fewer confident joints is made from all joints instead
_SURE = 0.5  # certainty below which nobody is seen
_SMALLEST, _LARGEST = 0.8, 2.6  # longer side of a box at the person's distance [m]
_NEAREST = 0.2  # distance below which a person does not come nearer for these limits [m]
_SAME, _SAME_OVERLAP = 0.3, 0.4  # bodies this near are the same, and more if boxes overlap [m]
_PART, _LIMB, _SHARE = 0.6, 0.25, 0.85  # see `_is_part`; the limb in metres
_TINY = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """What an estimator says about one crop, placed in metres; fields as in `Person`.

    Attributes:
        hidden: Whether a depth camera sees something in front of a joint, shape (J,); None if
            there is no depth.
    """

    presence: float
    pixels: Array
    positions: Array
    confidence: Array
    deviation: Array
    hidden: NDArray[np.bool_] | None = None


Body = Candidate | Person


def person_from(
    candidate: Candidate,
    camera: Camera,
    name: str,
    *,
    state: PersonState,
    stamp: float,
    min_confidence: float,
) -> Person:
    """Return the person seen as this candidate.

    Args:
        candidate: What is seen.
        camera: The camera that sees it.
        name: Five letters.
        state: Whether the person is new.
        stamp: Time of the image [s].
        min_confidence: Joints below this confidence are OCCLUDED, as are those hidden.
    """
    sure = candidate.confidence >= min_confidence
    if candidate.hidden is not None:
        sure &= ~candidate.hidden
    states = np.where(sure, JointState.VISIBLE, JointState.OCCLUDED)
    states[~camera.contains(candidate.pixels)] = JointState.OUT_OF_IMAGE
    return Person(
        id=name,
        state=state,
        presence=candidate.presence,
        box=_visible_box(candidate, camera, min_confidence),
        pixels=candidate.pixels,
        positions=candidate.positions,
        confidence=candidate.confidence,
        deviation=candidate.deviation,
        joint_states=states.astype(np.uint8),
        stamp=stamp,
    )


def present(candidates: Sequence[Candidate], min_presence: float) -> list[Candidate]:
    """Return the candidates that are people.

    A crop that shows but a leg is sure to show a person, too; so its best joints must be sure as
    well: those of half a body, for the others may be hidden or cut off.

    Args:
        candidates: With or without a person.
        min_presence: Of somebody who is there.
    """
    return [
        each for each in candidates if each.presence >= min_presence and certainty(each) >= _SURE
    ]


def certainty(candidate: Candidate) -> float:
    """Return the mean confidence of the better half of the joints, 0..1."""
    return float(np.sort(candidate.confidence)[-(len(candidate.confidence) // 2) :].mean())


def box_around(body: Body, camera: Camera, reach: float = 0.0) -> Box:
    """Return the box to look at for seeing this body again.

    It encloses all joints as far as they are in the image, also those of low confidence: a box
    without them would cut them off, the next crop would know even less of them, and from image
    to image the box would shrink to the trunk. Its middle is inside the image, and its longer
    side is what a person can measure at that distance, so that a box around a part of a body
    neither shrinks away nor runs wild.

    Args:
        body: A body seen before.
        camera: The camera that sees it.
        reach: How far the body may have moved since [m].

    Returns:
        x, y, width and height, partly outside the image perhaps [px].
    """
    box = _visible_box(body, camera, min_confidence=0.0)
    u, v = middle_of_box(box)
    pixels_per_metre = float(camera.K[0, 0]) / max(float(body.positions[0, 2]), _NEAREST)
    limits = _SMALLEST * pixels_per_metre, _LARGEST * pixels_per_metre
    width, height = np.clip(box[2:], *limits) + 2 * reach * pixels_per_metre
    return float(u - (width - 1) / 2), float(v - (height - 1) / 2), float(width), float(height)


def distinct(
    candidates: Sequence[Candidate],
    camera: Camera,
    min_confidence: float,
    beside: Sequence[Candidate] = (),
) -> list[Candidate]:
    """Return one candidate of each body: that of the highest presence, to a tenth.

    Between equals the mean confidence decides: it knows the better crop. A small body that lies
    wholly on the limbs of a larger one is a part of that: a leg, say, taken for a person far away.

    Args:
        candidates: Several of the same body perhaps.
        camera: The camera that sees them.
        min_confidence: Joints below this confidence do not count for how boxes overlap.
        beside: Bodies that have their candidate already.

    Returns:
        Those that are nobody of `beside`, the best first.
    """
    if not candidates:  # in most images nobody is new
        return []
    whole = [
        each
        for each in candidates
        if not any(_is_part(each, other, camera) for other in [*beside, *candidates])
    ]
    ordered = sorted(
        whole,
        key=lambda each: (round(each.presence, 1), float(each.confidence.mean())),
        reverse=True,
    )
    everybody = [*beside, *ordered]
    boxes = [_visible_box(each, camera, min_confidence) for each in everybody]
    same = distances(everybody, everybody) < _SAME + _SAME_OVERLAP * overlap(boxes, boxes)
    kept = list(range(len(beside)))
    for index in range(len(beside), len(everybody)):
        if not same[index, kept].any():
            kept.append(index)
    return [everybody[index] for index in kept[len(beside) :]]


def distances(bodies: Sequence[Body], others: Sequence[Body]) -> Array:
    """Return how far bodies are from others, shape (N, M) [m].

    This is the mean distance of their joints, weighted by confidence, after both roots have been
    put at the same distance from the camera, which is not well known; and a metre for each factor
    e between these distances.
    """
    if not bodies or not others:
        return np.zeros((len(bodies), len(others)))
    positions = np.stack([body.positions for body in bodies])[:, None]
    targets = np.stack([body.positions for body in others])[None]
    ranges = np.linalg.norm(positions[..., 0, :], axis=-1)
    factors = np.linalg.norm(targets[..., 0, :], axis=-1) / ranges
    weights = np.stack([body.confidence for body in bodies])[:, None] + _TINY
    weights = weights * (np.stack([body.confidence for body in others])[None] + _TINY)
    apart = np.linalg.norm(factors[..., None, None] * positions - targets, axis=-1)
    mean = (weights * apart).sum(axis=-1) / weights.sum(axis=-1)
    return np.asarray(mean + np.abs(np.log(factors)))


def _is_part(body: Body, other: Body, camera: Camera) -> bool:
    """Return whether nearly all joints are on the joints of another, much larger body."""
    sizes = [float(np.nanmax(np.ptp(each.pixels, axis=0))) for each in (body, other)]
    if not sizes[0] < _PART * sizes[1]:  # also when one is unknown
        return False
    reach = _LIMB * float(camera.K[0, 0]) / max(float(other.positions[0, 2]), _NEAREST)
    apart = np.linalg.norm(body.pixels[:, None] - other.pixels[None], axis=-1).min(axis=1)
    return float((apart < reach).mean()) >= _SHARE


def _visible_box(body: Body, camera: Camera, min_confidence: float) -> Box:
    """Return the box around the confident joints of a body as far as they are in the image."""
    known = np.isfinite(body.pixels).all(axis=-1)
    sure = known & (body.confidence >= min_confidence)
    chosen = body.pixels[sure if sure.sum() >= _FEWEST_JOINTS else known]
    if not len(chosen):
        return 0.0, 0.0, float(camera.width), float(camera.height)
    return enclosing_box(np.clip(chosen, 0, (camera.width - 1, camera.height - 1)))
