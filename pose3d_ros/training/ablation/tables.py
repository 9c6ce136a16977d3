"""What each table compares: its students, its rows, and the figures of the paper.

A table's students see the same batches. A row is one way to measure one student.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pose3d_ros.errors import ConfigError
from pose3d_ros.methods.compositional.loss import LossConfig as CompositionalLoss
from pose3d_ros.methods.volumetric.loss import LossConfig as VolumetricLoss
from pose3d_ros.methods.volumetric.network import HourglassConfig, NetworkConfig
from pose3d_ros.training.ablation.measure import Measure, decoded, lifted, placed, pose
from pose3d_ros.training.recipe import HEAT, RECIPES, Recipe

JOINT_ERROR = ('MPJPE mm', 'PA-MPJPE mm', 'error px')
Trunk = Literal['none', 'places', 'ours']
CAVEAT = (
    'Our people are rendered, the figures of the papers are of Human3.6M: millimetres do not '
    'compare, only the order of the rows and the relative gains do.'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table.

    Attributes:
        student: Name of the student that is measured.
        measure: How.
        paper: The figure of the paper for the first column, as text; empty where there is none.
    """

    student: str
    measure: Measure = pose
    paper: str = ''


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What is trained, measured and compared.

    Attributes:
        title: What it shows.
        students: Recipes by name.
        rows: By label.
        columns: Which figures; the first is what the rows are compared by.
        ratio: Labels of two rows whose quotient the paper reports, and what it is there.
        paper: What the paper says, in words.
        trunk: What all students start from, which saves most of the training: nothing; the
            trunk of our model, which knows depths; or, where a student is not to profit from
            these, a trunk that is trained first, to find places in the image alone.
    """

    title: str
    students: Mapping[str, Recipe]
    rows: Mapping[str, Row]
    columns: tuple[str, ...]
    ratio: tuple[str, str, str] | None = None
    paper: str = ''
    trunk: Trunk = 'none'
    notes: tuple[str, ...] = field(default=(CAVEAT,))


DEPTHS = (1, 2, 4, 8, 16, 32, 64)
_VOLUMES = {
    f'volume_{depth}': replace(RECIPES['volumetric'], network=NetworkConfig(depth_cells=depth))
    for depth in DEPTHS
}
_FINEST_BY_L2 = replace(
    RECIPES['volumetric_l2'], network=NetworkConfig(depth_cells=DEPTHS[-1], sharpness=HEAT)
)


def _hourglass(depths: tuple[int, ...]) -> Recipe:
    shape = HourglassConfig(
        features=48, levels=3, depth_range_m=1.2, decode='soft', sharpness=1.0, depths=depths
    )
    return replace(RECIPES['hourglass'], network=shape, loss=VolumetricLoss())


def _pairs(name: str) -> Recipe:
    plan = RECIPES['compositional']
    loss = CompositionalLoss(pairs=name)  # type: ignore[arg-type]
    return replace(plan, loss=loss)


def _lifting_from_found() -> Recipe:
    plan = RECIPES['lifting']
    loss: Any = plan.loss
    return replace(plan, loss=replace(loss, lift_from='found'))


TABLES = {
    'T1': Table(
        title='Coordinates against volumes',
        trunk='places',
        students={
            'coordinate': RECIPES['coordinate'], **_VOLUMES, 'volume_64_l2': _FINEST_BY_L2,
        },
        rows={
            'coordinates': Row(student='coordinate', paper='112.41'),
            **{f'volume, D = {depth}': Row(student=f'volume_{depth}') for depth in DEPTHS},
            'volume, D = 64, by L2, argmax': Row(
                student='volume_64_l2', measure=decoded('hard'), paper='85.82'
            ),
        },
        columns=(*JOINT_ERROR, 'million parameters', 'ms'),
        ratio=('volume, D = 64', 'coordinates', '0.763'),
        paper='Pavlakos 2017: MPJPE falls from 112.41 mm to 85.82 mm, and with D.',
        notes=(
            CAVEAT,
            ('The ladder of D is trained through the soft-argmax and its marginals, which learn '
            'from far fewer crops than L2 on volumes, the loss of the paper and of the last row.'),
        ),
    ),
    'T2': Table(
        title='Naive stacking against coarse to fine',
        students={
            'naive': _hourglass((16, 16)),
            'coarse_to_fine': _hourglass((1, 16)),
            'naive_3': _hourglass((16, 16, 16)),
            'coarse_to_fine_3': _hourglass((1, 4, 16)),
        },
        rows={
            'naive, 16-16': Row(student='naive'),
            'coarse to fine, 1-16': Row(student='coarse_to_fine'),
            'naive, 16-16-16': Row(student='naive_3'),
            'coarse to fine, 1-4-16': Row(student='coarse_to_fine_3'),
        },
        columns=(*JOINT_ERROR, 'million parameters', 'ms'),
        ratio=('coarse to fine, 1-16', 'naive, 16-16', 'below 1'),
        paper='Pavlakos 2017: stacking full volumes is worse than growing them, and slower.',
        notes=(
            CAVEAT,
            ('All stages learn through the soft-argmax and its marginals, which take far fewer '
            'crops than L2 on volumes, the loss of the paper.'),
        ),
    ),
    'T3': Table(
        title='Argmax against soft-argmax',
        trunk='places',
        students={'l2': RECIPES['volumetric_l2'], 'soft': RECIPES['volumetric']},
        rows={
            'trained by L2, argmax': Row(student='l2', measure=decoded('hard')),
            'trained by L2, soft-argmax': Row(student='l2', measure=decoded('soft')),
            'trained through soft-argmax, argmax': Row(student='soft', measure=decoded('hard')),
            'trained through soft-argmax': Row(student='soft', measure=decoded('soft')),
        },
        columns=JOINT_ERROR,
        ratio=('trained through soft-argmax', 'trained by L2, argmax', 'below 1'),
        paper='Sun 2018: training through the soft-argmax is better than L2 and argmax.',
    ),
    'T4': Table(
        title='Relations instead of depths',
        trunk='places',
        students={
            'weak': RECIPES['ordinal_weak'],
            'reconstructed': RECIPES['ordinal'],
            'full': RECIPES['ordinal_full'],
        },
        rows={
            'places and relations': Row(student='weak'),
            'with reconstruction': Row(student='reconstructed'),
            'with true depths': Row(student='full'),
        },
        columns=('MPJPE mm', 'PA-MPJPE mm', 'N-MPJPE mm', 'ordinal accuracy %', 'error px'),
        ratio=('with reconstruction', 'places and relations', 'below 1'),
        paper='Pavlakos 2018: relations alone compete with true depths; reconstruction helps.',
    ),
    'T5': Table(
        title='Which pairs of joints are compared',
        trunk='ours',
        students={name: _pairs(name) for name in ('joint', 'bone', 'both', 'all')},
        rows={
            'joints (baseline)': Row(student='joint'),
            'bones': Row(student='bone'),
            'both': Row(student='both'),
            'all pairs': Row(student='all'),
        },
        columns=(
            'MPJPE mm', 'PA-MPJPE mm', 'bone error mm', 'bone length std mm', 'illegal angles %',
            'symmetry gap mm',
        ),
        ratio=('all pairs', 'joints (baseline)', '0.904'),
        paper='Sun 2017: bones alone do not lower the joint error, all pairs do.',
        notes=(
            CAVEAT,
            ('The standard deviation of bone lengths is over many bodies: it contains how they '
            'differ. The row `truth` shows what a perfect estimator has.'),
        ),
    ),
    'T6': Table(
        title='Lifting from true and from found places in the image',
        trunk='ours',
        students={
            'true': RECIPES['lifting'],
            'found': _lifting_from_found(),
        },
        rows={
            'learned from true, lifts true': Row(student='true', measure=lifted(from_truth=True)),
            'learned from true, lifts found': Row(
                student='true', measure=lifted(from_truth=False)
            ),
            'learned from found, lifts found': Row(
                student='found', measure=lifted(from_truth=False)
            ),
        },
        columns=('MPJPE mm', 'PA-MPJPE mm', 'N-MPJPE mm', 'PCK 150 mm %'),
        ratio=(
            'learned from true, lifts true', 'learned from found, lifts found', 'below 1',
        ),
        paper='Martinez 2017: most of the error is in the places, not in the lifting.',
    ),
    'T7': Table(
        title='How far away the root is',
        trunk='ours',
        students={'lifting': RECIPES['lifting']},
        rows={
            f'{words}, {source} joints': Row(
                student='lifting', measure=placed(method, from_truth=source == 'true')
            )
            for method, words in (
                ('limbs', 'lengths of the limbs'),
                ('least squares', 'least squares'),
                ('box', 'size of the box'),
            )
            for source in ('true', 'found')
        },
        columns=('MRPE mm', 'median mm', 'depth error %'),
        paper='',
        notes=(
            CAVEAT,
            'Least squares on true joints know the size of the body, which no picture tells.',
        ),
    ),
}  # fmt: skip

PLACES = replace(RECIPES['volumetric'], network=NetworkConfig(depth_cells=1))
"""A volume of one slice has no depth to tell: it learns nothing but places in the image."""


def table(name: str) -> Table:
    """Return the table of this name.

    Raises:
        ConfigError: There is none; the message lists those there are.
    """
    if name not in TABLES:
        msg = f'no table {name!r}: there are {", ".join(TABLES)}'
        raise ConfigError(msg)
    return TABLES[name]
