"""How people hold their arms and legs: habits, each a range of angles [deg].

Arms are described by the direction of the upper arm (elevation from hanging down, azimuth from
the side towards the front), its twist and the elbow's flexion; legs by the hip's flexion and
abduction and the knee's flexion.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Generator = np.random.Generator

# probability, elevation, azimuth, twist, elbow flexion: uniform ranges
ARM_HABITS = (
    (0.22, (2, 22), (-40, 60), (-25, 25), (3, 45)),  # hanging
    (0.12, (60, 105), (-15, 30), (-90, 60), (0, 30)),  # out to the side
    (0.15, (115, 178), (-30, 60), (-100, 100), (0, 95)),  # up
    (0.13, (40, 110), (60, 105), (-60, 60), (0, 70)),  # forward
    (0.08, (25, 55), (-40, 20), (-80, -20), (60, 120)),  # hand on hip
    (0.07, (70, 150), (-10, 60), (-110, 60), (95, 145)),  # hand to head
    (0.10, (5, 50), (20, 90), (-20, 70), (70, 140)),  # folded in front
    (0.13, (12, 165), (-45, 110), (-90, 90), (0, 140)),  # anything
)

_UPRIGHT, _FORWARD = 0.8, 0.07  # shares of those who do not bow, and who bow forward
_MOST_FLEXION, _MOST_ADDUCTION = 125.0, 25.0  # of a hip [deg]


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


def random_arm(generator: Generator) -> Arm:
    """Return an arm of a random habit."""
    habit = ARM_HABITS[generator.choice(len(ARM_HABITS), p=[h[0] for h in ARM_HABITS])]
    return Arm(*(float(generator.uniform(*bounds)) for bounds in habit[1:]))


def random_bow(legs: list[Leg], generator: Generator) -> tuple[float, float]:
    """Return how far the pelvis is turned over the legs, forward and to the left [deg].

    Most people hardly bow; some reach for the floor before or beside them. No hip is bent further
    than it can be.

    Args:
        legs: The left and the right one, of an upright pelvis.
        generator: Of random numbers.
    """
    kind = generator.random()
    if kind < _UPRIGHT:
        return 0.0, 0.0
    freest = _MOST_FLEXION - max(leg.flexion for leg in legs)
    if kind < _UPRIGHT + _FORWARD:
        return float(min(generator.uniform(15, 80), max(freest, 0))), float(generator.normal(0, 8))
    left = generator.random() < 0.5
    aside = min(generator.uniform(10, 60), _MOST_ADDUCTION + legs[int(left)].abduction)
    forward = min(generator.normal(5, 12), max(freest, 0))
    return float(forward), float(aside if left else -aside)


def random_legs(generator: Generator) -> tuple[list[Leg], float]:
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
