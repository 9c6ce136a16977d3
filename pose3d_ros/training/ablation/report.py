"""A table as Markdown and as a picture."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2

from pose3d_ros.training.ablation.measure import Figures
from pose3d_ros.training.ablation.tables import Table
from pose3d_ros.training.curves import bars

TRUTH = 'truth'


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Under which the figures were found.

    Attributes:
        samples: Crops that each student has seen.
        planned: Crops that it was to see.
        size: Width and height of the crops at the end and in the evaluation [px].
        crops: Held-out people measured on.
        device: What it was trained on.
        seed: Of weights and batches.
        start: What all students started from, in words.
        commit: Of the code.
        command: What repeats it.
    """

    samples: int
    planned: int
    size: int
    crops: int
    device: str
    seed: int
    start: str
    commit: str
    command: str


def write(
    name: str,
    table: Table,
    figures: Mapping[str, Figures],
    facts: Circumstances,
    folder: Path,
) -> Path:
    """Write `NAME.md` and `NAME.png`; return the former's path.

    Args:
        name: Of the table, such as 'T1'.
        table: What was compared.
        figures: By label of the row.
        facts: Under which they were found.
        folder: Where they go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    first = table.columns[0]
    values = [(label, found[first]) for label, found in figures.items() if label != TRUTH]
    cv2.imwrite(str(folder / f'{name}.png'), bars(f'{table.title}: {first}', values))
    path = folder / f'{name}.md'
    path.write_text('\n\n'.join(_parts(name, table, figures, facts)) + '\n')
    return path


def _parts(
    name: str, table: Table, figures: Mapping[str, Figures], facts: Circumstances
) -> list[str]:
    parts = [f'# {name}: {table.title}', _grid(table, figures), f'![{table.title}]({name}.png)']
    if table.ratio:
        parts.append(_ratio(table, figures, table.ratio))
    if table.paper:
        parts.append(f'{table.paper}')
    parts += table.notes
    state = '' if facts.samples >= facts.planned else f' of {facts.planned:,}: not finished'
    parts.append(
        f'All students saw the same {facts.samples:,} crops{state}, in the same order, in one run '
        f'each, and started from {facts.start}: seed {facts.seed}, {facts.device}. Measured on '
        f'{facts.crops} held-out people in crops of {facts.size} px, at the true depth of the '
        f'root unless it is what is measured. Code: {facts.commit}.'
    )
    parts.append(f'```bash\n{facts.command}\n```')
    return parts


def _grid(table: Table, figures: Mapping[str, Figures]) -> str:
    papers = any(row.paper for row in table.rows.values())
    heads = ['', *table.columns, *(['the paper'] if papers else [])]
    lines = [heads, ['---', *['---:'] * (len(heads) - 1)]]
    for label, found in figures.items():
        cells = [_cell(found.get(column, math.nan)) for column in table.columns]
        row = table.rows.get(label)
        lines.append([label, *cells, *([row.paper if row else ''] if papers else [])])
    return '\n'.join(f'| {" | ".join(cells)} |' for cells in lines)


def _cell(value: float) -> str:
    if math.isnan(value):
        return ''
    return f'{value:.1f}' if abs(value) >= 10 else f'{value:.2f}'


def _ratio(table: Table, figures: Mapping[str, Figures], ratio: tuple[str, str, str]) -> str:
    above, below, paper = ratio
    first = table.columns[0]
    found = figures[above][first] / figures[below][first]
    return f'{above} / {below}: **{found:.3f}**; in the paper {paper}.'
