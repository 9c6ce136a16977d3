"""Framing: where a training crop looks, as the pipeline's crops look at a person's box."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.synthesis.person import CutOut
from pose3d_ros.synthesis.rotations import Z_AXIS, Matrix, about, shortest

Generator = np.random.Generator

MARGIN = 1.25  # a crop's side over the longer side of the box around the joints


@dataclass(frozen=True, slots=True)
class Framing:
    """Where a crop looks, relative to a cut-out.

    Attributes:
        center: Point of the cut-out at the crop's middle [px].
        side: Side of the crop in pixels of the cut-out [px].
        roll: Rotation in the picture [deg].
        mirror: Whether left and right are swapped.
    """

    center: NDArray[np.float64]
    side: float
    roll: float
    mirror: bool


def random_framing(cut_out: CutOut, generator: Generator, hardness: float) -> Framing:
    """Return a random framing: mostly the whole person, sometimes a part or from afar."""
    low, high = cut_out.pixels.min(0), cut_out.pixels.max(0)
    side = MARGIN * float((high - low).max())
    center = (low + high).astype(float) / 2
    kind = generator.random()
    if kind < 0.17 * hardness:  # close: half bodies and less
        neck, pelvis, head = cut_out.pixels[8], cut_out.pixels[0], cut_out.pixels[10]
        share = generator.random()
        focus = neck * (1 - share) + (pelvis if generator.random() < 0.6 else head) * share
        if generator.random() < 0.25:
            focus = cut_out.pixels[generator.integers(17)]
        side /= generator.uniform(1.15, 2.7)
        center = focus + generator.normal(0, 0.08, 2) * side
    elif kind < 0.28 * hardness:  # from afar
        side /= generator.uniform(0.4, 0.8)
        center = center + generator.uniform(-0.25, 0.25, 2) * side
    else:
        side *= math.exp(generator.normal(0, 0.13))
        center = center + generator.normal(0, 0.05, 2) * side
    roll = generator.normal(0, 8) if generator.random() < 0.9 else generator.uniform(-40, 40)
    return Framing(center, side, roll, mirror=bool(generator.random() < 0.5))


def virtual_camera(cut_out: CutOut, framing: Framing, size: int) -> tuple[Matrix, Matrix, float]:
    """Return crop_from_cut_out (homography), the rotation of the camera, and its focal length."""
    focal = cut_out.focal
    principal = cut_out.pixels[0] - focal * cut_out.points[0, :2] / cut_out.points[0, 2]
    ray = np.append((framing.center - principal) / focal, 1.0)
    length = float(np.linalg.norm(ray))
    rotation = about(Z_AXIS, framing.roll) @ shortest(ray / length, Z_AXIS)
    crop_focal = focal * length * size / framing.side
    middle = (size - 1) / 2
    crop = np.array([[crop_focal, 0, middle], [0, crop_focal, middle], [0, 0, 1]])
    source = np.array([[focal, 0, principal[0]], [0, focal, principal[1]], [0, 0, 1]])
    return crop @ rotation @ np.linalg.inv(source), rotation, crop_focal
