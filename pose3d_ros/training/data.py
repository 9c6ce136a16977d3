"""Streams of training batches from cut-outs on disk."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from pose3d_ros.synthesis.compose import Composer, Sample
from pose3d_ros.training.recipe import Recipe

PREPARATION = 2**32  # no training comes to a batch of this number
PREPARATION_CROPS = 512
PREPARATION_BACKGROUNDS = 60


def tensors(sample: Sample) -> dict[str, torch.Tensor]:
    """Return the fields of a batch as tensors."""
    return {
        name: torch.from_numpy(np.ascontiguousarray(getattr(sample, name)))
        for name in Sample.__slots__
    }


class CropStream(IterableDataset[dict[str, torch.Tensor]]):
    """Batch number n is a function of the recipe's seed and n alone."""

    def __init__(self, folder: Path, recipe: Recipe, first_step: int) -> None:
        """Remember where to start.

        Args:
            folder: The shards.
            recipe: Batch size, crop sizes and seed.
            first_step: Number of the first batch.
        """
        super().__init__()
        self._folder = folder
        self._recipe = recipe
        self._first_step = first_step

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        """Yield batches for ever."""
        cv2.setNumThreads(1)
        worker = get_worker_info()
        step, stride = self._first_step, 1
        if worker is not None:
            step, stride = step + worker.id, worker.num_workers
        crops = Composer.load(self._folder, backgrounds=self._recipe.backgrounds)
        while True:
            yield tensors(
                crops.batch(
                    (self._recipe.seed, step),
                    self._recipe.batch,
                    crop_size(self._recipe, step),
                    hardness(self._recipe, step),
                )
            )
            step += stride


def share_seen(recipe: Recipe, step: int) -> float:
    """Return the share of the recipe's samples seen before a step."""
    return step * recipe.batch / recipe.samples


def crop_size(recipe: Recipe, step: int) -> int:
    """Return the size of the crops at a step [px]."""
    seen = share_seen(recipe, step)
    return next(size for share, size in reversed(recipe.sizes) if seen >= share)


def hardness(recipe: Recipe, step: int) -> float:
    """Return how hard the crops at a step are: from 0.3 at the start to 1."""
    return min(1.0, 0.3 + 0.7 * share_seen(recipe, step) / recipe.hard_at)


def crops_to_prepare(folder: Path, recipe: Recipe) -> dict[str, torch.Tensor]:
    """Return crops of the final size, as hard as they get, for `Student.prepare`.

    Args:
        folder: The shards.
        recipe: Crop size and seed.
    """
    seed = (recipe.seed, PREPARATION)
    composer = Composer.load(folder, backgrounds=PREPARATION_BACKGROUNDS)
    return tensors(composer.batch(seed, PREPARATION_CROPS, recipe.final_size))


def batches(
    folder: Path, recipe: Recipe, first_step: int, workers: int
) -> Iterator[dict[str, torch.Tensor]]:
    """Return batches from `first_step` on, made by worker processes in order.

    Args:
        folder: The shards.
        recipe: Batch size, crop sizes and seed.
        first_step: Number of the first batch.
        workers: Processes; 0 makes batches in this one.
    """
    stream = CropStream(folder, recipe, first_step)
    # Spawned, not forked: OpenCV's threads, which this process has used, do not survive a fork.
    context = 'spawn' if workers else None
    loader = DataLoader(
        stream, batch_size=None, num_workers=workers, multiprocessing_context=context
    )
    return iter(loader)
