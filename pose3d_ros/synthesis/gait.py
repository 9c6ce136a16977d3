"""Walking: one stride as a function of its phase."""

import math

from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.limbs import Arm
from pose3d_ros.synthesis.poses import Pose, PoseSampler
from pose3d_ros.synthesis.rotations import X_AXIS, Z_AXIS, about

STRIDE_M = 1.35  # two steps of an adult who walks at ease


def walking(sampler: PoseSampler, body: Body, phase: float, vigour: float) -> Pose:
    """Return a pose of a person who walks.

    The angles follow sines that are close to those of gait laboratories: hips swing 25 degrees to
    either side, knees bend most in mid-swing, and each arm swings with the other side's leg.

    Args:
        sampler: Knows the body's arms.
        body: The body.
        phase: Of the stride; 1 is a whole one.
        vigour: 1 walks, 0 stands.
    """
    pose = sampler.identity()
    for side, shift in (('L', 0.0), ('R', 0.5)):
        angle = 2 * math.pi * (phase + shift)
        hip = vigour * 25 * math.sin(angle) + 3
        knee = 6 + vigour * 50 * max(0.0, math.cos(angle)) ** 2
        pose[body.bone(f'upperleg01.{side}')] = about(X_AXIS, -hip)
        pose[body.bone(f'lowerleg01.{side}')] = about(X_AXIS, knee)
        pose[body.bone(f'foot.{side}')] = about(X_AXIS, hip - 0.7 * knee)
        swing = -vigour * 22 * math.sin(angle)
        arm = Arm(8 + abs(swing), math.copysign(80, swing), 0, 15 + max(0.0, swing))
        sampler.set_arm(pose, side, arm)
    pose[body.bone('spine03')] = about(Z_AXIS, -vigour * 6 * math.sin(2 * math.pi * phase))
    return pose
