"""Clothes, hair, shoes and skin, painted on the body and inflated along its normals.

Everything is decided on the mean person's rest pose, so an outfit fits every shape and pose.
Colours are sRGB, 0..1.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.synthesis.blobs import SLOTS, VERTICES, Blobs
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.fabrics import cloth_color, hair_color, skin, texture

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]
Generator = np.random.Generator


@dataclass(frozen=True, slots=True)
class Folds:
    """Wrinkles too small for the mesh: sums of sines over the mean person's rest position.

    Attributes:
        waves: Wave vectors, shape (W, 3) [rad/m].
        phases: Shape (W,) [rad].
        tilts: What each wave adds to a normal, shape (W, 3).
        depth: Share of it that each vertex shows, shape (N,).
    """

    waves: Array
    phases: Array
    tilts: Array
    depth: Array

    def of(self, rest: Array) -> Array:
        """Return what is added to the normals, shape (N, 3)."""
        waving = np.sin(rest @ self.waves.T + self.phases)
        return np.asarray(waving @ self.tilts * self.depth[:, None], np.float32)


@dataclass(frozen=True, slots=True)
class Outfit:
    """How a person looks: arrays over the N vertices of the body and of the blobs.

    Attributes:
        color: sRGB of each vertex, 0..1, shape (N, 3).
        inflation: How far each vertex moves out along its normal, shape (N,) [m].
        folds: Wrinkles of the cloth.
        texture: Pattern of the cloth, shape (64, 64, 3), 0..1.
        texture_uv: Texture coordinates, shape (N, 2).
        texture_strength: Share of the pattern at each vertex, shape (N,).
        blobs: Where the vertices of the blobs are.
    """

    color: Array
    inflation: Array
    folds: Folds
    texture: Array
    texture_uv: Array
    texture_strength: Array
    blobs: Blobs


class Wardrobe:
    """Draws outfits for one body."""

    def __init__(self, body: Body) -> None:
        """Sort the body's vertices into regions once.

        Args:
            body: The body to dress.
        """
        self._body = body
        self._rest = body.template
        owner = np.array(body.bones)[body.owner]
        starts = np.char.startswith
        self._leg = starts(owner, 'upperleg') | starts(owner, 'lowerleg') | starts(owner, 'foot')
        self._arm = starts(owner, 'upperarm') | starts(owner, 'lowerarm') | starts(owner, 'wrist')
        self._foot = starts(owner, 'foot')
        self._hand = starts(owner, 'wrist')
        # The neck bone carries skin up to the chin; what is higher belongs to the head.
        chin = body.rest_heads['neck01'][2] + 0.035
        self._head = (owner == 'head') | ((owner == 'neck01') & (self._rest[:, 2] > chin))
        self._torso = ~(self._leg | self._arm | self._head)

    @cached_property
    def _along_arm(self) -> Array:
        """0..1 from shoulder to elbow, 1..2 from elbow to wrist, more on the hand."""
        along = self._along('upperarm01.L', 'lowerarm01.L', 'wrist.L')
        return np.where(self._hand, np.maximum(along, 2.02), along)

    @cached_property
    def _along_leg(self) -> Array:
        """0..1 from hip to knee, 1..2 from knee to ankle, 2 or more on the foot."""
        along = self._along('upperleg01.L', 'lowerleg01.L', 'foot.L')
        return np.where(self._foot, np.maximum(along, 2.0), along)

    def _along(self, first: str, middle: str, last: str) -> Array:
        heads = self._body.rest_heads
        a, b, c = heads[first], heads[middle], heads[last]
        points = self._rest * np.array([1, 1, 1], np.float32)
        points[:, 0] = np.abs(points[:, 0])
        upper = ((points - a) @ (b - a)) / ((b - a) @ (b - a))
        lower = ((points - b) @ (c - b)) / ((c - b) @ (c - b))
        return np.where(upper < 1, upper, 1 + np.clip(lower, 0, None)).astype(np.float32)

    def sample(self, generator: Generator) -> Outfit:
        """Return one random outfit."""
        count = len(self._rest)
        color = np.tile(skin(generator), (count, 1)).astype(np.float32)
        inflation = np.zeros(count, np.float32)
        top, bottom = self._garments(color, inflation, generator)
        self._shoes(color, inflation, bottom, generator)
        self._face(color, generator)
        self._hair(color, inflation, generator)
        strength = np.zeros(count, np.float32)
        patterned = generator.random() < 0.45
        strength[top] = generator.uniform(0.2, 0.8) if patterned else generator.uniform(0, 0.12)
        strength[bottom] = (
            generator.uniform(0.1, 0.6) if generator.random() < 0.2 else generator.uniform(0, 0.15)
        )
        worn, worn_color = Blobs.none(len(self._body.bones)), np.zeros((SLOTS * VERTICES, 3))
        plane = np.concatenate([self._rest, worn.points])[:, [0, 2]]
        return Outfit(
            color=np.concatenate([np.clip(color, 0, 1), worn_color]).astype(np.float32),
            inflation=_padded(inflation),
            folds=_folds(_padded((top | bottom).astype(np.float32)), generator),
            texture=texture(generator),
            texture_uv=np.ascontiguousarray(plane * generator.uniform(1.2, 4), np.float32),
            texture_strength=_padded(strength),
            blobs=worn,
        )

    def _garments(self, color: Array, inflation: Array, generator: Generator) -> tuple[Mask, Mask]:
        """Paint the upper and lower garment; return what each covers."""
        uniform = generator.uniform
        height, across = self._rest[:, 2], np.abs(self._rest[:, 0])
        sleeve = generator.choice(
            [-9.0, 0.12, uniform(0.35, 0.75), 1.3, 1.95], p=[0.06, 0.09, 0.40, 0.08, 0.37]
        )
        trouser = generator.choice(
            [uniform(0.3, 0.95), uniform(1.1, 1.6), uniform(1.85, 2.0)], p=[0.22, 0.07, 0.71]
        )
        hem = uniform(-0.12, 0.1) - (0.3 * generator.random() if generator.random() < 0.2 else 0)
        collar = uniform(0.50, 0.57) if sleeve > 0 else uniform(0.42, 0.5)
        top = self._torso & (height > hem) & (height < collar + 0.3 * across)
        if sleeve < 0:  # straps only
            top &= (height < 0.36) | (across < 0.12)
        top |= self._arm & (self._along_arm < sleeve) & ~self._hand
        top |= self._leg & (height > hem)
        bottom = self._torso & (height <= hem)
        bottom |= self._leg & (self._along_leg < trouser) & ~self._foot & ~top
        colors = [cloth_color(generator), cloth_color(generator)]
        if generator.random() < 0.12:
            colors[1] = colors[0]
        loose = 0.035 * generator.random() ** 2
        for mask, tint in ((bottom, colors[1]), (top, colors[0])):
            color[mask] = tint
            inflation[mask] = uniform(0.002, 0.010) + loose * generator.random()
        if generator.random() < 0.08:
            self._skirt(color, inflation, hem, colors[1], generator)
        if generator.random() < 0.12:  # an open jacket over another shirt
            stripe = top & self._torso & (across < uniform(0.02, 0.07)) & (self._rest[:, 1] < 0)
            color[stripe] = cloth_color(generator)
        return top, bottom

    def _skirt(
        self, color: Array, inflation: Array, hem: float, tint: Array, generator: Generator
    ) -> None:
        length = generator.uniform(0.5, 1.4)
        skirt = (self._leg & (self._along_leg < length)) | (self._torso & (self._rest[:, 2] < hem))
        inflation[skirt] = generator.uniform(0.01, 0.05)
        color[skirt] = tint

    def _shoes(self, color: Array, inflation: Array, bottom: Mask, generator: Generator) -> None:
        if generator.random() < 0.12:  # barefoot
            return
        shaft = 1.95 if generator.random() < 0.8 else generator.uniform(1.5, 1.9)
        shoe = self._foot | (self._leg & (self._along_leg > shaft) & ~bottom)
        color[shoe] = cloth_color(generator)
        inflation[shoe] = generator.uniform(0.004, 0.014)
        sole = self._foot & (self._rest[:, 2] < self._rest[self._foot, 2].min() + 0.025)
        color[sole] = cloth_color(generator)

    def _face(self, color: Array, generator: Generator) -> None:
        front, height = self._rest[:, 1], self._rest[:, 2]
        across = np.abs(self._rest[:, 0])
        nose = self._body.mean[-17 + self._body.joints.index('nose')]
        eyes = self._body.eyes
        color[eyes] = 0.78
        color[eyes & (front < front[eyes].min() + 0.006)] = 0.1
        eye_height = height[eyes].mean()
        near_face = self._head & (front < nose[1] + 0.045)
        sockets = near_face & (np.abs(height - eye_height) < 0.012) & (across > 0.012) & ~eyes
        color[sockets] *= 0.8
        brows = near_face & (np.abs(height - eye_height - 0.022) < 0.007) & (across > 0.012)
        color[brows] *= generator.uniform(0.35, 0.7)
        lips = near_face & (np.abs(height - nose[2] + 0.042) < 0.008) & (across < 0.027)
        color[lips] *= np.array([1, 0.72, 0.72])
        if generator.random() < 0.1:  # glasses
            rims = near_face & (np.abs(height - eye_height) < 0.02) & ~sockets & ~eyes
            color[rims] *= 0.25

    def _hair(self, color: Array, inflation: Array, generator: Generator) -> None:
        uniform = generator.uniform
        front, height, across = self._rest[:, 1], self._rest[:, 2], np.abs(self._rest[:, 0])
        hair = hair_color(generator)
        crown = height[self._head].max()
        line = crown - uniform(0.06, 0.095)
        nape = crown - uniform(0.19, 0.22)
        ear = -0.075 + 0.035 + generator.normal(0, 0.008)
        cap = self._head & ((height > line) | ((front > ear) & (height > nape)))
        style = generator.choice(6, p=[0.42, 0.11, 0.15, 0.15, 0.08, 0.09])
        match style:
            case 0:  # short
                color[cap] = hair
                inflation[cap] += uniform(0.002, 0.022)
            case 1:  # receding
                rest = (
                    self._head & (height > nape + 0.05) & ((front > 0) | (height > crown - 0.02))
                )
                color[rest] = hair
                inflation[rest] += 0.003
            case 2 | 3:  # to the chin or shoulders, or longer
                low = crown - (uniform(0.26, 0.36) if style == 2 else uniform(0.38, 0.6))
                fall = (
                    (self._head | self._torso) & (front > -0.02) & (height > low) & (across < 0.12)
                )
                fall &= self._head | (front > 0.01)
                long = cap | fall
                color[long] = hair
                inflation[long] += uniform(0.01, 0.04)
            case 4:  # a hat or cap
                color[cap] = hair
                hat = self._head & (height > line - 0.01)
                color[hat] = cloth_color(generator)
                inflation[hat] += uniform(0.008, 0.03)
            case _:  # bald
                pass
        if generator.random() < 0.18:  # a beard
            beard = self._head & (front < -0.06) & (height < crown - 0.165)
            color[beard] = color[beard] * 0.45 + hair * 0.55


def _folds(cloth: Array, generator: Generator) -> Folds:
    waves = generator.normal(size=(6, 3))
    lengths = generator.uniform(0.03, 0.16, (6, 1))  # [m]
    waves *= 2 * np.pi / lengths / np.linalg.norm(waves, axis=1, keepdims=True)
    return Folds(
        waves.astype(np.float32),
        generator.uniform(0, 2 * np.pi, 6).astype(np.float32),
        generator.normal(size=(6, 3)).astype(np.float32),
        cloth * np.float32(generator.uniform(0.02, 0.22)),
    )


def _padded(of_body: Array) -> Array:
    """Return values of the body's vertices with zeros for those of the blobs."""
    return np.concatenate([of_body, np.zeros(SLOTS * VERTICES, np.float32)])
