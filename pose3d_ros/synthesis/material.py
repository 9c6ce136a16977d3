"""Material: what crops and frames are composed from."""

from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from pose3d_ros.synthesis import surroundings
from pose3d_ros.synthesis.shards import CutOuts

ComposerT = TypeVar('ComposerT', bound='Material')


class Material:
    """Cut-outs of people, and backgrounds; composers derive from it."""

    def __init__(self, cut_outs: CutOuts, backgrounds: NDArray[np.uint8]) -> None:
        """Keep what is composed.

        Args:
            cut_outs: People.
            backgrounds: BGR pictures, shape (M, S, S, 3).
        """
        self._cut_outs = cut_outs
        self._backgrounds = backgrounds

    @classmethod
    def load(cls, folder: Path, *, held_out: bool = False, backgrounds: int = 300) -> Self:
        """Return a composer over a folder of shards and the backgrounds of the same split.

        Args:
            folder: The shards.
            held_out: Use the backgrounds kept for evaluation.
            backgrounds: How many to prepare.

        Raises:
            DataError: The shards cannot be read.
        """
        pool = surroundings.backgrounds(backgrounds, held_out=held_out)
        return cls(CutOuts(folder), pool)
