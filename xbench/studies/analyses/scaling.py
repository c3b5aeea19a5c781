"""Scaling: how an outcome goes with size. Five sizes or more: laws, by AICc, beside a constant, with the largest size
held out; fewer: a slope per doubling, and no exponent. Intervals are of a bootstrap over clusters and seeds, with the
sizes as they are: they say nothing of other families. Narrow intervals of exponents are usually wrong (2404.10102)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from xbench.arrays import Floats
from xbench.errors import DataError
from xbench.evaluation.statistics import LEVEL, Sample
from xbench.specs.study_factors import Level
from xbench.specs.study_outcomes import GAP, SPREAD, OutcomeName, parse_outcome
from xbench.studies.analyses import contrast
from xbench.studies.arms import Arm
from xbench.studies.document import Section, Table
from xbench.studies.findings import Findings
from xbench.studies.laws import FEWEST_SIZES, LAWS, Fit, fit, fits, largest_held_out, per_doubling
from xbench.studies.redrawn import redrawn
from xbench.studies.shown import amount, change
from xbench.studies.sides import Cell

DIFFERENCES = (GAP, SPREAD)  # they can be 0 or less, which no power law is
DRAWS = 400
SEED = 0
HEAD = ("ladder", "sizes", "per doubling", "95 % interval", "law by AICc", "exponent", "floor", "largest held out")
NOTE = (
    "Laws are of the loss, 1 less the outcome where higher is better: c N^-a + d. Held out: what the law says of the "
    "largest size from the others, and what was measured."
)


@dataclass(frozen=True)
class Ladder:
    """An outcome at some sizes: `sizes` [sizes] rising, and a sample of each over the same clusters."""

    name: str
    sizes: Floats
    samples: Sequence[Sample]
    outcome: OutcomeName

    @property
    def values(self) -> Floats:
        """[sizes] the outcome."""
        return np.array([sample.value for sample in self.samples])

    def losses(self, values: Floats) -> Floats:
        """Of values: what falls where things get better."""
        return values if self.outcome.lower_is_better else 1 - values


@dataclass(frozen=True)
class Reading:
    """What a ladder shows: the slope with its interval; laws, the preferred first, none of too few sizes; the interval
    of the preferred law's exponent and floor; the largest size (predicted, measured) as values."""

    slope: float
    around: tuple[float, float]
    laws: tuple[Fit, ...] = ()
    exponent: tuple[float, float] = (0.0, 0.0)
    floor: tuple[float, float] = (0.0, 0.0)
    held_out: tuple[float, float] = (0.0, 0.0)


def read_ladder(ladder: Ladder, draws: int = DRAWS) -> Reading:
    """The slope, and the laws where there are sizes enough."""
    random = np.random.default_rng(SEED)
    drawn = [redrawn(ladder.samples, random) for _ in range(draws)]
    slope = per_doubling(ladder.sizes, ladder.values)
    around = _ends([per_doubling(ladder.sizes, values) for values in drawn])
    if len(set(ladder.sizes)) < FEWEST_SIZES or ladder.outcome.kind in DIFFERENCES:
        return Reading(slope, around)
    losses = ladder.losses(ladder.values)
    laws = fits(ladder.sizes, losses)
    again = [fit(laws[0].law, ladder.sizes, ladder.losses(values)) for values in drawn]
    exponent, floor = _ends([one.exponent for one in again]), _ends([one.floor for one in again])
    held_out = largest_held_out(laws[0].law, ladder.sizes, losses)
    back = ladder.losses(np.array(held_out))
    return Reading(slope, around, tuple(laws), exponent, floor, (float(back[0]), float(back[1])))


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = np.quantile(values, (LEVEL / 2, 1 - LEVEL / 2))
    return float(low), float(high)


def ladder_row(ladder: Ladder, reading: Reading) -> tuple[str, ...]:
    """A row under HEAD."""
    outcome = ladder.outcome
    start = (
        ladder.name,
        str(len(ladder.sizes)),
        change(reading.slope, outcome),
        f"{change(reading.around[0], outcome)} to {change(reading.around[1], outcome)}",
    )
    if not reading.laws:
        few = len(set(ladder.sizes)) < FEWEST_SIZES
        return (*start, f"fewer than {FEWEST_SIZES} sizes" if few else "no law of a difference", "-", "-", "-")
    best = reading.laws[0]
    scores = {one.law: one.aicc for one in reading.laws}
    compared = ", ".join(f"{law} {scores[law]:.1f}" for law in LAWS if np.isfinite(scores[law]))
    exponent = "-" if best.law == "constant" else _around(best.exponent, reading.exponent, 2)
    floor = "-" if best.law == "power" else _around(best.floor, reading.floor, 3)
    held_out = f"{amount(reading.held_out[0], outcome)}, was {amount(reading.held_out[1], outcome)}"
    return (*start, f"{best.law} ({compared})", exponent, floor, held_out)


def _around(value: float, ends: tuple[float, float], digits: int) -> str:
    return f"{value:.{digits}f} ({ends[0]:.{digits}f} to {ends[1]:.{digits}f})"


def sections(findings: Findings) -> list[Section]:
    """The verdicts, then a table of ladders per task."""
    return [*contrast.sections(findings), *(_section(findings, task) for task in findings.tasks)]


def _section(findings: Findings, task: str) -> Section:
    tables, points = [], []
    for text in findings.study.spec.outcomes:
        rows = []
        for name, arms in _ladders(findings):
            try:
                ladder = ladder_of(findings, name, arms, task, text)
            except DataError as error:
                points.append(f"{text}, {name}: not analysed: {error}.")
                continue
            rows.append(ladder_row(ladder, read_ladder(ladder)))
        if rows:
            tables.append(Table(text, HEAD, rows, NOTE))
    return Section(f"Scaling on {task}", points=tuple(points), tables=tuple(tables))


def _ladders(findings: Findings) -> Iterator[tuple[str, list[tuple[float, Arm]]]]:
    """The arms that differ in size alone, by what they have in common."""
    by_rest: dict[str, list[tuple[float, Arm]]] = {}
    for arm in findings.arms:
        sized = [level for level in arm.levels.values() if level.size is not None]
        if sized and (size := sized[0].size) is not None:
            by_rest.setdefault(_rest(arm, sized[0]) or "all", []).append((size, arm))
    yield from by_rest.items()


def _rest(arm: Arm, sized: Level) -> str:
    return " x ".join(level.name for level in arm.levels.values() if level != sized)


def ladder_of(findings: Findings, name: str, arms: Sequence[tuple[float, Arm]], task: str, text: str) -> Ladder:
    """The sizes of a ladder that are done. Raises DataError of fewer than two, or for what no run has."""
    sizes, samples = [], []
    for size, arm in sorted(arms, key=lambda one: one[0]):
        if findings.evidence.seeds(arm, task):
            sizes.append(size)
            samples.append(findings.evidence.weighted([Cell(arm, task, 1.0)], text).sample)
    if len(set(sizes)) < 2:
        raise DataError(f"{len(set(sizes))} of {len(arms)} sizes are done, expected 2 at least")
    return Ladder(name, np.array(sizes), samples, parse_outcome(text))
