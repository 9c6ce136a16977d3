"""Full frames with several people, composed from cut-outs: what a detector learns from.

A frame is a picture as a camera takes it, scaled into the upper left corner of the network's
input; the rest is blank. Like crops, frames are a pure function of a seed.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.crop import OUTSIDE_COLOUR
from pose3d_ros.synthesis.degradation import degraded
from pose3d_ros.synthesis.material import Material
from pose3d_ros.synthesis.person import CutOut

Generator = np.random.Generator
Float = NDArray[np.float32]
Picture = NDArray[np.uint8]

ASPECT = 1.25
"""Width over height of a frame: 4:3 and 16:9 pictures waste little of it."""

MOST_PEOPLE = 8
FEWEST_JOINTS = 5  # fewer joints in sight than this may be called a person or not ...
NOBODY = 1  # ... and this many or fewer are nobody
SMALLEST = 0.05  # and so may people smaller than this share of the frame's height

_PICTURE_ASPECTS = (4 / 3, 16 / 9, 5 / 4, 1.0, 3 / 4, 9 / 16)
_ASPECT_SHARES = (0.4, 0.33, 0.1, 0.07, 0.06, 0.04)
_COUNT_SHARES = (0.12, 0.3, 0.22, 0.15, 0.1, 0.06, 0.03, 0.02)


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame with its labels; N of them are stacked into a batch of the same fields.

    Attributes:
        image: RGB, shape (H, W, 3), uint8.
        boxes: x, y of the upper left corner, width and height around the joints of each person
            as far as they are in the picture, shape (MOST_PEOPLE, 4), NaN for nobody [px].
        clear: 1 where the person is clearly to be seen, 0 where hardly, shape (MOST_PEOPLE,).
    """

    image: Picture
    boxes: Float
    clear: Float


def frame_size(height: int) -> tuple[int, int]:
    """Return width and height of frames of this height [px]."""
    return round(height * ASPECT), height


class FrameComposer(Material):
    """Makes frames."""

    def batch(self, seed: tuple[int, ...], count: int, size: int, hardness: float = 1.0) -> Frame:
        """Return frames stacked along a new first axis.

        Args:
            seed: The frames are a function of it.
            count: How many.
            size: Height of a frame [px].
            hardness: Scales how often people are small or covered, 0..1.
        """
        generator = np.random.default_rng(seed)
        frames = [self.frame(generator, size, hardness) for _ in range(count)]
        return Frame(*(np.stack([getattr(f, name) for f in frames]) for name in Frame.__slots__))

    def frame(self, generator: Generator, size: int, hardness: float = 1.0) -> Frame:
        """Return one frame; see `batch`."""
        width, height = _picture_size(generator, size)
        picture = self._background(generator, width, height)
        owner = np.zeros((height, width), np.int8)  # whom a pixel shows: 1, 2, ...
        count = int(generator.choice(len(_COUNT_SHARES), p=_COUNT_SHARES))
        smallest = 0.3 + (0.07 - 0.3) * hardness
        spread = generator.uniform(math.log(smallest), math.log(1.5), count)
        joints = []
        for index, side in enumerate(np.exp(np.sort(spread)) * height):
            cut_out = self._cut_outs[int(generator.integers(len(self._cut_outs)))]
            warp = _placement(cut_out, float(side), (width, height), generator)
            _paste(picture, owner, index + 1, _lit(cut_out, generator), warp)
            joints.append(cut_out.pixels @ warp[:, :2].T + warp[:, 2])
        if generator.random() < 0.4 * hardness:
            self._occlude(picture, owner, generator)
        full = np.full((size, frame_size(size)[0], 3), OUTSIDE_COLOUR, np.uint8)
        full[:height, :width] = degraded(picture, generator)
        boxes, clear = _labels(joints, owner)
        return Frame(full[..., ::-1], boxes, clear)

    def _background(self, generator: Generator, width: int, height: int) -> Float:
        whole = self._backgrounds[generator.integers(len(self._backgrounds))]
        scale = len(whole) / max(width, height) * generator.uniform(0.5, 1)
        wide, high = int(width * scale), int(height * scale)
        x, y = generator.integers(0, (len(whole) - wide + 1, len(whole) - high + 1))
        part = cv2.resize(whole[y : y + high, x : x + wide], (width, height))
        return np.asarray(part[:, ::-1] if generator.random() < 0.5 else part, np.float32)

    def _occlude(self, picture: Float, owner: NDArray[np.int8], generator: Generator) -> None:
        """Put some boards and discs in front."""
        height, width = owner.shape
        for _ in range(generator.integers(1, 5)):
            mask = np.zeros(owner.shape, np.uint8)
            x, y = (int(v) for v in generator.integers(0, (width, height)))
            w, h = (int(v) for v in generator.integers(height // 20, height // 3, 2))
            if generator.random() < 0.7:
                cv2.rectangle(mask, (x, y), (x + w, y + h), 1, -1)
            else:
                cv2.ellipse(mask, (x, y), (w // 2 + 1, h // 2 + 1), 0, 0, 360, 1, -1)
            hidden = mask > 0
            filling = self._background(generator, width, height)
            if generator.random() < 0.4:
                filling[:] = generator.integers(0, 256, 3)
            picture[hidden] = filling[hidden]
            owner[hidden] = MOST_PEOPLE + 1


def _picture_size(generator: Generator, size: int) -> tuple[int, int]:
    """Return width and height of a picture of a usual shape that just fits into a frame."""
    aspect = float(generator.choice(_PICTURE_ASPECTS, p=_ASPECT_SHARES))
    widest, highest = frame_size(size)
    height = min(highest, round(widest / aspect))
    return min(widest, round(height * aspect)), height


def _placement(
    cut_out: CutOut, side: float, size: tuple[int, int], generator: Generator
) -> NDArray[np.float64]:
    """Return frame_from_cut_out, shape (2, 3): the person's box gets this longer side [px]."""
    low, high = cut_out.pixels.min(0), cut_out.pixels.max(0)
    scale = side / float((high - low).max())
    roll = math.radians(generator.normal(0, 5))
    turn = scale * np.array([[math.cos(roll), -math.sin(roll)], [math.sin(roll), math.cos(roll)]])
    if generator.random() < 0.5:
        turn = turn @ np.diag([-1.0, 1.0])
    width, height = size
    target = np.array(
        [
            generator.uniform(-0.05, 1.05) * width,
            generator.uniform(0.2, 0.85) * height,
        ]
    )
    return np.column_stack([turn, target - turn @ ((low + high) / 2)])


def _lit(cut_out: CutOut, generator: Generator) -> Float:
    """Return the cut-out with its exposure changed, premultiplied BGRA."""
    layer = np.asarray(cut_out.rgba, np.float32)
    gain = math.exp(generator.normal(0.12, 0.26)) * (1 + generator.normal(0, 0.05, 3))
    lit = np.minimum(layer[..., :3] * gain.astype(np.float32), layer[..., 3:])
    return np.concatenate([lit, layer[..., 3:]], -1)


def _paste(
    picture: Float,
    owner: NDArray[np.int8],
    name: int,
    layer: Float,
    warp: NDArray[np.float64],
) -> None:
    """Paste a layer into the part of the picture that it covers."""
    height, width = owner.shape
    side = len(layer)
    corners = np.array([(0, 0), (side, 0), (0, side), (side, side)]) @ warp[:, :2].T + warp[:, 2]
    left, top = np.clip(np.floor(corners.min(0)), 0, (width, height)).astype(int)
    right, foot = np.clip(np.ceil(corners.max(0)) + 1, 0, (width, height)).astype(int)
    if right <= left or foot <= top:
        return
    there = warp - np.array([[0, 0, left], [0, 0, top]])
    scale = float(np.linalg.norm(warp[:, 0]))
    if scale < 0.6:  # what is shrunk much would flicker
        layer = np.asarray(cv2.GaussianBlur(layer, (0, 0), 0.35 / scale), np.float32)
    size = int(right - left), int(foot - top)
    warped = np.asarray(cv2.warpAffine(layer, there, size), np.float32)
    alpha = warped[..., 3:] / 255
    part = picture[top:foot, left:right]
    part *= 1 - alpha
    part += warped[..., :3]
    owner[top:foot, left:right][alpha[..., 0] > 0.5] = name


def _labels(joints: list[NDArray[np.float64]], owner: NDArray[np.int8]) -> tuple[Float, Float]:
    """Return boxes and clearness of the people whose joints these are, far ones first."""
    height, width = owner.shape
    boxes = np.full((MOST_PEOPLE, 4), np.nan, np.float32)
    clear = np.zeros(MOST_PEOPLE, np.float32)
    for index, pixels in enumerate(joints):
        nearest = np.rint(pixels).astype(int)
        inside = ((nearest >= 0) & (nearest < (width, height))).all(1)
        column, row = nearest[inside].T
        seen = int((owner[row, column] <= index + 1).sum())
        if seen <= NOBODY:
            continue
        low = np.clip(pixels, 0, (width - 1, height - 1)).min(0)
        high = np.clip(pixels, 0, (width - 1, height - 1)).max(0)
        boxes[index] = *low, *(high - low + 1)
        large = (high - low).max() >= SMALLEST * height
        clear[index] = float(seen >= FEWEST_JOINTS and large)
    return boxes, clear
