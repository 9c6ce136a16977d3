"""Training crops from cut-outs: virtual camera, background, other people, occluders, wear.

Each crop is a pure function of a seed, so a run can be repeated and continued, and several
networks can be fed with the same crops in the same order.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.crop import OUTSIDE_COLOUR
from pose3d_ros.skeleton import H36M_17
from pose3d_ros.synthesis import occluders
from pose3d_ros.synthesis.degradation import degraded
from pose3d_ros.synthesis.fabrics import cloth_color
from pose3d_ros.synthesis.framing import Framing, random_framing, virtual_camera
from pose3d_ros.synthesis.material import Material
from pose3d_ros.synthesis.person import CutOut
from pose3d_ros.synthesis.rotations import Matrix

Generator = np.random.Generator
Float = NDArray[np.float32]
Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]

FEWEST_JOINTS = 5  # fewer joints in sight than this are not called a person ...
NO_PERSON = 1  # ... and this many or fewer are called nobody


@dataclass(frozen=True, slots=True)
class Sample:
    """A crop with its labels; N of them are stacked into a batch of the same fields.

    Attributes:
        image: RGB, shape (T, T, 3), uint8.
        pixels: Joints, pixel centres at integers, shape (17, 2) [px].
        depth: Depth of each joint relative to the root, shape (17,) [m].
        points: Joints in the crop's optical frame, shape (17, 3) [m].
        focal: Focal length of the crop [px].
        presence: 1 a person, 0 nobody, NaN neither clearly.
    """

    image: Picture
    pixels: Float
    depth: Float
    points: Float
    focal: Float
    presence: Float


class Composer(Material):
    """Makes crops."""

    def batch(self, seed: tuple[int, ...], count: int, size: int, hardness: float = 1.0) -> Sample:
        """Return crops stacked along a new first axis.

        Args:
            seed: The crops are a function of it.
            count: How many.
            size: Width and height of a crop [px].
            hardness: Scales how often people are cut off, covered, far away or not alone, 0..1.
        """
        generator = np.random.default_rng(seed)
        samples = [self.sample(generator, size, hardness) for _ in range(count)]
        return Sample(
            *(np.stack([getattr(s, name) for s in samples]) for name in Sample.__slots__)
        )

    def sample(self, generator: Generator, size: int, hardness: float = 1.0) -> Sample:
        """Return one crop; see `batch`."""

        def happens(probability: float) -> bool:
            return bool(generator.random() < probability * hardness)

        picture = self._background(generator, size).astype(np.float32)
        cut_out = self._cut_outs[int(generator.integers(len(self._cut_outs)))]
        framing = random_framing(cut_out, generator, hardness)
        absent = generator.random() < 0.08
        if happens(0.2):
            picture = self._add_stranger(picture, generator, in_front=False)
        warp, rotation, focal = virtual_camera(cut_out, framing, size)
        if not absent:
            picture = _paste(picture, _worn(cut_out, warp, size, generator))
        covered: Mask = np.zeros((size, size), bool)
        if not absent and happens(0.08):
            picture = self._add_stranger(picture, generator, in_front=True)
        if happens(0.4):
            self._occlude(picture, covered, generator)
        if happens(0.1):
            self._cover_below(picture, covered, generator)
        worn = degraded(picture, generator)
        if happens(0.13):
            _cut_at_image_border(worn, covered, generator)
        points: NDArray[np.float64] = cut_out.points @ rotation.T
        pixels: NDArray[np.float64] = points[:, :2] / points[:, 2:] * focal + (size - 1) / 2
        if framing.mirror:
            worn = np.flip(worn, 1)
            covered = np.flip(covered, 1)
            mirror = list(H36M_17.mirror)
            pixels = np.take(pixels * (-1, 1) + (size - 1, 0), mirror, axis=0)
            points = np.take(points * (-1, 1, 1), mirror, axis=0)
        return Sample(
            worn[..., ::-1],
            pixels.astype(np.float32),
            (points[:, 2] - points[0, 2]).astype(np.float32),
            points.astype(np.float32),
            np.array(focal, np.float32),
            np.array(0 if absent else _presence(pixels, covered), np.float32),
        )

    def _background(self, generator: Generator, size: int) -> NDArray[np.uint8]:
        whole = self._backgrounds[generator.integers(len(self._backgrounds))]
        side = int(len(whole) * generator.uniform(0.45, 1))
        x, y = generator.integers(0, len(whole) - side + 1, 2)
        part = cv2.resize(whole[y : y + side, x : x + side], (size, size))
        return np.asarray(part[:, ::-1] if generator.random() < 0.5 else part, np.uint8)

    def _add_stranger(self, picture: Float, generator: Generator, *, in_front: bool) -> Float:
        """Paste somebody else, off the middle."""
        size = len(picture)
        cut_out = self._cut_outs[int(generator.integers(len(self._cut_outs)))]
        side = len(cut_out.rgba) * generator.uniform(0.8, 2.2)
        angle = generator.normal(0, 0.35) + (math.pi if generator.random() < 0.5 else 0)
        reach = generator.uniform(0.35, 0.6) * side
        if in_front:
            reach = max(reach, 0.45 * side)
        middle = (len(cut_out.rgba) - 1) / 2
        center = middle - reach * np.array([math.cos(angle), math.sin(angle)])
        warp, _, _ = virtual_camera(cut_out, Framing(center, side, 0.0, mirror=False), size)
        return _paste(picture, _worn(cut_out, warp, size, generator))

    def _occlude(self, picture: Float, covered: Mask, generator: Generator) -> None:
        """Put one to three things in front; see `occluders`."""
        for _ in range(generator.integers(1, 4)):
            mask = occluders.thing(len(picture), generator)
            self._fill(picture, mask, generator)
            covered |= mask

    def _cover_below(self, picture: Float, covered: Mask, generator: Generator) -> None:
        """Put furniture in front of the lower part."""
        for mask in occluders.furniture(len(picture), generator):
            self._fill(picture, mask, generator)
            covered |= mask

    def _fill(self, picture: Float, mask: Mask, generator: Generator) -> None:
        kind = generator.random()
        if kind < 0.5:
            picture[mask] = self._background(generator, len(picture))[mask]
            return
        color = np.asarray(cloth_color(generator)[::-1] * 255, np.float32)
        if kind < 0.7:
            color = generator.integers(0, 256, 3).astype(np.float32)
        start, end = generator.uniform(0.6, 1.3, 2)
        shade = np.linspace(start, end, len(picture), dtype=np.float32)[mask.nonzero()[0]]
        picture[mask] = np.minimum(color * shade[:, None], 255)


def _worn(cut_out: CutOut, warp: Matrix, size: int, generator: Generator) -> Float:
    """Return the warped cut-out with its exposure changed, premultiplied BGRA, (T, T, 4)."""
    warped = cv2.warpPerspective(cut_out.rgba, warp, (size, size), flags=cv2.INTER_LINEAR)
    layer = np.asarray(warped, np.float32)
    gain = math.exp(generator.normal(0.12, 0.26)) * (1 + generator.normal(0, 0.05, 3))
    color = layer[..., :3] * gain.astype(np.float32)
    if generator.random() < 0.4:  # light falls off across the person
        dx, dy = generator.normal(0, 0.25, 2)
        ramp = np.linspace(-1, 1, size, dtype=np.float32)
        color *= np.clip(1 + dx * ramp[None, :, None] + dy * ramp[:, None, None], 0.3, 1.5)
    layer[..., :3] = np.minimum(color, layer[..., 3:])
    return layer


def _paste(picture: Float, layer: Float) -> Float:
    return np.asarray(picture * (1 - layer[..., 3:] / 255) + layer[..., :3], np.float32)


def _cut_at_image_border(picture: NDArray[np.uint8], covered: Mask, generator: Generator) -> None:
    """Blank what lies outside the camera's image, as `Crop.warp` does."""
    size = len(picture)
    depth = int(size * generator.uniform(0.03, 0.42))
    outside = [np.s_[size - depth :], np.s_[:depth], np.s_[:, :depth], np.s_[:, size - depth :]]
    for part in generator.choice(4, generator.integers(1, 3), p=(0.5, 0.14, 0.18, 0.18)):
        picture[outside[part]] = OUTSIDE_COLOUR
        covered[outside[part]] = True


def _presence(pixels: NDArray[np.float64], covered: Mask) -> float:
    nearest = np.rint(pixels).astype(int)
    inside = ((nearest >= 0) & (nearest < len(covered))).all(1)
    row, column = nearest[inside].T[::-1]
    seen = ~covered[row, column]
    if seen.sum() >= FEWEST_JOINTS:
        return 1.0
    return 0.0 if seen.sum() <= NO_PERSON else math.nan
