"""The pictures of a study as values: effects, the plane of Mo and Cr, contrasts over tasks, the means of interactions.

Those of single factors stand in `factor_pictures`. Knows findings and the kinds of pictures; nothing is drawn here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xbench.board.drawing.dots import Dot, DotRow, Dots
from xbench.board.drawing.forest import Forest, ForestRow
from xbench.board.drawing.heat import Matrix
from xbench.board.drawing.plots import Plot
from xbench.board.drawing.scatter import Scatter, ScatterPoint
from xbench.errors import DataError
from xbench.evaluation.statistics import LEVEL, Estimate, holm
from xbench.specs.study_outcomes import POINT, parse_outcome
from xbench.studies.analyses.contrast import estimate_of
from xbench.studies.arms import Arm
from xbench.studies.findings import Findings
from xbench.studies.shown import half
from xbench.studies.sides import Cell, Contrast
from xbench.studies.verdicts import Verdict, margin_size

LONGEST = 300  # characters of a name in a picture
MOST = 300  # rows of a picture


@dataclass(frozen=True)
class Named:
    """A picture, and the name of its file."""

    name: str
    plot: Plot


def short(words: str) -> str:
    """A text as a picture may hold it."""
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def ends(value: float, wide: float) -> tuple[float, float] | tuple[None, None]:
    """The ends of an interval; none where there are too few clusters for one."""
    return (value - wide, value + wide) if math.isfinite(wide) else (None, None)


def effects(findings: Findings) -> Iterator[Named]:
    """A forest of the tested hypotheses in each unit, with their margin where they share one."""
    tested = [verdict for verdict in findings.verdicts if verdict.test.estimate]
    for unit in dict.fromkeys(verdict.test.outcome.unit for verdict in tested):
        chosen = [verdict for verdict in tested if verdict.test.outcome.unit == unit][:MOST]
        margins = {margin_size(one.test.hypothesis) / one.test.outcome.scale for one in chosen} - {0.0}
        told = "The first side less the second, with 95 % intervals; filled: decided"
        plot = Forest(
            title=f"Effects in {unit}",
            description=f"{told}; dashed: the margin." if len(margins) == 1 else f"{told}.",
            across=unit,
            rows=tuple(row for one in chosen for row in _effect(one)),
            margin=margins.pop() if len(margins) == 1 else None,
            digits=1 if unit == "ranks" else 2,
        )
        yield Named(f"effects-{unit}", plot)


def _effect(verdict: Verdict) -> Iterator[ForestRow]:
    estimate, scale = verdict.test.estimate, verdict.test.outcome.scale
    if estimate:
        value, wide = estimate.value / scale, estimate.half / scale
        name = short(f"{verdict.test.name}: {verdict.test.outcome.text}")
        low, high = ends(value, wide)
        yield ForestRow(label=name, effect=value, low=low, high=high, found=verdict.word != "undecided")


def planes(findings: Findings) -> Iterator[Named]:
    """The arms of every task between Mo and Cr, and those of the grid alone, for controls may lie far away."""
    grid = [arm for arm in findings.arms if arm.levels]
    for place, task in enumerate(findings.tasks):
        yield from _plane(findings, findings.arms, task, f"Mo and Cr on {task}", f"plane-{place + 1}")
        if len(grid) < len(findings.arms):
            title = f"Mo and Cr on {task}, without controls"
            yield from _plane(findings, grid, task, title, f"plane-{place + 1}-grid")


def _plane(findings: Findings, arms: Sequence[Arm], task: str, title: str, name: str) -> Iterator[Named]:
    points = [point for arm in arms for point in _points(findings, Cell(arm, task, 1.0))]
    if len(points) > 1:
        metric = findings.evidence.metric(task)
        plot = Scatter(
            title=title,
            description="Means over seeds; upright: 95 % intervals of Cr; dashed: lines of equal gap.",
            across=f"Mo ({metric} x 100)",
            up=f"Cr ({metric} x 100)",
            points=tuple(points),
            gaps=True,
        )
        yield Named(name, plot)


def _points(findings: Findings, cell: Cell) -> Iterator[ScatterPoint]:
    try:
        mono, cross = (findings.evidence.sample(cell.arm, cell.task, outcome) for outcome in ("Mo", "Cr"))
    except DataError:
        return
    x, y = mono.value / POINT, cross.value / POINT
    low, high = ends(y, half(cross) / POINT)
    name = short(cell.arm.name)
    yield ScatterPoint(x=x, y=y, low=low, high=high, label=name, short=name)


def over_tasks(findings: Findings) -> Iterator[Named]:
    """Each contrast that is tested on several tasks, as a matrix of outcomes and tasks."""
    outcomes = [text for text in findings.study.spec.outcomes if parse_outcome(text).unit == "points"]
    sides: dict[str, dict[str, Contrast]] = {}
    for verdict, contrast in zip(findings.verdicts, findings.contrasts, strict=True):
        hypothesis = verdict.test.hypothesis
        sides.setdefault(hypothesis.contrast or hypothesis.interaction, {})[verdict.test.task] = contrast
    for place, (name, by_task) in enumerate(sides.items()):
        cells = [[estimate_of(findings, by_task[task], text) for task in by_task] for text in outcomes]
        if len(by_task) > 1 and any(one for row in cells for one in row):
            yield Named(f"tasks-{place + 1}", _matrix(name, outcomes, list(by_task), cells))


def _matrix(name: str, outcomes: Sequence[str], tasks: Sequence[str], cells: list[list[Estimate | None]]) -> Matrix:
    """Cells that are found after Holm's correction over the whole matrix are marked as sure."""
    known = [one for row in cells for one in row if one]
    corrected = dict(zip(map(id, known), holm([one.p for one in known]).tolist(), strict=True))
    return Matrix(
        title=short(name),
        description="The first side less the second, in points; bold: found, with Holm's correction over all cells.",
        rows=tuple(map(short, outcomes)),
        columns=tuple(map(short, tasks)),
        values=tuple(tuple(one.value / POINT if one else None for one in row) for row in cells),
        sure=tuple(tuple(bool(one) and corrected[id(one)] < LEVEL for one in row) for row in cells),
        diverging=True,
        digits=2,
    )


def interactions(findings: Findings) -> Iterator[Named]:
    """The means that each interaction is made of."""
    for place, (verdict, contrast) in enumerate(zip(findings.verdicts, findings.contrasts, strict=True)):
        cells = [*contrast.first, *contrast.second][:MOST]
        rows = [row for cell in cells for row in _mean(findings, cell, verdict)]
        if verdict.test.hypothesis.interaction and rows:
            outcome = verdict.test.outcome
            plot = Dots(
                title=short(f"{verdict.test.name}: the means behind it"),
                description="Means over seeds with 95 % intervals.",
                across=f"{outcome.text}, {outcome.unit}",
                rows=tuple(rows),
            )
            yield Named(f"interaction-{place + 1}", plot)


def _mean(findings: Findings, cell: Cell, verdict: Verdict) -> Iterator[DotRow]:
    outcome = verdict.test.outcome
    try:
        sample = findings.evidence.sample(cell.arm, cell.task, outcome.text)
    except DataError:
        return
    name = short(f"{cell.arm.name}, {cell.task}")
    value = sample.value / outcome.scale
    low, high = ends(value, half(sample) / outcome.scale)
    yield DotRow(label=name, dots=(Dot(value=value, low=low, high=high, label=name),))
