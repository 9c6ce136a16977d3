"""A network in training: weights, moving average, optimiser and schedule."""

import copy
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pose3d_ros.errors import DataError
from pose3d_ros.networks.contract import FrameTruth, Network, Truth
from pose3d_ros.training.data import share_seen
from pose3d_ros.training.recipe import Recipe
from pose3d_ros.training.start import file_to_start_from, start_from

_SEED_STRIDE = 10_000_019


class Student:
    """One network that learns from the batches it is given."""

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        """Start from random weights.

        Args:
            recipe: How to train.
            device: Where to train.
        """
        torch.manual_seed(recipe.seed)
        self.recipe = recipe
        self.device = device
        self.step = 0
        network = recipe.network.build().to(device)
        self.network: Network = network.to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.network).eval().requires_grad_(requires_grad=False)
        self._optimizer = _optimizer(recipe, self.network)

    def prepare(self, batch: Mapping[str, Tensor]) -> None:
        """Show some crops of the final size and their labels, before the first step.

        Raises:
            DataError: The model file to start from does not fit.
            ModelFileError: There is no such model file.
        """
        truth = _truth(batch, self.device)
        self.network.prepare(truth)
        if self.recipe.start:
            start_from(self.network, file_to_start_from(self.recipe.start), batch['image'])
        self.average.load_state_dict(self.network.state_dict())

    @property
    def finished(self) -> bool:
        """Whether all samples of the recipe were seen."""
        return share_seen(self.recipe, self.step) >= 1

    def learn(self, batch: Mapping[str, Tensor]) -> dict[str, float]:
        """Make one step and return each term of the loss."""
        rate = learning_rate(self.recipe, self.step)
        for group in self._optimizer.param_groups:
            group['lr'] = rate
        self.network.train()
        # Noise is a function of the step, whoever else is trained, however often it was resumed.
        torch.manual_seed(self.recipe.seed * _SEED_STRIDE + self.step)
        image = batch['image'].to(self.device, non_blocking=True)
        with torch.autocast(self.device.type, torch.bfloat16):
            prediction = self.network(image)
        terms = self.recipe.loss(prediction, _truth(batch, self.device))
        total = torch.stack(list(terms.values())).sum()
        self._optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        self._optimizer.step()
        self.step += 1
        self._update_average()
        return {name: float(term.detach()) for name, term in terms.items()}

    def _update_average(self) -> None:
        keep = min(self.recipe.ema, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            ours, theirs = self.average.state_dict(), self.network.state_dict()
            for name, value in ours.items():
                if value.dtype.is_floating_point:
                    value.lerp_(theirs[name], 1 - keep)
                else:
                    value.copy_(theirs[name])

    def save(self, path: Path) -> None:
        """Write a checkpoint; the old one stays whole until the new one is complete.

        Raises:
            DataError: It cannot be written; the old one is still there.
        """
        temporary = path.with_suffix('.tmp')
        state = {
            'step': self.step,
            'network': self.network.state_dict(),
            'average': self.average.state_dict(),
            'optimizer': self._optimizer.state_dict(),
        }
        try:
            torch.save(state, temporary)
            temporary.replace(path)
        except (OSError, RuntimeError) as error:  # torch tells of a full disk in its own way
            temporary.unlink(missing_ok=True)
            msg = f'checkpoint {path} cannot be written ({error}): is the disk full?'
            raise DataError(msg) from error

    def load(self, path: Path) -> None:
        """Continue from a checkpoint.

        Raises:
            DataError: It is damaged or belongs to another network.
        """
        try:
            state: dict[str, Any] = torch.load(path, map_location=self.device, weights_only=True)
            self.network.load_state_dict(state['network'])
            self.average.load_state_dict(state['average'])
            self._optimizer.load_state_dict(state['optimizer'])
            self.step = int(state['step'])
        except Exception as error:  # torch raises many kinds, depending on where the damage is
            msg = (
                f'checkpoint {path} cannot be used: it is damaged or of another network '
                f'({type(error).__name__}); move it away to start afresh'
            )
            raise DataError(msg) from error


def _truth(batch: Mapping[str, Tensor], device: torch.device) -> Truth | FrameTruth:
    labels = {k: v.to(device, non_blocking=True) for k, v in batch.items() if k != 'image'}
    kind = FrameTruth if 'boxes' in labels else Truth
    return kind(**labels, size=batch['image'].shape[1])


def _optimizer(recipe: Recipe, network: Network) -> torch.optim.Optimizer:
    weights, rate, decay = network.parameters(), recipe.rate, recipe.weight_decay
    if recipe.optimizer == 'adamw':
        betas = (0.9, recipe.beta2)
        return torch.optim.AdamW(weights, rate, betas=betas, weight_decay=decay)
    if recipe.optimizer == 'rmsprop':
        return torch.optim.RMSprop(weights, rate, alpha=recipe.beta2, weight_decay=decay)
    return torch.optim.SGD(weights, rate, momentum=recipe.momentum, weight_decay=decay)


def learning_rate(recipe: Recipe, step: int) -> float:
    """Return the rate at a step: warm-up, constant, then a cosine to zero."""
    share = share_seen(recipe, step)
    warm = min(1.0, (step + 1) / recipe.warm_up)
    if share < recipe.decay_at:
        return recipe.rate * warm
    along = min(1.0, (share - recipe.decay_at) / (1 - recipe.decay_at))
    return recipe.rate * warm * (0.5 * (1 + math.cos(math.pi * along)) + 0.003)
