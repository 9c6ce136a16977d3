"""Sight: which of the things that follow a person have been in sight, and since when not."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from pose3d_ros.person import JointState, Person
from pose3d_ros.skeleton import H36M_17

__all__ = ['Following', 'Need', 'Sight']


class Following(IntEnum):
    """What a joint of the robot does."""

    FOLLOWING = 0
    """It follows the person."""
    HOLDING = 1
    """It holds its position: what it follows has just gone out of sight."""
    LOST = 2
    """It does what it shall do on loss: what it follows has been out of sight for too long."""


class Need(NamedTuple):
    """What one follower needs to see.

    Attributes:
        joints: Of the person, which must be visible.
        min_confidence: Of each of them.
        hold_time: How long they may be out of sight [s].
    """

    joints: tuple[str, ...]
    min_confidence: float
    hold_time: float


class Sight:
    """Remembers for each follower since when it has been blind."""

    def __init__(self, needs: Sequence[Need]) -> None:
        """Have seen nothing yet.

        Args:
            needs: Of each follower.
        """
        self._needs = needs
        self._blind: list[float | None] = [None] * len(needs)
        self.reasons: list[str] = [''] * len(needs)

    def reset(self) -> None:
        """Begin anew with another person."""
        self._blind = [None] * len(self._needs)
        self.reasons = [''] * len(self._needs)

    def look(self, person: Person, known: Sequence[bool], time: float) -> list[bool]:
        """Return who sees what it needs in an image.

        Args:
            person: The operator.
            known: Whether what each follower follows could be measured.
            time: Of the image [s].
        """
        self.reasons = [
            _reason(person, need) or ('' if is_known else 'it could not be measured')
            for need, is_known in zip(self._needs, known, strict=True)
        ]
        self._blind = [
            None if not reason else time if since is None else since
            for reason, since in zip(self.reasons, self._blind, strict=True)
        ]
        return [not reason for reason in self.reasons]

    def states(self, now: float) -> list[Following]:
        """Return what each follower does at a time."""
        return [
            Following.FOLLOWING
            if since is None
            else Following.HOLDING
            if now - since <= need.hold_time
            else Following.LOST
            for since, need in zip(self._blind, self._needs, strict=True)
        ]


def _reason(person: Person, need: Need) -> str:
    """Return why a follower is blind; nothing if it is not."""
    for joint in need.joints:
        index = H36M_17.index(joint)
        state, confidence = person.joint_states[index], person.confidence[index]
        if state != JointState.VISIBLE:
            return f'{joint} is {JointState(state).name}'
        if not confidence >= need.min_confidence:  # NaN is no confidence
            return f'confidence of {joint} is {confidence:.2f}, below {need.min_confidence:g}'
    return ''
