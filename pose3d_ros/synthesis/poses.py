"""A procedural sampler of human poses with joint limits, and motion between poses.

A pose is one rotation per bone of `Body`, against the parent, in the rest pose's world axes.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.limbs import Arm, random_arm, random_bow, random_legs
from pose3d_ros.synthesis.rotations import (
    X_AXIS,
    Y_AXIS,
    Z_AXIS,
    Matrix,
    about,
    mirrored,
    shortest,
    slerp,
)

Pose = NDArray[np.float64]  # (B, 3, 3)
Generator = np.random.Generator

SAME_ON_BOTH_SIDES = 0.35
BENT_ASIDE = 0.15  # share of those whose spine bends far to a side


class PoseSampler:
    """Draws poses for one body."""

    def __init__(self, body: Body) -> None:
        """Measure the body's rest arm once.

        Args:
            body: The body that the poses are for.
        """
        self._body = body
        heads = body.rest_heads
        upper = heads['lowerarm01.L'] - heads['upperarm01.L']
        fore = heads['wrist.L'] - heads['lowerarm01.L']
        self._upper = upper / np.linalg.norm(upper)
        hinge = np.cross(self._upper, fore / np.linalg.norm(fore))
        self._rest_flexion = float(np.degrees(np.arcsin(np.linalg.norm(hinge))))
        self._hinge = hinge / np.linalg.norm(hinge)

    def identity(self) -> Pose:
        """Return the rest pose."""
        return np.tile(np.eye(3), (len(self._body.bones), 1, 1))

    def sample(self, generator: Generator) -> Pose:
        """Return one random pose; arms that pierce the trunk are drawn again."""
        pose = self.identity()
        lean = self._pose_legs(pose, generator)
        self._pose_trunk(pose, lean, generator)
        for _ in range(8):
            self._pose_arms(pose, generator)
            if not self._pierces_trunk(pose):
                break
        return pose

    def mix(self, upper: Pose, lower: Pose) -> Pose:
        """Return a pose with one pose's trunk and arms and the other's legs."""
        mixed = upper.copy()
        for name in ('upperleg01', 'lowerleg01', 'foot'):
            for side in 'LR':
                bone = self._body.bone(f'{name}.{side}')
                mixed[bone] = lower[bone]
        return mixed

    def jitter(self, pose: Pose, generator: Generator, degrees: float = 6.0) -> Pose:
        """Return the pose with a small random rotation at every bone but the root."""
        turned = pose.copy()
        for bone in range(1, len(turned)):
            turned[bone] = turned[bone] @ about(
                generator.normal(size=3), generator.normal(0, degrees)
            )
        return turned

    def _set(self, pose: Pose, name: str, rotation: Matrix) -> None:
        pose[self._body.bone(name)] = rotation

    def _pose_arms(self, pose: Pose, generator: Generator) -> None:
        left = random_arm(generator)
        right = random_arm(generator)
        if generator.random() < SAME_ON_BOTH_SIDES:
            right = Arm(
                left.elevation + generator.normal(0, 6),
                left.azimuth + generator.normal(0, 6),
                left.twist + generator.normal(0, 9),
                max(0.0, left.flexion + generator.normal(0, 9)),
            )
        for side, arm in (('L', left), ('R', right)):
            self.set_arm(pose, side, arm, shrug=generator.normal(0, 2))
            wrist = about(generator.normal(size=3), generator.normal(0, 15))
            self._set(pose, f'wrist.{side}', wrist if side == 'L' else mirrored(wrist))

    def set_arm(self, pose: Pose, side: str, arm: Arm, shrug: float = 0.0) -> None:
        """Turn one arm of a pose.

        Args:
            pose: Changed in place.
            side: L or R.
            arm: How it is held.
            shrug: The shoulder is lifted by this beyond what the arm asks for [deg].
        """
        bones = ('clavicle', 'upperarm01', 'lowerarm01')
        for bone, rotation in zip(bones, self._arm_rotations(arm, shrug), strict=True):
            self._set(pose, f'{bone}.{side}', rotation if side == 'L' else mirrored(rotation))

    def _arm_rotations(self, arm: Arm, shrug: float) -> tuple[Matrix, Matrix, Matrix]:
        lift = max(0.0, arm.elevation - 60) * 0.18 + shrug
        clavicle = about(Y_AXIS, -lift)
        upper = shortest(self._upper, arm.direction()) @ about(self._upper, arm.twist)
        fore = about(self._hinge, arm.flexion - self._rest_flexion)
        return clavicle, clavicle.T @ upper, fore

    def _pose_legs(self, pose: Pose, generator: Generator) -> float:
        """Turn legs and pelvis; return how far the trunk leans forward beyond that [deg]."""
        legs, lean = random_legs(generator)
        forward, left = random_bow(legs, generator)
        pelvis = about(Y_AXIS, left) @ about(X_AXIS, forward)
        self._set(pose, 'root', pelvis)
        for side, sign, leg in (('L', 1, legs[0]), ('R', -1, legs[1])):
            outward = generator.normal(4, 9) + 0.35 * max(leg.abduction, 0)
            thigh = (
                about(Y_AXIS, -sign * leg.abduction)
                @ about(X_AXIS, -leg.flexion)
                @ about(Z_AXIS, sign * outward)
            )
            self._set(pose, f'upperleg01.{side}', pelvis.T @ thigh)
            self._set(pose, f'lowerleg01.{side}', about(X_AXIS, leg.knee))
            self._set(
                pose,
                f'foot.{side}',
                about(X_AXIS, generator.normal(0, 12) - 0.15 * leg.knee),
            )
        return lean

    def _pose_trunk(self, pose: Pose, lean: float, generator: Generator) -> None:
        forward = lean + generator.normal(3, 8)
        side = generator.normal(0, 9)
        if generator.random() < BENT_ASIDE:
            side = generator.uniform(15, 45) * generator.choice((-1, 1))
        twist = generator.normal(0, 12)
        for name, share in (
            ('spine05', 0.3),
            ('spine03', 0.25),
            ('spine02', 0.25),
            ('spine01', 0.2),
        ):
            self._set(
                pose,
                name,
                about(Z_AXIS, twist * share)
                @ about(Y_AXIS, side * share)
                @ about(X_AXIS, forward * share),
            )
        nod = 0 if lean < 20 else -8
        for name in ('neck01', 'head'):
            self._set(
                pose,
                name,
                about(Z_AXIS, generator.normal(0, 15))
                @ about(Y_AXIS, generator.normal(0, 6))
                @ about(X_AXIS, generator.normal(nod, 9)),
            )

    def _pierces_trunk(self, pose: Pose) -> bool:
        """Tell whether an elbow or wrist lies inside the trunk, taken as a 12 cm capsule."""
        heads, turns = self._joint_chain(pose)
        body = self._body
        low, high = heads[body.bone('root')], heads[body.bone('neck01')]
        axis = (high - low) / np.linalg.norm(high - low)
        tips = []
        for side in 'LR':
            wrist = body.bone(f'wrist.{side}')
            hand = turns[wrist] @ (
                body.rest_heads[f'wrist.{side}'] - body.rest_heads[f'lowerarm01.{side}']
            )
            tips += [
                heads[wrist],
                heads[wrist] + hand * 0.35,
                heads[body.bone(f'lowerarm01.{side}')],
            ]
        offsets = np.array(tips) - low
        along = np.clip(offsets @ axis, 0, np.linalg.norm(high - low))
        return bool((np.linalg.norm(offsets - along[:, None] * axis, axis=1) < 0.12).any())

    def _joint_chain(self, pose: Pose) -> tuple[NDArray[np.float64], Pose]:
        body = self._body
        heads = np.zeros((len(body.bones), 3))
        turns = np.empty_like(pose)
        for bone, parent in enumerate(body.bone_parents):
            name = body.bones[bone]
            if parent < 0:
                turns[bone], heads[bone] = pose[bone], body.rest_heads[name]
                continue
            offset = body.rest_heads[name] - body.rest_heads[body.bones[parent]]
            heads[bone] = heads[parent] + turns[parent] @ offset
            turns[bone] = turns[parent] @ pose[bone]
        return heads, turns


def between(start: Pose, end: Pose, fraction: float) -> Pose:
    """Return the pose a fraction of the way between two poses, each bone on its shortest arc."""
    return np.stack([slerp(a, b, fraction) for a, b in zip(start, end, strict=True)])


def motion(keys: list[Pose], frames_per_key: int) -> Iterator[Pose]:
    """Yield poses that ease from key to key, stopping softly at each."""
    for start, end in pairwise(keys):
        for step in range(frames_per_key):
            fraction = step / frames_per_key
            yield between(start, end, fraction * fraction * (3 - 2 * fraction))
