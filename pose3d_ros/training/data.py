"""Streams of training batches from cut-outs, on disk or fresh from a renderer."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from pose3d_ros.errors import DataError
from pose3d_ros.synthesis.compose import Composer, Sample
from pose3d_ros.synthesis.frames import Frame, FrameComposer
from pose3d_ros.synthesis.shards import CutOuts
from pose3d_ros.synthesis.surroundings import backgrounds
from pose3d_ros.synthesis.workers import end_with_parent
from pose3d_ros.training.fresh import Fresh
from pose3d_ros.training.recipe import Recipe

PREPARATION = 2**32  # no training comes to a batch of this number
PREPARATION_CROPS = 512
PREPARATION_BACKGROUNDS = 60
PREPARATION_PEOPLE = 128


COMPOSERS: dict[str, type[Composer] | type[FrameComposer]] = {
    'crops': Composer,
    'frames': FrameComposer,
}


def tensors(sample: Sample | Frame) -> dict[str, torch.Tensor]:
    """Return the fields of a batch as tensors."""
    return {
        name: torch.from_numpy(np.ascontiguousarray(getattr(sample, name)))
        for name in type(sample).__slots__
    }


class CropStream(IterableDataset[dict[str, torch.Tensor]]):
    """Batch number n is a function of the recipe's seed and n alone."""

    def __init__(self, data: Path | Fresh, recipe: Recipe, first_step: int) -> None:
        """Remember where to start.

        Args:
            data: Folder of shards, or how people are rendered meanwhile.
            recipe: Batch size, crop sizes and seed.
            first_step: Number of the first batch.
        """
        super().__init__()
        self._data = data
        self._recipe = recipe
        self._first_step = first_step

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        """Yield batches for ever."""
        cv2.setNumThreads(1)
        worker = get_worker_info()
        step, stride = self._first_step, 1
        if worker is not None:
            end_with_parent()
            step, stride = step + worker.id, worker.num_workers
        pool = backgrounds(self._recipe.backgrounds, held_out=False)
        composer = COMPOSERS[self._recipe.material]
        folder = None
        while True:
            needed = self._folder(step)
            if needed != folder:
                folder, crops = needed, composer(CutOuts(needed), pool)
            yield tensors(
                crops.batch(
                    (self._recipe.seed, step),
                    self._recipe.batch,
                    crop_size(self._recipe, step),
                    hardness(self._recipe, step),
                )
            )
            step += stride

    def _folder(self, step: int) -> Path:
        """Return where the people of a batch are, as soon as they are there."""
        if isinstance(self._data, Path):
            return self._data
        return self._data.wait_for(self._data.generation(step, self._recipe.batch))


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


def crops_to_prepare(data: Path | Fresh, recipe: Recipe) -> dict[str, torch.Tensor]:
    """Return crops of the final size, as hard as they get, for `Student.prepare`.

    Args:
        data: Folder of shards, or how people are rendered.
        recipe: Crop size and seed.
    """
    if isinstance(data, Fresh):
        few = replace(data, people=PREPARATION_PEOPLE, renderers=1)
        with few.rendering(recipe.seed, PREPARATION):
            return crops_to_prepare(few.wait_for(PREPARATION), recipe)
    seed = (recipe.seed, PREPARATION)
    composer = COMPOSERS[recipe.material].load(data, backgrounds=PREPARATION_BACKGROUNDS)
    return tensors(composer.batch(seed, PREPARATION_CROPS, recipe.final_size))


def batches(
    data: Path | Fresh, recipe: Recipe, first_step: int, workers: int
) -> Iterator[dict[str, torch.Tensor]]:
    """Yield batches from `first_step` on, made by worker processes in order.

    Args:
        data: Folder of shards, or how people are rendered meanwhile.
        recipe: Batch size, crop sizes and seed.
        first_step: Number of the first batch.
        workers: Processes; 0 makes batches in this one.

    Raises:
        DataError: The shards cannot be read, or people cannot be rendered.
    """
    stream = CropStream(data, recipe, first_step)
    # Spawned, not forked: OpenCV's threads, which this process has used, do not survive a fork.
    context = 'spawn' if workers else None
    loader = DataLoader(
        stream, batch_size=None, num_workers=workers, multiprocessing_context=context
    )
    if isinstance(data, Path):
        yield from loader
        return
    with data.rendering(recipe.seed, data.generation(first_step, recipe.batch)) as advance:
        try:
            for step, batch in enumerate(loader, first_step):
                advance(data.generation(step, recipe.batch))
                yield batch
        except DataError:
            data.check()  # says the same without the history of a worker process
            raise
