"""Clothes, hair, shoes and skin, painted on the body and inflated along its normals.

Everything is decided on the mean person's rest pose, so an outfit fits every shape and pose.
Colours are sRGB, 0..1.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.synthesis import accessories
from pose3d_ros.synthesis.accessories import Load
from pose3d_ros.synthesis.blobs import SLOTS, VERTICES
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.fabrics import cloth_color, hair_color, skin, texture
from pose3d_ros.synthesis.outfit import Folds, Outfit

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]
Generator = np.random.Generator


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

    def sample(self, generator: Generator, *, seated: bool = False) -> Outfit:
        """Return one random outfit.

        Args:
            generator: Source of randomness.
            seated: Whether the person sits and may have a seat.
        """
        count = len(self._rest)
        color = np.tile(skin(generator), (count, 1)).astype(np.float32)
        inflation = np.zeros(count, np.float32)
        load = Load(self._body)
        if seated and generator.random() < 0.65:
            accessories.add_seat(load, generator)
        top, bottom = self._garments(color, inflation, load, generator)
        self._shoes(color, inflation, bottom, generator)
        self._trimmings(color, inflation, top, generator)
        self._face(color, generator)
        self._hair(color, inflation, load, generator)
        accessories.add_carried(load, generator)
        accessories.add_bags(load, generator)
        strength = np.zeros(count, np.float32)
        patterned = generator.random() < 0.45
        strength[top] = generator.uniform(0.2, 0.8) if patterned else generator.uniform(0, 0.12)
        strength[bottom] = (
            generator.uniform(0.1, 0.6) if generator.random() < 0.2 else generator.uniform(0, 0.15)
        )
        worn, worn_color = load.finished()
        plane = np.concatenate([self._rest, worn.points])[:, [0, 2]]
        return Outfit(
            color=np.concatenate([np.clip(color, 0, 1), worn_color]).astype(np.float32),
            inflation=_padded(inflation),
            folds=Folds.random(_padded((top | bottom).astype(np.float32)), generator),
            texture=texture(generator),
            texture_uv=np.ascontiguousarray(plane * generator.uniform(1.2, 4), np.float32),
            texture_strength=_padded(strength),
            blobs=worn,
        )

    def _garments(
        self, color: Array, inflation: Array, load: Load, generator: Generator
    ) -> tuple[Mask, Mask]:
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
        kind = generator.random()
        if kind < 0.10:  # a skirt or, in the colour of the top, a dress
            bottom = self._skirt(
                color, load, colors[int(generator.integers(2))], bottom, generator
            )
        elif kind < 0.16:  # a coat
            accessories.add_skirt(load, colors[0], uniform(0.2, 0.75), uniform(0, 0.05))
        if generator.random() < 0.12:  # an open jacket over another shirt
            stripe = top & self._torso & (across < uniform(0.02, 0.07)) & (self._rest[:, 1] < 0)
            color[stripe] = cloth_color(generator)
        return top, bottom

    def _skirt(
        self, color: Array, load: Load, tint: Array, bottom: Mask, generator: Generator
    ) -> Mask:
        """Add a skirt over bare legs or tights; return what of the legs is cloth."""
        accessories.add_skirt(load, tint, generator.uniform(0.3, 0.95), generator.uniform(0, 0.1))
        if generator.random() < 0.4:
            return bottom
        legs = bottom & self._leg
        color[legs] = color[self._hand].mean(0)
        return bottom & ~legs

    def _trimmings(self, color: Array, inflation: Array, top: Mask, generator: Generator) -> None:
        """Add prints, belts, socks, gloves, scarves and sleeves of another colour."""
        uniform = generator.uniform
        front, height = self._rest[:, 1], self._rest[:, 2]
        across = self._rest[:, 0]
        chest = top & self._torso
        for side in (front < -0.02, front > 0.02):
            if generator.random() < 0.2:  # a print or a number
                middle, half = uniform(-0.05, 0.05), uniform(0.03, 0.1, 2)
                level = uniform(0.2, 0.38)
                patch = np.maximum(
                    np.abs(across - middle) / half[0], np.abs(height - level) / half[1]
                )
                if generator.random() < 0.4:
                    patch = np.hypot((across - middle) / half[0], (height - level) / half[1])
                color[chest & side & (patch < 1)] = cloth_color(generator)
        if generator.random() < 0.08:
            color[top & self._arm] = cloth_color(generator)
        if generator.random() < 0.15:
            belt = self._torso & (np.abs(height - uniform(-0.05, 0.08)) < 0.018)
            color[belt] = cloth_color(generator) * 0.6
        if generator.random() < 0.25:
            socks = self._leg & (self._along_leg > uniform(1.5, 1.9)) & ~self._foot
            color[socks] = cloth_color(generator)
        if generator.random() < 0.04:
            color[self._hand] = cloth_color(generator)
            inflation[self._hand] += 0.003
        if generator.random() < 0.07:  # a scarf or a hood on the shoulders
            neck = ~self._arm & ~self._head & (height > uniform(0.48, 0.53))
            color[neck] = cloth_color(generator)
            inflation[neck] += uniform(0.01, 0.03)

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

    def _hair(self, color: Array, inflation: Array, load: Load, generator: Generator) -> None:
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
                if generator.random() < 0.12:
                    accessories.add_hair(load, hair, generator)
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
                if generator.random() < 0.6:
                    accessories.add_hair(load, hair, generator)
            case 4:  # a hat or cap
                color[cap] = hair
                accessories.add_hat(load, generator)
            case _:  # bald
                pass
        if generator.random() < 0.18:  # a beard
            beard = self._head & (front < -0.06) & (height < crown - 0.165)
            color[beard] = color[beard] * 0.45 + hair * 0.55


def _padded(of_body: Array) -> Array:
    """Return values of the body's vertices with zeros for those of the blobs."""
    return np.concatenate([of_body, np.zeros(SLOTS * VERTICES, np.float32)])
