"""Report: what the listener heard, as figures and pictures."""

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.drawing import draw_story
from pose3d_ros.msg import Skeleton3DArray
from pose3d_ros.person import PersonState
from pose3d_ros.ros.conversions import people_from_msg
from pose3d_ros.ros.demo.footage import Footage, Truth
from pose3d_ros.skeleton import H36M_17

__all__ = ['Account', 'summary', 'write_overlays']

_ENOUGH = 0.95  # of the images must be answered
_WIDTH = 1600  # of the film [px]


@dataclass
class Account:
    """What was heard; all keys are stamps [ns].

    Attributes:
        images: Frame number of each image sent.
        skeletons: The answers.
        receptions: When they came [s].
        frames: Stamps with a body on /tf.
    """

    images: dict[int, int] = field(default_factory=dict)
    skeletons: dict[int, Skeleton3DArray] = field(default_factory=dict)
    receptions: dict[int, float] = field(default_factory=dict)
    frames: set[int] = field(default_factory=set)

    @property
    def answered(self) -> list[int]:
        """The stamps of the images that were answered, in order."""
        return sorted(self.images.keys() & self.skeletons.keys())

    def latencies(self) -> NDArray[np.float64]:
        """Return the times from stamp to reception [s]."""
        return np.array([self.receptions[stamp] - 1e-9 * stamp for stamp in self.answered])

    def rate_hz(self) -> float:
        """Return how many answers came per second [Hz]."""
        times = sorted(self.receptions[stamp] for stamp in self.answered)
        return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0


def summary(account: Account, truth: Truth | None) -> tuple[str, bool]:
    """Return the last line of the demo, and whether enough images were answered."""
    answered, sent = len(account.answered), len(account.images)
    latencies = account.latencies()
    p50, p95 = 1e3 * np.percentile(latencies, (50, 95)) if answered else (np.nan, np.nan)
    frames = len(account.images.keys() & account.frames)
    line = (
        f'demo: images={sent} skeletons={answered} tf={frames} rate_hz={account.rate_hz():.1f} '
        f'latency_p50_ms={p50:.1f} latency_p95_ms={p95:.1f} '
        f'mpjpe_mm={1e3 * mean_error(account, truth):.1f}'
    )
    return line, sent > 0 and answered >= _ENOUGH * sent


def mean_error(account: Account, truth: Truth | None) -> float:
    """Return the mean distance of joints from the truth, root on root (MPJPE) [m].

    Returns:
        NaN without a truth, or without anybody to compare with it.
    """
    if truth is None:
        return float('nan')
    errors = [
        _error(account.skeletons[stamp], truth, account.images[stamp])
        for stamp in account.answered
    ]
    known = [each for each in errors if np.isfinite(each)]
    return float(np.mean(known)) if known else float('nan')


def _error(msg: Skeleton3DArray, truth: Truth, frame: int) -> float:
    """Return the mean error of the person whose root is nearest to the true one [m]."""
    order = [truth.joints.index(joint) for joint in msg.joint_names]
    true = truth.positions[frame][order]
    people = [each for each in people_from_msg(msg) if each.state is not PersonState.LOST]
    if not people:
        return float('nan')
    nearest = min(people, key=lambda each: float(np.linalg.norm(each.positions[0] - true[0])))
    relative = (nearest.positions - nearest.positions[0]) - (true - true[0])
    return float(np.nanmean(np.linalg.norm(relative, axis=-1)))


def write_overlays(account: Account, footage: Footage, folder: Path) -> None:
    """Write overlay.mp4, and overlay.png: the frame in the middle.

    Args:
        account: What was heard.
        footage: What the camera played.
        folder: Where to write.
    """
    folder.mkdir(parents=True, exist_ok=True)
    answers = {account.images[stamp]: account.skeletons[stamp] for stamp in account.answered}
    middle = sorted(answers)[len(answers) // 2] if answers else 0
    film: cv2.VideoWriter | None = None
    for index, frame in enumerate(footage.frames()):
        if index > max(answers, default=0):
            break
        people = people_from_msg(answers[index]) if index in answers else []
        story = draw_story(frame, people, H36M_17)
        if index == middle:
            cv2.imwrite(str(folder / 'overlay.png'), story)
        small = _shrunk(story)
        if film is None:
            size = (small.shape[1], small.shape[0])
            code = cv2.VideoWriter.fourcc(*'mp4v')
            film = cv2.VideoWriter(str(folder / 'overlay.mp4'), code, footage.rate_hz, size)
        film.write(small)
    if film is not None:
        film.release()


def _shrunk(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture at the width of the film, with an even height."""
    height, width = image.shape[:2]
    size = (_WIDTH, 2 * round(height * _WIDTH / width / 2))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
