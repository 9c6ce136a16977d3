"""Named training configurations.

A name without ending is a size for a CPU, at most 1 GFLOP for a crop of 128 px; `_paper` has the
settings of the paper, for a GPU; `_further` starts from what ships; `_smoke` is tiny and shows
within a minute that all of it works.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from pose3d_ros.detectors.centre import loss as centre_loss
from pose3d_ros.detectors.centre import network as centre
from pose3d_ros.errors import ConfigError
from pose3d_ros.methods.compositional import loss as compositional_loss
from pose3d_ros.methods.compositional import network as compositional
from pose3d_ros.methods.coordinate import loss as coordinate_loss
from pose3d_ros.methods.coordinate import network as coordinate
from pose3d_ros.methods.lifting import loss as lifting_loss
from pose3d_ros.methods.lifting import network as lifting
from pose3d_ros.methods.ordinal import loss as ordinal_loss
from pose3d_ros.methods.ordinal import network as ordinal
from pose3d_ros.methods.volumetric import loss as volumetric_loss
from pose3d_ros.methods.volumetric import network as volumetric
from pose3d_ros.networks.contract import Loss, NetworkConfig

SHARED = ('material', 'samples', 'batch', 'backgrounds', 'sizes', 'hard_at', 'seed')
"""The settings of a recipe that decide what the batches are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one network is trained.

    Attributes:
        network: Its shape, which also says its method.
        loss: The weight of each term of the loss.
        material: What is learned from: crops of one person, or full frames.
        samples: Crops to see in all; the schedule is a function of the share already seen.
        batch: Crops per step.
        backgrounds: Pictures that crops are composed on.
        sizes: Share of the samples seen and size of the crops from there on [px]: small ones
            teach the gist of a pose in a fraction of the time.
        hard_at: Share of the samples over which crops grow from easy to as hard as they get.
        optimizer: Which one.
        rate: Its peak learning rate.
        decay_at: Share of the samples after which the rate falls along a cosine.
        warm_up: Steps until the peak rate.
        weight_decay: Of the optimiser.
        beta2: Of AdamW and, as its smoothing constant, of RMSprop.
        momentum: Of SGD.
        clip: Largest norm of the gradient.
        ema: Decay of the moving average of the weights, which is what is shipped.
        start: Name or path of a model file, or name of a detector, to start from, instead of
            random weights; see `pose3d_ros.training.start`.
        seed: Of the weights and of the crops.
    """

    network: NetworkConfig
    loss: Loss
    material: Literal['crops', 'frames'] = 'crops'
    samples: int = 612_000
    batch: int = 48
    backgrounds: int = 1500
    sizes: tuple[tuple[float, int], ...] = ((0.0, 64), (0.39, 96), (0.76, 128))
    hard_at: float = 0.4
    optimizer: Literal['adamw', 'rmsprop', 'sgd'] = 'adamw'
    rate: float = 2e-3
    decay_at: float = 0.5
    warm_up: int = 300
    weight_decay: float = 0.02
    beta2: float = 0.99
    momentum: float = 0.9
    clip: float = 5.0
    ema: float = 0.998
    start: str = ''
    seed: int = 0

    @property
    def method(self) -> str:
        """The name of the method, as in the model file."""
        return self.network.method

    @property
    def final_size(self) -> int:
        """Size of the crops at the end of training, and of the model's input [px]."""
        return self.sizes[-1][1]


FROM_NOTHING: dict[str, Any] = {'start': '', 'hard_at': 0.4, 'rate': 2e-3, 'decay_at': 0.5}
FROM_OURS: dict[str, Any] = {
    'start': 'volumetric', 'hard_at': 0.05, 'rate': 1e-3, 'decay_at': 0.3,
}  # fmt: skip
"""Settings of a training that starts from random weights, or from our trunk."""

_TUNED: dict[str, Any] = {
    'samples': 96_000, 'sizes': ((0.0, 96), (0.5, 128)), **FROM_OURS,
}  # fmt: skip

HEAT = 30.0  # sharpness that makes a softmax of heat between 0 and 1

_OURS = {
    'coordinate': Recipe(network=coordinate.NetworkConfig(), loss=coordinate_loss.LossConfig()),
    'volumetric': Recipe(network=volumetric.NetworkConfig(), loss=volumetric_loss.LossConfig()),
    'volumetric_l2': Recipe(
        network=volumetric.NetworkConfig(sharpness=HEAT), loss=volumetric_loss.VolumeLossConfig()
    ),
    'hourglass': Recipe(
        network=volumetric.HourglassConfig(
            features=48, levels=3, depths=(1, 2, 16), depth_range_m=1.2, decode='soft'
        ),
        loss=volumetric_loss.VolumeLossConfig(),
    ),
    'ordinal': Recipe(network=ordinal.NetworkConfig(), loss=ordinal_loss.LossConfig(), **_TUNED),
    'ordinal_weak': Recipe(
        network=ordinal.NetworkConfig(reconstruction=0), loss=ordinal_loss.LossConfig()
    ),
    'ordinal_full': Recipe(
        network=ordinal.NetworkConfig(reconstruction=0), loss=ordinal_loss.LossConfig(depth=4.0)
    ),
    'compositional': Recipe(
        network=compositional.NetworkConfig(), loss=compositional_loss.LossConfig(), **_TUNED
    ),
    'lifting': Recipe(
        network=lifting.NetworkConfig(given=True),
        loss=lifting_loss.LossConfig(pixels=0.0, image_marginal=0.0, presence=0.0),
        **_TUNED,
    ),
    'centre': Recipe(
        network=centre.NetworkConfig(),
        loss=centre_loss.LossConfig(),
        material='frames',
        samples=56_000,
        batch=16,
        backgrounds=800,
        sizes=((0.0, 128), (0.95, 256)),
        ema=0.995,
    ),
}

_PAPERS = {
    # Pavlakos 2017: four hourglasses of 256 features, RMSprop 2.5e-4, batches of 4.
    'volumetric_paper': Recipe(
        network=volumetric.HourglassConfig(),
        loss=volumetric_loss.VolumeLossConfig(),
        batch=4,
        sizes=((0.0, 256),),
        optimizer='rmsprop',
        rate=2.5e-4,
        weight_decay=0.0,
    ),
    # Pavlakos 2018: lambda 100, a reconstruction network of 4096 features, batches of 4.
    'ordinal_paper': Recipe(
        network=ordinal.NetworkConfig(
            widths=(64, 128, 256, 512), blocks=(2, 3, 6), depth_cells=64, reconstruction=4096
        ),
        loss=ordinal_loss.LossConfig(heatmap=100.0, image_marginal=0.0),
        batch=4,
        sizes=((0.0, 256),),
        optimizer='rmsprop',
        rate=2.5e-4,
        weight_decay=0.0,
    ),
    # Sun 2017: SGD 0.03 with momentum 0.9, batches of 64.
    'compositional_paper': Recipe(
        network=compositional.NetworkConfig(widths=(64, 128, 256, 512), blocks=(3, 4, 6)),
        loss=compositional_loss.LossConfig(),
        batch=64,
        sizes=((0.0, 256),),
        optimizer='sgd',
        rate=0.03,
        weight_decay=1e-4,
    ),
}

# What ships, trained on: whenever people are rendered better, say.
_FURTHER = {
    'volumetric_further': replace(
        _OURS['volumetric'],
        **FROM_OURS | {'samples': 160_000, 'sizes': ((0.0, 96), (0.5, 128)), 'rate': 5e-4},
    ),
    'centre_further': replace(
        _OURS['centre'], **FROM_OURS | {'start': 'centre', 'sizes': ((0.0, 128), (0.5, 256))}
    ),
}


_TINY: dict[str, Any] = {
    'widths': (16, 16, 32, 32), 'blocks': (1, 1, 1), 'features': 16, 'levels': 2,
    'reconstruction': 128, 'lifter': 128,
}  # fmt: skip


def tiny(plan: Recipe) -> Recipe:
    """Return a recipe of the same method for a network that learns something within a minute."""
    network: Any = plan.network
    shape = {name: size for name, size in _TINY.items() if getattr(network, name, 0)}
    loss: Any = plan.loss
    if getattr(network, 'given', False):  # by nobody: all of it learns
        shape['given'] = False
        loss = type(loss)()
    return replace(
        plan,
        network=replace(network, **shape),
        loss=loss,
        samples=4_800,
        batch=24,
        backgrounds=60,
        sizes=((0.0, 64),),
        warm_up=20,
        **FROM_NOTHING,
    )


_SMOKE = {f'{name}_smoke': tiny(plan) for name, plan in _OURS.items()}

RECIPES = _OURS | _FURTHER | _PAPERS | _SMOKE

SMOKE_METHODS = {name: plan for name, plan in _SMOKE.items() if plan.material == 'crops'}
"""The tiny recipes of the methods, which can share their batches; detectors learn from frames."""


def recipe(name: str) -> Recipe:
    """Return the recipe of this name.

    Raises:
        ConfigError: There is none; the message lists those there are.
    """
    if name not in RECIPES:
        msg = f'no training recipe {name!r}: there are {", ".join(sorted(RECIPES))}'
        raise ConfigError(msg)
    return RECIPES[name]
