"""What people wear over their clothes, carry and sit on, each made of one or a few blobs.

Places are on the mean person in the rest pose: x to the left, y to the back, z up [m].
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pose3d_ros.synthesis.blobs import RINGS, SLOTS, VERTICES, Blobs, ball, tube
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.fabrics import cloth_color
from pose3d_ros.synthesis.poses import Pose
from pose3d_ros.synthesis.rotations import about

Array = NDArray[np.float32]
Generator = np.random.Generator

# Half the width and depth of both legs together at some heights, from the knees' side up.
_HEIGHTS = (-0.9, -0.7, -0.5, -0.3, -0.1, 0.06)
_HALF_WIDTHS = (0.24, 0.235, 0.225, 0.205, 0.2, 0.16)
_HALF_DEPTHS = (0.06, 0.065, 0.075, 0.1, 0.115, 0.115)


@dataclass
class Load:
    """The blobs of one person while they are chosen; what exceeds the slots is left away.

    Attributes:
        body: Who bears them.
    """

    body: Body
    _points: list[Array] = field(default_factory=list)
    _weights: list[Array] = field(default_factory=list)
    _anchors: list[NDArray[np.int64]] = field(default_factory=list)
    _colors: list[Array] = field(default_factory=list)

    def hang(self, points: Array, bone: str, color: ArrayLike) -> None:
        """Fasten a blob to a bone."""
        weights = np.zeros((VERTICES, len(self.body.bones)), np.float32)
        weights[:, self.body.bone(bone)] = 1
        middle = np.repeat(points.mean(0, keepdims=True), VERTICES, 0)
        self.put(points, weights, color, near=middle)

    def put(self, points: Array, weights: Array, color: ArrayLike, *, near: Array) -> None:
        """Add a blob that several bones move.

        Args:
            points: Its vertices, shape (VERTICES, 3) [m].
            weights: Skinning weights, shape (VERTICES, B).
            color: sRGB.
            near: Where on the body is what each vertex follows from shape to shape, (VERTICES, 3).
        """
        if len(self._points) < SLOTS:
            self._points.append(points)
            self._weights.append(weights)
            nearest = self.body.tree.query(near)[1]
            self._anchors.append(np.asarray(nearest, np.int64))
            self._colors.append(np.tile(np.asarray(color, np.float32), (VERTICES, 1)))

    def finished(self) -> tuple[Blobs, Array]:
        """Return the blobs and their colours, sRGB, shape (SLOTS * VERTICES, 3)."""
        none = Blobs.none(len(self.body.bones))
        used = len(self._points) * VERTICES
        points = np.concatenate([*self._points, none.points[used:]])
        weights = np.concatenate([*self._weights, none.weights[used:]])
        anchors = np.concatenate([*self._anchors, none.anchors[used:]])
        colors = np.concatenate([*self._colors, np.zeros((len(points) - used, 3), np.float32)])
        return Blobs(points, weights, anchors), np.clip(colors, 0, 1)


def add_skirt(load: Load, color: ArrayLike, length: float, flare: float) -> None:
    """Add a skirt, or the lower part of a coat.

    Args:
        load: Where to.
        color: sRGB.
        length: From the waist down [m].
        flare: How much wider it is at its hem [m].
    """
    down = np.linspace(0, 1, RINGS)
    height = 0.06 - length * down
    width = np.interp(height, _HEIGHTS, _HALF_WIDTHS) + 0.02 + flare * down
    depth = np.interp(height, _HEIGHTS, _HALF_DEPTHS) + 0.025 + flare * down
    points = tube(np.stack([0 * height, 0 * height - 0.012, height, width, depth], 1))
    body = load.body
    legs = _ease((0.05 - points[:, 2]) / 0.25)
    left = _ease((points[:, 0] + 0.12) / 0.24)
    lower = _ease((-0.36 - points[:, 2]) / 0.16)
    weights = np.zeros((VERTICES, len(body.bones)), np.float32)
    weights[:, body.bone('root')] = 1 - legs
    for side, share in (('L', left), ('R', 1 - left)):
        weights[:, body.bone(f'upperleg01.{side}')] = legs * share * (1 - lower)
        weights[:, body.bone(f'lowerleg01.{side}')] = legs * share * lower
    load.put(points, weights, color, near=points)


def _ease(share: Array) -> Array:
    share = np.clip(share, 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def add_hair(load: Load, color: ArrayLike, generator: Generator) -> None:
    """Add volume, a bun, a ponytail or long loose hair to a painted head."""
    uniform = generator.uniform
    match generator.integers(4):
        case 0:  # much of it
            swell = uniform(0.0, 0.035)
            radii = np.array([0.1, 0.105, 0.098]) + swell
            load.hang(ball((0, 0.01, 0.74 + swell / 3), radii), 'head', color)
        case 1:  # a bun
            radius = uniform(0.03, 0.055)
            middle = (0.0, uniform(0.04, 0.09), uniform(0.7, 0.85))
            load.hang(ball(middle, (radius, radius, radius)), 'head', color)
        case 2:  # a ponytail
            half = uniform(0.08, 0.16)
            load.hang(ball((0, 0.1, 0.74 - half), (0.03, 0.035, half)), 'head', color)
        case _:  # down the back
            half = uniform(0.14, 0.24)
            load.hang(
                ball((0, 0.055, 0.76 - half), (uniform(0.08, 0.11), 0.045, half), boxy=0.3),
                'head',
                color,
            )


def add_hat(load: Load, generator: Generator) -> None:
    """Add a beanie or helmet, a cap with a visor, or a hat with a brim."""
    uniform = generator.uniform
    color = cloth_color(generator)
    swell = uniform(0, 0.025)
    radii = (0.096 + swell, 0.118 + swell, 0.07 + swell)
    load.hang(ball((0, -0.037, 0.77), radii, boxy=uniform(0, 0.25)), 'head', color)
    kind = generator.random()
    if kind < 0.4:
        load.hang(ball((0, -0.155, 0.765), (0.075, uniform(0.05, 0.08), 0.008)), 'head', color)
    elif kind < 0.65:
        brim = uniform(0.15, 0.22)
        load.hang(ball((0, -0.037, 0.755), (brim, brim + 0.02, 0.01)), 'head', color)


def add_bags(load: Load, generator: Generator) -> None:
    """Add a backpack or a shoulder bag now and then."""
    uniform = generator.uniform
    kind = generator.random()
    if kind < 0.07:
        half = (uniform(0.12, 0.17), uniform(0.06, 0.11), uniform(0.16, 0.25))
        middle = (0.0, 0.08 + half[1], 0.27)
        load.hang(ball(middle, half, boxy=uniform(0.4, 0.8)), 'spine02', cloth_color(generator))
    elif kind < 0.12:
        side = 1 if generator.random() < 0.5 else -1
        half = (uniform(0.04, 0.07), uniform(0.09, 0.16), uniform(0.07, 0.13))
        middle = (side * (0.19 + half[0]), 0.0, uniform(-0.12, 0.05))
        load.hang(ball(middle, half, boxy=0.6), 'root', cloth_color(generator))


def add_carried(load: Load, generator: Generator) -> None:
    """Put something into a hand now and then: a box, a bottle or phone, a bag, a tool."""
    if generator.random() > 0.14:
        return
    uniform = generator.uniform
    side = 'L' if generator.random() < 0.5 else 'R'
    palm, outward = np.array([0.53, -0.27, 0.05]), np.array([0.26, -0.64, -0.72])
    turn = about(generator.normal(size=3), uniform(0, 180))
    match generator.integers(4):
        case 0:
            half, away = uniform(0.06, 0.2, 3), 0.1
        case 1:
            half, away = np.array([uniform(0.015, 0.04), 0.035, uniform(0.06, 0.13)]), 0.03
        case 2:  # hangs down when the arm does
            half, away = np.array([0.12, 0.05, uniform(0.1, 0.2)]), 0.1
            turn = np.eye(3)
        case _:
            half, away = np.array([0.012, 0.014, uniform(0.15, 0.5)]), 0.03
    local = ball((0, 0, 0), half, boxy=uniform(0.2, 0.95))
    middle = (palm + away * outward) * (1 if side == 'L' else -1, 1, 1)
    points = np.asarray(middle + local @ turn.T, np.float32)
    load.hang(points, f'wrist.{side}', cloth_color(generator))


def sits(body: Body, pose: Pose) -> bool:
    """Tell whether both thighs point forward and are about level: who bows does not sit."""
    down = np.array([0, 0, -1.0])
    thighs = np.array([pose[body.bone(f'upperleg01.{side}')] @ down for side in 'LR'])
    upright = thighs @ pose[body.bone('root')].T
    return bool((thighs[:, 1] < -0.75).all() and (upright[:, 2] > -0.7).all())


def add_seat(load: Load, generator: Generator) -> None:
    """Add a stool, a chair or a sofa under a person who sits."""
    uniform = generator.uniform
    color = cloth_color(generator)
    width = uniform(0.18, 0.26) if generator.random() < 0.7 else uniform(0.35, 0.8)
    depth, top = uniform(0.18, 0.26), -0.125
    load.hang(
        ball((0, 0.1 - depth, top - 0.03), (width, depth, 0.03), boxy=uniform(0.6, 1)),
        'root',
        color,
    )
    if generator.random() < 0.5:  # a block or a post
        below = uniform(0.1, 0.2)
        post = (0.03, 0.03) if generator.random() < 0.5 else (width * 0.9, depth * 0.85)
        load.hang(
            ball((0, 0.1 - depth, top - 0.06 - below), (*post, below), boxy=0.9), 'root', color
        )
    if generator.random() < 0.7:
        high = uniform(0.12, 0.38)
        back = ball((0, 0.16, top + high), (width, 0.025, high), boxy=uniform(0.5, 0.95))
        load.hang(back, 'root', color)
