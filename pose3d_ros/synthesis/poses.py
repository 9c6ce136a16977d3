"""A procedural sampler of human poses with joint limits, and motion between poses.

A pose is one rotation per bone of `Body`, against the parent, in the rest pose's world axes.
Angles are in degrees. Arms are described by the direction of the upper arm (elevation from
hanging down, azimuth from the side towards the front), its twist and the elbow's flexion; legs by
flexion, abduction and the knee's flexion.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.rotations import (
    X_AXIS,
    Y_AXIS,
    Z_AXIS,
    Matrix,
    about,
    frame,
    mirrored,
    shortest,
    slerp,
)

Pose = NDArray[np.float64]  # (B, 3, 3)
Generator = np.random.Generator

# probability, elevation, azimuth, twist, elbow flexion: uniform ranges
ARM_HABITS = (
    (0.22, (2, 22), (-40, 60), (-25, 25), (3, 45)),  # hanging
    (0.12, (60, 105), (-15, 30), (-90, 60), (0, 30)),  # out to the side
    (0.13, (115, 178), (-30, 60), (-100, 100), (0, 60)),  # up
    (0.13, (40, 110), (60, 105), (-60, 60), (0, 70)),  # forward
    (0.08, (25, 55), (-40, 20), (-80, -20), (60, 120)),  # hand on hip
    (0.07, (70, 150), (-10, 60), (-110, 60), (95, 145)),  # hand to head
    (0.10, (5, 50), (20, 90), (-20, 70), (70, 140)),  # folded in front
    (0.15, (12, 165), (-45, 110), (-90, 90), (0, 140)),  # anything
)
SAME_ON_BOTH_SIDES = 0.35


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm, described for the left side."""

    elevation: float
    azimuth: float
    twist: float
    flexion: float

    def direction(self) -> NDArray[np.float64]:
        """Return the upper arm's direction in the torso's frame, shape (3,)."""
        elevation, azimuth = np.radians([self.elevation, self.azimuth])
        return np.array(
            [
                np.sin(elevation) * np.cos(azimuth),
                -np.sin(elevation) * np.sin(azimuth),
                -np.cos(elevation),
            ]
        )


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg: flexion of the hip, abduction, flexion of the knee."""

    flexion: float
    abduction: float
    knee: float


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
        left = _sample_arm(generator)
        right = _sample_arm(generator)
        if generator.random() < SAME_ON_BOTH_SIDES:
            right = Arm(
                left.elevation + generator.normal(0, 6),
                left.azimuth + generator.normal(0, 6),
                left.twist + generator.normal(0, 9),
                max(0.0, left.flexion + generator.normal(0, 9)),
            )
        for side, arm in (('L', left), ('R', right)):
            clavicle, upper, fore = self._arm_rotations(arm, generator)
            wrist = about(generator.normal(size=3), generator.normal(0, 15))
            bones = ('clavicle', 'upperarm01', 'lowerarm01', 'wrist')
            for bone, rotation in zip(bones, (clavicle, upper, fore, wrist), strict=True):
                self._set(pose, f'{bone}.{side}', rotation if side == 'L' else mirrored(rotation))

    def _arm_rotations(self, arm: Arm, generator: Generator) -> tuple[Matrix, Matrix, Matrix]:
        lift = max(0.0, arm.elevation - 60) * 0.18 + generator.normal(0, 2)
        clavicle = about(Y_AXIS, -lift)
        upper = shortest(self._upper, arm.direction()) @ about(self._upper, arm.twist)
        fore = about(self._hinge, arm.flexion - self._rest_flexion)
        return clavicle, clavicle.T @ upper, fore

    def _pose_legs(self, pose: Pose, generator: Generator) -> float:
        legs, lean = _sample_legs(generator)
        for side, sign, leg in (('L', 1, legs[0]), ('R', -1, legs[1])):
            outward = generator.normal(4, 9) + 0.35 * max(leg.abduction, 0)
            thigh = (
                about(Y_AXIS, -sign * leg.abduction)
                @ about(X_AXIS, -leg.flexion)
                @ about(Z_AXIS, sign * outward)
            )
            self._set(pose, f'upperleg01.{side}', thigh)
            self._set(pose, f'lowerleg01.{side}', about(X_AXIS, leg.knee))
            self._set(
                pose,
                f'foot.{side}',
                about(X_AXIS, generator.normal(0, 12) - 0.15 * leg.knee),
            )
        return lean

    def _pose_trunk(self, pose: Pose, lean: float, generator: Generator) -> None:
        forward = lean + generator.normal(3, 8)
        side = generator.normal(0, 9) * (1 if generator.random() < 0.8 else 2.3)
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


def _sample_arm(generator: Generator) -> Arm:
    habit = ARM_HABITS[generator.choice(len(ARM_HABITS), p=[h[0] for h in ARM_HABITS])]
    return Arm(*(float(generator.uniform(*bounds)) for bounds in habit[1:]))


def _sample_legs(generator: Generator) -> tuple[list[Leg], float]:
    """Return both legs and how far the trunk leans forward [deg]."""
    uniform, normal = generator.uniform, generator.normal
    habit = generator.choice(9, p=(0.25, 0.1, 0.13, 0.09, 0.09, 0.09, 0.12, 0.06, 0.07))
    match habit:
        case 0:  # standing
            legs = [Leg(normal(0, 6), uniform(-2, 10), abs(normal(0, 9))) for _ in 'LR']
            lean = 0.0
        case 1:  # legs apart
            spread = uniform(8, 32)
            legs = [Leg(normal(0, 8), spread + normal(0, 4), abs(normal(0, 12))) for _ in 'LR']
            lean = 0.0
        case 2:  # a step
            step = uniform(8, 42)
            legs = [
                Leg(step + normal(0, 5), normal(2, 4), uniform(0, 35)),
                Leg(-0.7 * step + normal(0, 5), normal(2, 4), uniform(0, 65)),
            ]
            lean = uniform(0, 12)
        case 3:  # a lunge or kneeling on one knee
            legs = [
                Leg(uniform(45, 105), uniform(-5, 25), uniform(55, 115)),
                Leg(uniform(-35, 5), uniform(-5, 15), uniform(5, 95)),
            ]
            lean = uniform(-5, 25)
        case 4:  # a side lunge
            legs = [
                Leg(uniform(-5, 30), uniform(22, 52), uniform(0, 12)),
                Leg(uniform(25, 95), uniform(12, 45), uniform(40, 115)),
            ]
            lean = uniform(0, 30)
        case 5:  # squatting or bending
            spread, bend = uniform(3, 42), uniform(45, 125)
            legs = [
                Leg(bend + normal(0, 6), spread + normal(0, 5), bend + uniform(-10, 25))
                for _ in 'LR'
            ]
            lean = uniform(5, 45)
        case 6:  # sitting
            spread = uniform(-2, 25)
            legs = [Leg(uniform(70, 105), spread + normal(0, 5), uniform(45, 110)) for _ in 'LR']
            lean = uniform(-15, 25)
        case 7:  # standing on one leg
            legs = [
                Leg(normal(0, 6), uniform(0, 8), abs(normal(0, 9))),
                Leg(uniform(15, 110), uniform(-5, 45), uniform(0, 125)),
            ]
            lean = 0.0
        case _:  # anything
            legs = [Leg(uniform(-25, 110), uniform(-10, 45), uniform(0, 130)) for _ in 'LR']
            lean = uniform(0, 60)
    if generator.random() < 0.5:
        legs.reverse()
    return legs, float(lean)


def between(start: Pose, end: Pose, fraction: float) -> Pose:
    """Return the pose a fraction of the way between two poses, each bone on its shortest arc."""
    return np.stack([slerp(a, b, fraction) for a, b in zip(start, end, strict=True)])


def motion(keys: list[Pose], frames_per_key: int) -> Iterator[Pose]:
    """Yield poses that ease from key to key, stopping softly at each."""
    for start, end in pairwise(keys):
        for step in range(frames_per_key):
            fraction = step / frames_per_key
            yield between(start, end, fraction * fraction * (3 - 2 * fraction))


__all__ = ['Pose', 'PoseSampler', 'between', 'frame', 'motion']
