"""Crops: virtual cameras that look straight at one person.

A crop has the centre of projection of the camera that took the image, but is turned until its
optical axis meets the middle of the person's box, and is zoomed to the box. A person then looks
the same wherever in the image, and what an estimator says about the crop is turned back exactly.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pose3d_ros.boxes import Box, checked_box, middle_of_box
from pose3d_ros.camera import Camera
from pose3d_ros.errors import ImageError
from pose3d_ros.picture import Picture

__all__ = ['OUTSIDE_COLOUR', 'Crop']

Array = NDArray[np.float64]
Image = NDArray[np.uint8]
Maps = tuple[NDArray[np.float32], NDArray[np.float32]]

OUTSIDE_COLOUR = (118, 118, 118)
"""Colour of what lies outside the image, here and in crops for training: 18 % grey in sRGB."""

_WIDEST = math.tan(math.radians(60.0))
_NOWHERE = -1e4


@dataclass(frozen=True, eq=False)
class Crop:
    """A virtual pinhole camera that looks at a part of an image.

    Its principal point is in its middle, ((width - 1) / 2, (height - 1) / 2).

    Attributes:
        camera: The camera that took the image.
        camera_from_crop: Rotation from the crop's to the camera's optical frame, shape (3, 3).
        focal: Focal length of the crop [px].
        size: Width and height of the crop [px].
    """

    camera: Camera
    camera_from_crop: Array
    focal: float
    size: tuple[int, int]

    @classmethod
    def around(
        cls, camera: Camera, box: ArrayLike, size: tuple[int, int], margin: float = 1.25
    ) -> 'Crop':
        """Return the crop that looks at a box.

        It pans and tilts but never rolls: what is vertical in the middle of the box stays
        vertical if the camera is level. It shows at most 120 degrees.

        Args:
            camera: The camera that took the image.
            box: What to look at: x, y, width, height, which may lie outside the image [px].
            size: Width and height of the crop [px].
            margin: Width and height of what the crop shows, as a multiple of the box, in the
                direction that fills the crop.

        Raises:
            BoxError: The box does not enclose anything.
        """
        rays = _rays_to_box(camera, checked_box(box))
        camera_from_crop = _look_along(rays[0])
        left, right, top, bottom = rays[1:] @ camera_from_crop
        half_width = margin * max(_tangent(left, axis=0), _tangent(right, axis=0))
        half_height = margin * max(_tangent(top, axis=1), _tangent(bottom, axis=1))
        zooms = size[0] / min(half_width, _WIDEST), size[1] / min(half_height, _WIDEST)
        return cls(camera, camera_from_crop, min(zooms) / 2, size)

    @property
    def virtual(self) -> Camera:
        """The crop as a camera of its own."""
        return Camera(*self.size, self._matrix)

    def rays(self, crop_pixels: ArrayLike) -> Array:
        """Return the points at a depth of 1 m that these pixels of the crop see.

        Args:
            crop_pixels: Pixels of the crop, shape (..., 2) [px].

        Returns:
            Points in the optical frame of the crop with z = 1, shape (..., 3) [m].
        """
        pixels = np.asarray(crop_pixels, dtype=np.float64)
        middle = (self.size[0] - 1) / 2, (self.size[1] - 1) / 2
        ones = np.ones((*pixels.shape[:-1], 1))
        return np.concatenate(((pixels - middle) / self.focal, ones), axis=-1)

    def image_pixels(self, crop_pixels: ArrayLike) -> Array:
        """Return where in the full image these pixels of the crop are.

        Args:
            crop_pixels: Pixels of the crop, shape (..., 2) [px].

        Returns:
            Pixels of the full image, shape (..., 2) [px]; NaN where its lens does not look.
        """
        return self.camera.project(self.to_camera(self.rays(crop_pixels)))

    def crop_pixels(self, image_pixels: ArrayLike) -> Array:
        """Return where in the crop these pixels of the full image are.

        Args:
            image_pixels: Pixels of the full image, shape (..., 2) [px].

        Returns:
            Pixels of the crop, shape (..., 2) [px]; NaN where the crop does not look.
        """
        return self.virtual.project(self.camera.rays(image_pixels) @ self.camera_from_crop)

    def to_camera(self, points: ArrayLike) -> Array:
        """Return points of the crop's optical frame in the camera's, shape (..., 3) [m]."""
        return np.asarray(np.asarray(points, np.float64) @ self.camera_from_crop.T)

    @cached_property
    def reduction(self) -> int:
        """How much an image can be reduced and still be as fine as the crop: 1, 2, 4, ..."""
        u, v = (self.size[0] - 1) / 2, (self.size[1] - 1) / 2
        middle, right, below = self.image_pixels(((u, v), (u + 1, v), (u, v + 1)))
        steps = np.hypot(*(right - middle)), np.hypot(*(below - middle))
        # A twentieth too coarse is better than a whole halving too fine.
        coarseness = 1.05 * float(min(steps))
        return 1 << int(math.log2(coarseness)) if coarseness > 1 else 1

    def warp(self, image: Image | Picture) -> Image:
        """Return what the crop shows of an image.

        Turning, zooming and undistortion are one bilinear sampling. Where the crop is more
        than two times coarser than the image, that is first reduced: a picture that is not
        decoded yet while it is decoded, any other by means over 2 x 2 pixels, once or more, so
        that no pixel is skipped.

        Args:
            image: An image of the camera, shape (height, width, 3), uint8.

        Returns:
            The crop, channels as in the image, shape (crop height, crop width, 3), uint8, with
            `OUTSIDE_COLOUR` outside the image.

        Raises:
            ImageError: The image is not one of this camera, or cannot be decoded.
        """
        picture = Picture.of(image)
        self._check(picture)
        map_u, map_v = self._maps()
        factor = self.reduction
        pixels, reduced = picture.at(factor)
        columns = _span(map_u, picture.shape[1], factor, reduced)
        rows = _span(map_v, picture.shape[0], factor, reduced)
        source = pixels[_scaled(rows, reduced), _scaled(columns, reduced)]
        while reduced < factor:
            source, reduced = _halved(source), 2 * reduced
        if not source.size:
            return np.full((*self.size[::-1], 3), OUTSIDE_COLOUR, dtype=np.uint8)
        # Pixel i of the source is the mean of the pixels from start + factor i on.
        map_u = (map_u - np.float32(columns.start - 0.5)) / np.float32(factor) - np.float32(0.5)
        map_v = (map_v - np.float32(rows.start - 0.5)) / np.float32(factor) - np.float32(0.5)
        crop = cv2.remap(source, map_u, map_v, cv2.INTER_LINEAR, borderValue=OUTSIDE_COLOUR)
        return np.asarray(crop, dtype=np.uint8)

    @property
    def _matrix(self) -> Array:
        u, v = (self.size[0] - 1) / 2, (self.size[1] - 1) / 2
        return np.array(((self.focal, 0, u), (0, self.focal, v), (0, 0, 1)))

    def _check(self, image: Picture) -> None:
        wanted = (self.camera.height, self.camera.width, 3)
        if image.shape != wanted or image.dtype != np.uint8:
            msg = f'the image is {image.shape} {image.dtype}; its camera gives {wanted} uint8'
            raise ImageError(msg)

    def _maps(self) -> Maps:
        """Return u and v of the full image for each pixel of the crop, float32."""
        if not self._lens_sees_all():
            grid = np.stack(np.meshgrid(*map(np.arange, self.size)), axis=-1)
            u, v = np.moveaxis(np.nan_to_num(self.image_pixels(grid), nan=_NOWHERE), -1, 0)
            return u.astype(np.float32), v.astype(np.float32)
        model = cv2.fisheye if self.camera.model == 'equidistant' else cv2
        crop_from_camera = self.camera_from_crop.T
        distortion = np.array(self.camera.distortion)
        maps: Maps = model.initUndistortRectifyMap(
            self.camera.K, distortion, crop_from_camera, self._matrix, self.size, cv2.CV_32FC1
        )
        return maps

    def _lens_sees_all(self) -> bool:
        width, height = self.size[0] - 1, self.size[1] - 1
        corners = (0, 0), (width, 0), (0, height), (width, height)
        x, y, z = self.to_camera(self.rays(corners)).T
        return bool(np.all(np.hypot(x, y) / self.camera.limit < z))


def _rays_to_box(camera: Camera, box: Box) -> Array:
    """Return rays to the middle of a box and of its left, right, top and bottom sides.

    Where the lens does not reach the middle, there is nothing to see, and that ray goes backwards.
    """
    _, _, width, height = box
    offsets = ((0, 0), (-width / 2, 0), (width / 2, 0), (0, -height / 2), (0, height / 2))
    rays = camera.rays(np.add(middle_of_box(box), offsets))
    if np.isnan(rays[0]).any():
        rays[0] = (0.0, 0.0, -1.0)
    return rays


def _look_along(ray: Array) -> Array:
    """Return the rotation, without roll, whose third column is the direction of the ray."""
    forward = ray / np.linalg.norm(ray)
    right = np.array((forward[2], 0.0, -forward[0])) / math.hypot(forward[2], forward[0])
    return np.column_stack((right, np.cross(forward, right), forward))


def _tangent(ray: Array, axis: int) -> float:
    """Return the tangent of the angle to the plane across this axis, infinity if unknown."""
    return abs(float(ray[axis] / ray[2])) if ray[2] > 0 else math.inf


def _span(positions: NDArray[np.float32], length: int, factor: int, reduced: int) -> slice:
    """Return the part of a row or column of the image that these positions touch.

    It holds `factor` pixels a whole number of times, unless the image ends before, and begins
    where a pixel of the image does that is `reduced` by so much.
    """
    start = min(max(math.floor(float(positions.min())) - factor, 0), length)
    start -= start % reduced
    needed = math.ceil(float(positions.max())) + factor + 1 - start
    return slice(start, min(max(start + factor * math.ceil(needed / factor), start), length))


def _scaled(span: slice, reduction: int) -> slice:
    """Return a part of a row or column in an image that is reduced by this much."""
    return slice(span.start // reduction, -(-span.stop // reduction))


def _halved(image: Image) -> Image:
    """Return means over 2 x 2 pixels; an odd last row or column is left out."""
    height, width = image.shape[0] // 2, image.shape[1] // 2
    if not height or not width:
        return image[:0]
    whole = image[: 2 * height, : 2 * width]
    halved = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(halved, dtype=np.uint8)
