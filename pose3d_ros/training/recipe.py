"""Named training configurations."""

from dataclasses import dataclass, field

from pose3d_ros.errors import ConfigError
from pose3d_ros.methods.volumetric.loss import LossConfig
from pose3d_ros.methods.volumetric.network import NetworkConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one network is trained.

    Attributes:
        network: Its shape.
        loss: The weight of each term of the loss.
        samples: Crops to see in all; the schedule is a function of the share already seen.
        batch: Crops per step.
        backgrounds: Pictures that crops are composed on.
        sizes: Share of the samples seen and size of the crops from there on [px]: small ones
            teach the gist of a pose in a fraction of the time.
        hard_at: Share of the samples over which crops grow from easy to as hard as they get.
        rate: Peak learning rate of AdamW.
        decay_at: Share of the samples after which the rate falls along a cosine.
        warm_up: Steps until the peak rate.
        weight_decay, beta2, clip: The optimiser's other settings.
        ema: Decay of the moving average of the weights, which is what is shipped.
        seed: Of the weights and of the crops.
    """

    network: NetworkConfig = field(default_factory=NetworkConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    samples: int = 612_000
    batch: int = 48
    backgrounds: int = 1500
    sizes: tuple[tuple[float, int], ...] = ((0.0, 64), (0.39, 96), (0.76, 128))
    hard_at: float = 0.4
    rate: float = 2e-3
    decay_at: float = 0.5
    warm_up: int = 300
    weight_decay: float = 0.02
    beta2: float = 0.99
    clip: float = 5.0
    ema: float = 0.998
    seed: int = 0

    @property
    def final_size(self) -> int:
        """Size of the crops at the end of training, and of the model's input [px]."""
        return self.sizes[-1][1]


RECIPES = {
    'volumetric': Recipe(),
    'volumetric_smoke': Recipe(
        network=NetworkConfig(widths=(16, 16, 32, 32), blocks=(1, 1, 1), depth_cells=8),
        samples=4_800,
        batch=24,
        backgrounds=60,
        sizes=((0.0, 64),),
        warm_up=20,
    ),
}


def recipe(name: str) -> Recipe:
    """Return the recipe of this name.

    Raises:
        ConfigError: There is none; the message lists those there are.
    """
    if name not in RECIPES:
        msg = f'no training recipe {name!r}: there are {", ".join(sorted(RECIPES))}'
        raise ConfigError(msg)
    return RECIPES[name]
