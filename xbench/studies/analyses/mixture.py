"""Mixtures: where on a simplex of shares an outcome is best, how sure that is, and whether it matters at all.

Surfaces compete in predicting mixtures that were left out. The optimum is that of the winner; its region comes from a
bootstrap that draws clusters of questions, the same for all mixtures, and the seeds of each. An outcome is called flat
where the project's test, with Holm's correction over all pairs, finds no two mixtures apart, or where a constant
predicts what was left out as well as any surface; then no optimum is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from xbench.arrays import Floats
from xbench.errors import DataError
from xbench.evaluation.statistics import Sample, SeedParts, separated
from xbench.specs.study_factors import Level
from xbench.specs.study_outcomes import OutcomeName, parse_outcome
from xbench.studies.analyses import contrast
from xbench.studies.document import Section, Table
from xbench.studies.findings import Findings
from xbench.studies.redrawn import redrawn
from xbench.studies.shown import amount, mean
from xbench.studies.sides import Cell
from xbench.studies.surfaces import CONSTANT, Surface, error_of, fitting, left_out, simplex_grid

DRAWS = 400
SEED = 0
INSIDE = (0.025, 0.975)
FEWEST = 5  # mixtures


@dataclass(frozen=True)
class Mixtures:
    """One outcome on one task over a simplex: `shares` [mixtures, parts], and a sample of each."""

    kinds: tuple[str, ...]
    levels: tuple[Level, ...]
    shares: Floats
    samples: tuple[Sample, ...]
    outcome: OutcomeName
    task: str

    @property
    def apart(self) -> int:
        """How many pairs of mixtures the one test finds apart."""
        order = np.argsort(-self.values, kind="stable")
        ranked = [self.samples[place] for place in order]
        influence = np.stack([sample.influence for sample in ranked])
        parts = SeedParts.of([sample.seeds for sample in ranked])
        return int(separated(self.values[order], influence, parts).sum())

    @property
    def values(self) -> Floats:
        """[mixtures] means over seeds."""
        return np.array([sample.value for sample in self.samples])

    def drawn(self, draw: np.random.Generator) -> Floats:
        """[mixtures] the values of another set of questions and seeds like these."""
        return redrawn(self.samples, draw)


@dataclass(frozen=True)
class Optimum:
    """`surface`: which predicts best; `best` [parts]; `region` [parts, 2]: where 95 % of the drawn optima lie, share by
    share; `apart`: pairs of mixtures that are found apart; `flat`: no such pair, or a constant predicts as well."""

    surface: Surface
    errors: dict[str, float]
    coefficients: Floats
    predicted: Floats
    best: Floats
    value: float
    region: Floats
    apart: int
    flat: bool


def optimum_of(mixtures: Mixtures, draws: int = DRAWS) -> Optimum:
    """The optimum of an outcome over a simplex."""
    shares, values = mixtures.shares, mixtures.values
    candidates = fitting(shares.shape[1], len(values))
    predicted = {one.name: left_out(one, shares, values) for one in candidates}
    errors = {name: error_of(one, values) for name, one in predicted.items()}
    surface = min(candidates, key=lambda one: errors[one.name])
    coefficients, grid = surface.fit(shares, values), simplex_grid(shares.shape[1])
    fitted = surface.at(coefficients, grid)
    pick = np.argmin if mixtures.outcome.lower_is_better else np.argmax
    place = int(pick(fitted))
    apart = mixtures.apart
    flat = surface.name == CONSTANT.name or not apart
    region = np.array([[0.0, 1.0]] * shares.shape[1])
    if not flat:
        draw = np.random.default_rng(SEED)
        optima = [grid[int(pick(surface.at(surface.fit(shares, mixtures.drawn(draw)), grid)))] for _ in range(draws)]
        region = np.quantile(np.array(optima), INSIDE, axis=0, method="inverted_cdf").T
    within = predicted[surface.name]
    return Optimum(surface, errors, coefficients, within, grid[place], float(fitted[place]), region, apart, flat)


def sections(findings: Findings) -> list[Section]:
    """The verdicts, then a section per task."""
    return [*contrast.sections(findings), *(_section(findings, task) for task in findings.tasks)]


def _section(findings: Findings, task: str) -> Section:
    points, tables = [], []
    for text in findings.study.spec.outcomes:
        try:
            mixtures = mixtures_of(findings, task, text)
        except DataError as error:
            points.append(f"{text}: not analysed: {error}.")
            continue
        optimum = optimum_of(mixtures)
        points.append(_sentence(mixtures, optimum))
        tables.append(_table(findings, mixtures, optimum))
    return Section(f"Mixtures on {task}", points=tuple(points), tables=tuple(tables))


def mixtures_of(findings: Findings, task: str, outcome: str) -> Mixtures:
    """The simplex of a study in one outcome, averaged over its other factors. Raises DataError where too few of its
    mixtures are done."""
    (levels,) = [levels for levels in findings.study.spec.levels().values() if levels[0].shares]
    chosen, samples = [], []
    for level in levels:
        cells = _cells(findings, level, task)
        try:
            samples.append(findings.evidence.weighted(cells, outcome).sample)
            chosen.append(level)
        except DataError:
            continue
    if len(chosen) < FEWEST:
        raise DataError(f"{len(chosen)} of {len(levels)} mixtures are done, expected {FEWEST} at least")
    kinds = _kinds(findings)
    shares = np.array([level.shares for level in chosen])
    return Mixtures(kinds, tuple(chosen), shares, tuple(samples), parse_outcome(outcome), task)


def _kinds(findings: Findings) -> tuple[str, ...]:
    return next(value.of for value in findings.study.spec.factors.values() if hasattr(value, "of"))


def _cells(findings: Findings, level: Level, task: str) -> list[Cell]:
    arms = [arm for arm in findings.arms if arm.levels.get(level.factor) == level]
    return [Cell(arm, task, 1 / len(arms)) for arm in arms]


def _sentence(mixtures: Mixtures, optimum: Optimum) -> str:
    name = mixtures.outcome
    errors = ", ".join(f"{surface} {amount(error, name)}" for surface, error in optimum.errors.items())
    how = f"error on left-out mixtures in {name.unit}: {errors}"
    if optimum.flat:
        constant = "no surface predicts a left-out mixture better than the mean of the others does"
        words = constant if optimum.apart else "no two mixtures are found apart (Holm over all pairs)"
        return f"{name.text}: flat: {words} ({how})."
    best = ", ".join(
        f"{kind} {share:.0%} ({low:.0%} to {high:.0%})"
        for kind, share, (low, high) in zip(mixtures.kinds, optimum.best, optimum.region, strict=True)
    )
    whole = all(high - low > 0.9 for low, high in optimum.region)
    unsure = " The region is nearly the whole simplex: where the optimum lies is not known." if whole else ""
    return (
        f"{name.text}: best ({name.better}) at {best}, there {amount(optimum.value, name)} {name.unit} by the "
        f"{optimum.surface.name} ({how}).{unsure}"
    )


def _table(findings: Findings, mixtures: Mixtures, optimum: Optimum) -> Table:
    name = mixtures.outcome
    rows = [
        (level.name, *(f"{share:.0%}" for share in level.shares), mean(sample, name), amount(float(predicted), name))
        for level, sample, predicted in zip(mixtures.levels, mixtures.samples, optimum.predicted, strict=True)
    ]
    rows += list(_controls(findings, mixtures, len(mixtures.kinds)))
    note = f"{name.unit}, ± half of the 95 % interval; left out: what the {optimum.surface.name} says from the others."
    return Table(name.text, ("mixture", *mixtures.kinds, "mean", "left out"), rows, note)


def _controls(findings: Findings, mixtures: Mixtures, parts: int) -> Iterator[tuple[str, ...]]:
    for arm in findings.arms:
        if arm.levels:
            continue
        try:
            sample = findings.evidence.sample(arm, mixtures.task, mixtures.outcome.text)
        except DataError:
            continue
        blank: Sequence[str] = [""] * parts
        yield arm.name, *blank, mean(sample, mixtures.outcome), ""
