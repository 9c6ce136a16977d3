"""The deadman's switch: the robot moves only while somebody keeps pressing it."""

from pose3d_ros.teleoperation.config import TeleopConfig

__all__ = ['Deadman']


class Deadman:
    """What is known of the switch."""

    def __init__(self) -> None:
        """Begin with nobody pressing."""
        self._pressed: float | None = None

    def press(self, now: float, *, pressed: bool) -> None:
        """Learn what the switch says at a time [s]."""
        self._pressed = now if pressed else None

    def forget(self) -> None:
        """Wait to be pressed anew."""
        self._pressed = None

    def obstacle(self, now: float, config: TeleopConfig) -> str:
        """Return why the robot must stop now; nothing if it need not."""
        if not config.require_deadman:
            return ''
        if self._pressed is None:
            return 'the deadman switch is not pressed'
        silent = now - self._pressed > config.deadman_timeout
        return 'the deadman switch has fallen silent' if silent else ''
