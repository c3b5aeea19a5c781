"""What rows are ranked by, and the places that tests leave to them. Knows no run and no page.

The board asks who retrieves across languages. That is Cr. Mul mixes it with the query's own language: who finds the
document in that one and hardly any other can lead by Mul.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from xbench.board.influence import Influence
from xbench.board.summaries import WITHOUT_OWN
from xbench.evaluation.scores import Number
from xbench.evaluation.statistics import (
    ONE_SEED,
    Estimate,
    Sample,
    SeedPart,
    SeedParts,
    combined,
    counted,
    separated,
)

RANKED_MEANS = ("Cr", "Mul", WITHOUT_OWN, "Mo")  # the first that a board has is its default, the others are to choose
UNTESTED = "untested"  # no per-question data of this mean, or other clusters


@dataclass(frozen=True)
class Evidence:
    """What a test of one mean of a row needs: `influence` [clusters], and what its seeds add."""

    influence: Influence
    seeds: SeedPart = ONE_SEED

    @cached_property
    def half(self) -> Number:
        """Half of the 95 % interval of the mean, over clusters and seeds as in every test; None without clusters."""
        clusters = len(self.influence)
        if clusters < 2:
            return None
        cluster = np.square(self.influence.astype(np.float64)).sum()
        variance, freedom = combined(cluster, clusters, np.asarray(self.seeds.excess), counted(self.seeds))
        return Estimate(0.0, float(np.sqrt(variance)), float(freedom), clusters).half


NO_EVIDENCE = Evidence(np.zeros(0, np.float32))


def evidence_of(values: Sequence[float], parts: Sequence[Influence]) -> Evidence:
    """Of seeds with these means: no evidence where one lacks its part, or has other clusters."""
    if not values or len(values) != len(parts) or len({len(part) for part in parts}) > 1:
        return NO_EVIDENCE
    sample = Sample(np.array(values), np.stack(parts).astype(np.float64))
    return Evidence(sample.influence.astype(np.float32), sample.seeds)


def gap_parts(parts: Mapping[str, Influence]) -> Mapping[str, Influence]:
    """With the clusters' parts in the gap Mo - Cr, where both have the same clusters."""
    mono, cross = parts.get("Mo"), parts.get("Cr")
    if mono is None or cross is None or len(mono) != len(cross):
        return parts
    return {**parts, "gap": mono - cross}


@dataclass(frozen=True)
class Rank:
    """The places from `best` to `worst` that tests leave to a row; None where it has none, and `why`."""

    best: int | None
    worst: int | None = None
    why: str = ""

    def __str__(self) -> str:
        """1–3, 2, or why there is none."""
        if self.best is None:
            return self.why
        return f"{self.best}" if self.worst == self.best else f"{self.best}–{self.worst}"


def rank_ranges(values: Sequence[float], evidence: Sequence[Evidence]) -> list[Rank]:
    """The places that tests leave to each row, best first: after those found better, to before those found worse.

    Rows are tested over the clusters that most of them have; one without them has no range.
    """
    sizes = [len(row.influence) for row in evidence]
    clusters = max(set(sizes) - {0, 1}, key=lambda size: (sizes.count(size), size), default=0)
    rows = [row for row, size in enumerate(sizes) if size == clusters and clusters]
    ranks = [Rank(None, why=UNTESTED)] * len(evidence)
    if rows:
        influence = np.stack([evidence[row].influence for row in rows]).astype(np.float64)
        seeds = SeedParts.of([evidence[row].seeds for row in rows])
        better = separated(np.array([values[row] for row in rows]), influence, seeds)
        for row, above, below in zip(rows, better.sum(axis=1).tolist(), better.sum(axis=0).tolist(), strict=True):
            ranks[row] = Rank(1 + above, len(rows) - below)
    return ranks
