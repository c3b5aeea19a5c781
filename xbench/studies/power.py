"""The smallest effect that a design can show, from the runs that are there or from what the study assumes.

Knows samples and numbers; the test is that of evaluation/statistics.py with the planned number of seeds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from xbench.errors import DataError
from xbench.evaluation.statistics import Estimate, Sample, SeedPart, combined, counted
from xbench.specs import Hypothesis, Study
from xbench.specs.study_outcomes import parse_outcome
from xbench.studies.evidence import Evidence
from xbench.studies.sides import Cell, Contrast
from xbench.studies.verdicts import Test, detectable


@dataclass(frozen=True)
class Smallest:
    """In what is measured; None where nothing is known. `how`: from what."""

    effect: float | None
    how: str


def smallest_effect(study: Study, hypothesis: Hypothesis, contrast: Contrast, evidence: Evidence) -> Smallest:
    """What would be found with a power of 80 %, with all the planned seeds."""
    try:
        first, second = (evidence.weighted(side, hypothesis.outcome) for side in (contrast.first, contrast.second))
    except DataError:
        return _assumed(study, hypothesis, contrast)
    sides = ((first.sample, contrast.first), (second.sample, contrast.second))
    several = min(len(first.seeds), len(second.seeds)) > 1
    if not several and study.assumed.seed_sd is None and len(study.all_seeds) > 1:
        return Smallest(None, "one seed a side tells nothing of seeds; make a second, or state assumed.seed_sd")
    parts = [_scaled(study, hypothesis, sample, cells) for sample, cells in sides]
    cluster = float(((first.sample.influence - second.sample.influence) ** 2).sum())
    seeds = f"{len(first.seeds)} and {len(second.seeds)} seeds that are done"
    how = f"from {seeds}" if several else "from one seed, and assumed.seed_sd"
    return _smallest(hypothesis, cluster, first.sample.parts.shape[1], parts, how)


def _scaled(study: Study, hypothesis: Hypothesis, sample: Sample, cells: Iterable[Cell]) -> SeedPart:
    """What the planned seeds of a side will add."""
    known, planned = len(sample.levels), len(study.all_seeds)
    if known < 2:
        return _stated(study, hypothesis, cells)
    part, share = sample.seeds, known / planned
    return SeedPart(part.excess * share, part.variance * share, planned - 1)


def _stated(study: Study, hypothesis: Hypothesis, cells: Iterable[Cell]) -> SeedPart:
    scale, planned = parse_outcome(hypothesis.outcome).scale, len(study.all_seeds)
    variance = ((study.assumed.seed_sd or 0.0) * scale) ** 2 / planned * sum(cell.weight**2 for cell in cells)
    return SeedPart(variance, variance, max(planned - 1, 1))


def _assumed(study: Study, hypothesis: Hypothesis, contrast: Contrast) -> Smallest:
    assumed = study.assumed
    if assumed.question_error is None or assumed.seed_sd is None:
        return Smallest(None, "make a pilot (two seeds a side), or state assumed.seed_sd and assumed.question_error")
    cluster = (assumed.question_error * parse_outcome(hypothesis.outcome).scale) ** 2
    parts = [_stated(study, hypothesis, cells) for cells in (contrast.first, contrast.second)]
    source = f" ({assumed.source})" if assumed.source else ""
    return _smallest(hypothesis, cluster, assumed.clusters, parts, f"assumed{source}")


def _smallest(hypothesis: Hypothesis, cluster: float, clusters: int, parts: list[SeedPart], how: str) -> Smallest:
    excess = np.asarray(sum(part.excess for part in parts))
    weight = np.asarray(sum(counted(part) for part in parts))
    variance, freedom = combined(np.asarray(cluster), clusters, excess, weight)
    estimate = Estimate(0.0, math.sqrt(float(variance)), float(freedom), clusters)
    return Smallest(detectable(Test(hypothesis, "", estimate)), how)
