"""Supervisor: whether the robot may move, and why it does not."""

from enum import IntEnum

__all__ = ['Supervisor', 'TeleopState']


class TeleopState(IntEnum):
    """What teleoperation does."""

    DISARMED = 0
    """Nothing moves until somebody arms it."""
    ARMING = 1
    """The robot goes slowly to where the person is."""
    FOLLOWING = 2
    """The robot follows the person."""
    HOLDING = 3
    """It follows, but some joints hold, or are lost, because they are out of sight."""
    STOPPED = 4
    """The robot has braked, and rests until the reason has gone, or it is disarmed."""


MOVING = (TeleopState.ARMING, TeleopState.FOLLOWING, TeleopState.HOLDING)


class Supervisor:
    """Keeps the state.

    Attributes:
        state: The state.
        reason: Why, in words.
    """

    def __init__(self) -> None:
        """Begin disarmed."""
        self.state = TeleopState.DISARMED
        self.reason = 'not armed yet'
        self._stopped = 0.0

    @property
    def may_move(self) -> bool:
        """Whether the robot may move otherwise than to come to rest."""
        return self.state in MOVING

    def arm(self) -> None:
        """Begin to approach the person."""
        self._become(TeleopState.ARMING, 'armed')

    def disarm(self, reason: str) -> None:
        """Let nothing move until armed again."""
        self._become(TeleopState.DISARMED, reason)

    def approach(self, reason: str) -> None:
        """Be slow once more, if something moves at all."""
        if self.may_move:
            self._become(TeleopState.ARMING, reason)

    def update(
        self, now: float, *, obstacle: str, arrived: bool, held: str, rearm_after: float
    ) -> None:
        """Go on in time.

        Args:
            now: The time [s].
            obstacle: Why the robot must stop; nothing if it need not.
            arrived: Whether the approach is over.
            held: Which joints hold and why; nothing if all follow.
            rearm_after: A stop of this length disarms [s].
        """
        if self.state is TeleopState.DISARMED:
            return
        if obstacle:
            self._stop(now, obstacle, rearm_after)
        elif self.state is TeleopState.STOPPED:
            self._become(TeleopState.ARMING, f'goes on: {self.reason} has passed')
        elif self.state is TeleopState.ARMING and not arrived:
            pass
        elif held:
            self._become(TeleopState.HOLDING, held)
        else:
            self._become(TeleopState.FOLLOWING, 'all joints follow')

    def _stop(self, now: float, obstacle: str, rearm_after: float) -> None:
        if self.state is not TeleopState.STOPPED:
            self._stopped = now
        if now - self._stopped > rearm_after:
            self._become(
                TeleopState.DISARMED, f'stopped for more than {rearm_after:g} s: {obstacle}'
            )
        else:
            self._become(TeleopState.STOPPED, obstacle)

    def _become(self, state: TeleopState, reason: str) -> None:
        self.state, self.reason = state, reason
