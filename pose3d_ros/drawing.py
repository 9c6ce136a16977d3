"""Pictures of skeletons: over the image, and in metres from the front and from the side.

Left limbs are orange, right limbs are blue, the trunk is white; the paler, the less confident.
"""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.person import JointState, Person, PersonState
from pose3d_ros.skeleton import Skeleton

__all__ = ['draw_people', 'draw_space', 'draw_story']

Image = NDArray[np.uint8]
Array = NDArray[np.float64]
Colour = tuple[float, ...]

_LEFT = (46, 135, 255)  # BGR
_RIGHT = (255, 165, 50)
_MIDDLE = (240, 240, 240)
_UNSURE = (128, 128, 128)
_OUTLINE = (25, 22, 20)
_BACKGROUND = (40, 34, 30)
_GRID = (70, 62, 56)
_SHADOW = (22, 18, 16)
_TEXT = (215, 210, 205)

_SURE = 0.8  # from this confidence on, colours are full
_SHIFT = 4  # fractional bits of the coordinates that OpenCV draws with
_ELEVATION = np.radians(12.0)  # from how far above the horizon the 3D views look down
_GRID_STEP = 0.5  # [m]
_SOLE = 0.08  # from the ankle down to the ground [m]
_SMALLEST_VIEW = (1.6, 2.0)  # a 3D view is at least this wide and high [m]
_FILLED = 0.8  # the share of a 3D view that the people fill


def draw_people(image: Image, people: Iterable[Person], skeleton: Skeleton) -> Image:
    """Return the image with the skeletons of the people that are not lost drawn over it.

    Args:
        image: The full image, BGR, shape (height, width, 3); it stays as it is.
        people: As the pipeline returns them for this image.
        skeleton: Their joints.
    """
    canvas: Image = image.copy()
    for person in _present(people):
        known = person.pixels[np.isfinite(person.pixels).all(axis=1)]
        if len(known):
            width = float(np.clip(np.ptp(known, axis=0).max() / 100, 1.0, 8.0))
            _draw_figure(canvas, _Figure(person, skeleton, person.pixels, width))
            _draw_name(canvas, person, skeleton.root, known.min(axis=0))
    return canvas


def draw_space(
    people: Iterable[Person], skeleton: Skeleton, size: tuple[int, int], yaw_deg: float, title: str
) -> Image:
    """Return a view of the people in metres, on a grid of half metres.

    Args:
        people: As the pipeline returns them.
        skeleton: Their joints.
        size: Width and height of the picture [px].
        yaw_deg: 0 looks along the camera's optical axis; 90 looks from the camera's right, with
            the camera on the left-hand side of the picture [deg].
        title: Written into the upper left corner.

    Returns:
        The picture, BGR, shape (height, width, 3).
    """
    canvas = np.full((size[1], size[0], 3), _BACKGROUND, np.uint8)
    present = [person for person in _present(people) if np.isfinite(person.positions).any()]
    if present:
        view = _View(np.concatenate([person.positions for person in present]), size, yaw_deg)
        view.draw_ground(canvas)
        for person in sorted(present, key=view.distance, reverse=True):
            view.draw_shadow(canvas, person, skeleton)
        for person in sorted(present, key=view.distance, reverse=True):
            view.draw_body(canvas, person, skeleton)
    _write(canvas, title, (0, 0), 0.65)
    return canvas


def draw_story(image: Image, people: Sequence[Person], skeleton: Skeleton) -> Image:
    """Return the image with skeletons beside the same skeletons from the front and the side.

    Args:
        image: The full image, BGR, shape (height, width, 3); it stays as it is.
        people: As the pipeline returns them for this image.
        skeleton: Their joints.

    Returns:
        The picture, BGR, as high as the image and about twice as wide.
    """
    height, width = image.shape[:2]
    size = (max(2 * height // 3, width // 3), height)
    front = draw_space(people, skeleton, size, 0.0, 'front')
    side = draw_space(people, skeleton, size, 90.0, 'side')
    return np.hstack([draw_people(image, people, skeleton), front, side])


class _View:
    """A parallel projection of metres to the pixels of a picture."""

    def __init__(self, points: Array, size: tuple[int, int], yaw_deg: float) -> None:
        """Fit the view to the points, shape (N, 3) [m], of which one at least is finite."""
        low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
        self.ground = float(high[1] + _SOLE)
        self.centre = (low + np.array((*high[:1], self.ground, *high[2:]))) / 2
        self.size = np.array(size, dtype=np.float64)
        yaw = np.radians(yaw_deg)
        self.across = np.array((np.cos(yaw), 0.0, np.sin(yaw)))
        self.along = np.array((-np.sin(yaw), 0.0, np.cos(yaw)))
        x, y, z = high - low
        spread = np.array((max(x, z), y + max(x, z) * np.sin(_ELEVATION)))
        self.scale = float((_FILLED * self.size / np.maximum(spread, _SMALLEST_VIEW)).min())

    def pixels(self, points: Array) -> Array:
        """Return where these points, shape (..., 3) [m], are in the picture, shape (..., 2)."""
        offsets = points - self.centre
        down = offsets[..., 1] * np.cos(_ELEVATION)
        down = down - (offsets @ self.along) * np.sin(_ELEVATION)
        return np.stack([offsets @ self.across, down], axis=-1) * self.scale + self.size / 2

    def distance(self, person: Person) -> float:
        """Return how far behind the others a person is [m]."""
        return float(np.nanmean(person.positions @ self.along))

    def draw_ground(self, canvas: Image) -> None:
        """Draw the grid, aligned with whole half metres of the camera's frame."""
        reach = 1.5 * float(self.size.max()) / self.scale
        for across, along in ((0, 2), (2, 0)):
            first, last = self.centre[across] - reach, self.centre[across] + reach
            for place in np.arange(np.ceil(first / _GRID_STEP), last / _GRID_STEP) * _GRID_STEP:
                ends = np.full((2, 3), self.ground)
                ends[:, across] = place
                ends[:, along] = self.centre[along] - reach, self.centre[along] + reach
                _line(canvas, self.pixels(ends), _GRID, 1.0)

    def draw_shadow(self, canvas: Image, person: Person, skeleton: Skeleton) -> None:
        """Draw the shadow that a body casts on the ground from a light above."""
        points = person.positions.copy()
        points[:, 1] = np.where(np.isfinite(points[:, 1]), self.ground, np.nan)
        flat = self.pixels(points)
        for child, parent in skeleton.bones:
            _line(canvas, flat[[child, parent]], _SHADOW, self.scale * 0.05)

    def draw_body(self, canvas: Image, person: Person, skeleton: Skeleton) -> None:
        """Draw a body."""
        width = max(self.scale * 0.025, 1.5)
        pixels = self.pixels(person.positions)
        away = np.nan_to_num(person.positions @ self.along)
        _draw_figure(canvas, _Figure(person, skeleton, pixels, width, tuple(away)))


class _Figure:
    """A skeleton in the pixels of a picture."""

    def __init__(
        self,
        person: Person,
        skeleton: Skeleton,
        pixels: Array,
        width: float,
        away: Sequence[float] = (),
    ) -> None:
        """Prepare a drawing.

        Args:
            person: Whose confidence and states the colours tell.
            skeleton: The bones.
            pixels: Where the joints are in the picture, shape (J, 2) [px].
            width: How thick the bones are [px].
            away: Distances of the joints from the viewer, if they matter.
        """
        self.skeleton, self.pixels, self.width = skeleton, pixels, width
        self.hidden = person.joint_states != JointState.VISIBLE
        self._away = away or (0.0,) * len(pixels)
        sure = np.clip(np.nan_to_num(person.confidence) / _SURE, 0.15, 1.0)
        self._sure = sure / 2 if person.state is PersonState.PREDICTED else sure

    def distance(self, bone: tuple[int, int]) -> float:
        """Return how far from the viewer a bone is."""
        child, parent = bone
        return self._away[child] + self._away[parent]

    def colour(self, *joints: int) -> Colour:
        """Return the colour of a joint, or of the bone that ends in the first of two."""
        side = self.skeleton.joints[joints[0]][:2]
        full = {'l_': _LEFT, 'r_': _RIGHT}.get(side, _MIDDLE)
        sure = float(min(self._sure[joint] for joint in joints))
        return tuple(sure * a + (1 - sure) * b for a, b in zip(full, _UNSURE, strict=True))


def _present(people: Iterable[Person]) -> list[Person]:
    return [person for person in people if person.state is not PersonState.LOST]


def _draw_figure(canvas: Image, figure: _Figure) -> None:
    """Draw bones and joints with an outline, the far ones first."""
    width = figure.width
    for child, parent in sorted(figure.skeleton.bones, key=figure.distance, reverse=True):
        ends = figure.pixels[[child, parent]]
        _line(canvas, ends, _OUTLINE, 1.6 * width + 1)
        _line(canvas, ends, figure.colour(child, parent), width)
        for joint in (child, parent):
            _disc(canvas, figure.pixels[joint], 1.2 * width + 0.8, _OUTLINE)
            _disc(canvas, figure.pixels[joint], 1.2 * width, figure.colour(joint))
            if figure.hidden[joint]:
                _disc(canvas, figure.pixels[joint], 0.6 * width, _OUTLINE)


def _draw_name(canvas: Image, person: Person, root: int, corner: Array) -> None:
    """Write the id and the distance of the root joint above the upper left corner [px]."""
    left, foot = np.clip(corner - (0, 16), 0, canvas.shape[1::-1])
    scale = float(np.clip(canvas.shape[0] / 1200, 0.4, 0.8))
    text = f'{person.id}  {person.positions[root, 2]:.1f} m'
    _write(canvas, text, (int(left), int(foot)), scale)


def _line(canvas: Image, ends: Array, colour: Colour, width: float) -> None:
    if np.isfinite(ends).all():
        start, end = _fixed(ends[0]), _fixed(ends[1])
        cv2.line(canvas, start, end, colour, max(round(width), 1), cv2.LINE_AA, _SHIFT)


def _disc(canvas: Image, centre: Array, radius: float, colour: Colour) -> None:
    if np.isfinite(centre).all():
        fixed = round(radius * 2**_SHIFT)
        cv2.circle(canvas, _fixed(centre), fixed, colour, cv2.FILLED, cv2.LINE_AA, _SHIFT)


def _write(canvas: Image, text: str, corner: tuple[int, int], scale: float) -> None:
    """Write on a plate that stays in the picture; the corner is its lower left one [px]."""
    font, pad = cv2.FONT_HERSHEY_SIMPLEX, round(12 * scale)
    (wide, high), below = cv2.getTextSize(text, font, scale, 1)
    left = int(np.clip(corner[0], 0, max(canvas.shape[1] - wide - 2 * pad, 0)))
    foot = int(np.clip(corner[1], high + below + pad, canvas.shape[0]))
    head = foot - high - below - pad
    cv2.rectangle(canvas, (left, head), (left + wide + 2 * pad, foot), _OUTLINE, cv2.FILLED)
    place = (left + pad, foot - below - pad // 2)
    cv2.putText(canvas, text, place, font, scale, _TEXT, 1, cv2.LINE_AA)


def _fixed(pixel: Array) -> tuple[int, int]:
    """Return the pixel in the fixed-point numbers that OpenCV draws with."""
    u, v = np.clip(pixel, -1e4, 1e4) * 2**_SHIFT
    return round(float(u)), round(float(v))
