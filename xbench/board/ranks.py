"""What rows are ranked by, and the places that tests leave to them. Knows no run and no page.

The board asks who retrieves across languages. That is Cr. Mul mixes it with the query's own language: who finds the
document in that one and hardly any other can lead by Mul.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xbench.board.influence import Influence
from xbench.board.summaries import WITHOUT_OWN
from xbench.evaluation.statistics import ONE_SEED, Sample, SeedPart, SeedParts, separated

RANKED_MEANS = ("Cr", "Mul", WITHOUT_OWN, "Mo")  # the first that a board has is its default, the others are to choose
UNTESTED = "untested"  # no per-question data of this mean, or other clusters


@dataclass(frozen=True)
class Evidence:
    """What a test of one mean of a row needs: `influence` [clusters], and what its seeds add."""

    influence: Influence
    seeds: SeedPart = ONE_SEED


NO_EVIDENCE = Evidence(np.zeros(0, np.float32))


def evidence_of(values: Sequence[float], parts: Sequence[Influence]) -> Evidence:
    """Of seeds with these means: no evidence where one lacks its part, or has other clusters."""
    if not values or len(values) != len(parts) or len({len(part) for part in parts}) > 1:
        return NO_EVIDENCE
    sample = Sample(np.array(values), np.stack(parts).astype(np.float64))
    return Evidence(sample.influence.astype(np.float32), sample.seeds)


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
