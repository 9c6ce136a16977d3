"""Somebody to write messages about."""

import numpy as np

from pose3d_ros.config import PipelineConfig
from pose3d_ros.methods.constant.estimator import ConstantEstimator
from pose3d_ros.person import JointState, Person, PersonState
from pose3d_ros.ros.conversions import Method
from pose3d_ros.skeleton import H36M_17

METHOD = Method('constant', 'abc', H36M_17)


def somebody(
    name: str = 'abcde',
    state: PersonState = PersonState.SEEN,
    unknown: str = '',
    stamp: float = 7.0,
) -> Person:
    """Return a person in a T-pose, facing the camera; one joint may be unknown."""
    crops = np.zeros((1, 64, 64, 3), np.uint8)
    pixels = ConstantEstimator(PipelineConfig())(crops).pixels[0].astype(np.float64)
    positions = np.column_stack((pixels / 30, np.full(17, 3.0)))
    states = np.full(17, JointState.VISIBLE, np.uint8)
    if unknown:
        joint = H36M_17.index(unknown)
        pixels[joint] = positions[joint] = np.nan
        states[joint] = JointState.UNKNOWN
    return Person(
        id=name,
        state=state,
        presence=0.9,
        box=(1.0, 2.0, 30.0, 40.0),
        pixels=pixels,
        positions=positions,
        confidence=np.linspace(0.2, 0.9, 17),
        deviation=np.linspace(0.3, 0.1, 17),
        joint_states=states,
        stamp=stamp,
    )
