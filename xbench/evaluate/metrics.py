"""Metrics as values that print as their own names, computed from counts in closed form. Knows no vector and no text.

Ties are resolved by expectation over all orders of the tied documents (McSherry and Najork, ECIR 2008). Per gold:
`above` documents of the setting score above it (golds included), `tied` stand in its tie block, itself included; `rho`
golds score above it and `r` golds stand in its block, itself included. AP is uncut with the number of relevant
documents of the setting as divisor; nDCG has linear gain, as in trec_eval.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xbench.evaluate.ranking import Ranking

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Setting:
    """Golds of one setting (a set of document languages), ordered by query, then from best to worst.

    `queries` [Q]: the rows of the ranking that have a gold here. `first` [Q]: each query's first gold. Per gold [G]:
    `query` (0..Q-1), `language`, `above`, `tied`, `rho`, `r`.
    """

    queries: Ints
    first: Ints
    query: Ints
    language: Ints
    above: Ints
    tied: Ints
    rho: Ints
    r: Ints

    @property
    def relevant(self) -> Ints:
        """Golds per query [Q]."""
        return np.diff(np.append(self.first, len(self.query)))

    @property
    def last(self) -> Ints:
        """Each query's worst gold [Q]."""
        return np.append(self.first, len(self.query))[1:] - 1

    def keep(self, kept: Mask) -> Setting:
        """The same setting after the golds outside `kept` [G] left the ranking: neither relevant nor in the way."""
        rows, above = self.queries[self.query[kept]], self.above[kept]
        rho, r = _among_golds(rows, above)
        above, tied = above - (self.rho[kept] - rho), self.tied[kept] - (self.r[kept] - r)
        return _setting(rows, self.language[kept], above, tied, rho, r)

    def best_per_language(self) -> Mask:
        """Mask [G]: each query's best gold in each language."""
        mask = np.zeros(len(self.query), bool)
        mask[np.unique(np.stack([self.query, self.language]), axis=1, return_index=True)[1]] = True
        return mask

    def mean_per_query(self, values: Floats) -> Floats:
        """Mean of a per-gold value over each query's golds [Q]."""
        return np.add.reduceat(values, self.first) / self.relevant if len(self.first) else np.empty(0)


def setting(ranking: Ranking, languages: Sequence[int]) -> Setting:
    """The setting whose documents are those of `languages` (numbers)."""
    chosen = np.array(languages)
    golds = np.flatnonzero(np.isin(ranking.language, chosen))
    rows = np.repeat(np.arange(len(ranking.start) - 1), np.diff(ranking.start))[golds]
    order = np.lexsort((-ranking.score[golds], rows))
    golds, rows = golds[order], rows[order]
    above = ranking.above[np.ix_(golds, chosen)].sum(axis=1, dtype=np.int64)
    tied = 1 + ranking.tied[np.ix_(golds, chosen)].sum(axis=1, dtype=np.int64)
    return _setting(rows, ranking.language[golds], above, tied, *_among_golds(rows, above))


def _setting(rows: Ints, language: Ints, above: Ints, tied: Ints, rho: Ints, r: Ints) -> Setting:
    new = np.append(True, rows[1:] != rows[:-1])[: len(rows)]
    first = np.flatnonzero(new)
    return Setting(rows[first], first, np.cumsum(new) - 1, language, above, tied, rho, r)


def _among_golds(rows: Ints, above: Ints) -> tuple[Ints, Ints]:
    """(golds above, golds in the same tie block) for golds ordered by row, then from best to worst."""
    if not len(rows):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    new_row = np.append(True, rows[1:] != rows[:-1])
    new_block = new_row | np.append(True, above[1:] != above[:-1])
    block = np.cumsum(new_block) - 1
    block_start = np.flatnonzero(new_block)
    row_start = np.flatnonzero(new_row)[np.cumsum(new_row) - 1]
    return block_start[block] - row_start, np.bincount(block)[block]


@dataclass(frozen=True, order=True)
class Metric:
    """`AP`, `RR`, `nDCG@10`, `R@1`: parsed once, compared, hashed, printed as written."""

    name: str
    cutoff: int | None = None

    @classmethod
    def parse(cls, text: str) -> Metric:
        match = re.fullmatch(r"(AP|RR)|(nDCG|R)@([1-9][0-9]*)", text)
        if match is None:
            raise ValueError(f"metric {text!r}: expected AP, RR, nDCG@k or R@k")
        return cls(match[1]) if match[1] else cls(match[2], int(match[3]))

    def __str__(self) -> str:
        return self.name if self.cutoff is None else f"{self.name}@{self.cutoff}"

    def per_query(self, golds: Setting) -> Floats:
        """The metric of every query of the setting [Q], in 0..1."""
        if self.name == "AP":
            return golds.mean_per_query(_precision(golds))
        if self.name == "RR":
            return reciprocal_rank(golds)
        assert self.cutoff is not None
        if self.name == "R":
            return golds.mean_per_query(_share_within(golds, self.cutoff))
        return _ndcg(golds, self.cutoff)


def _precision(golds: Setting) -> Floats:
    """Expected precision at each gold's position [G]."""
    from scipy.special import digamma

    above, tied = golds.above.astype(np.float64), golds.tied.astype(np.float64)
    free = golds.tied == 1
    slope = np.divide(golds.r - 1, tied - 1, out=np.zeros_like(tied), where=~free)
    harmonic = np.where(free, 1 / (above + 1), digamma(above + tied + 1) - digamma(above + 1))
    return np.asarray(slope + (golds.rho + 1 - slope * (1 + above)) * harmonic / tied)


def _share_within(golds: Setting, k: int) -> Floats:
    """Probability that each gold stands within the first k [G]."""
    inside = np.minimum(golds.above + golds.tied, k) - np.minimum(golds.above, k)
    return np.asarray(inside / golds.tied)


def _ndcg(golds: Setting, k: int) -> Floats:
    gain = np.append(0.0, np.cumsum(1 / np.log2(np.arange(2, k + 2))))
    within = gain[np.minimum(golds.above + golds.tied, k)] - gain[np.minimum(golds.above, k)]
    ideal = gain[np.minimum(golds.relevant, k)]
    return np.asarray(golds.mean_per_query(within / golds.tied) * golds.relevant / ideal)


def reciprocal_rank(golds: Setting) -> Floats:
    """Expected 1/rank of the first relevant document [Q]."""
    blocks = np.stack([golds.above[golds.first], golds.tied[golds.first], golds.r[golds.first]], axis=1)
    distinct, place = np.unique(blocks, axis=0, return_inverse=True)
    values = np.array([_expected_reciprocal(*map(int, block)) for block in distinct])
    return np.asarray(values[place.ravel()]) if len(values) else np.empty(0)


def _expected_reciprocal(above: int, tied: int, golds: int) -> float:
    """Mean of 1/(above + position of the first gold) over all orders of a block with `golds` golds among `tied`."""
    if tied == 1:
        return 1 / (above + 1)
    position = np.arange(1, tied - golds + 2)
    chance = np.exp(_log_choose(tied - position, golds - 1) - _log_choose(np.array(tied), golds))
    return float(np.sum(chance / (above + position)))


def _log_choose(n: npt.NDArray[np.int64], k: int) -> Floats:
    from scipy.special import gammaln

    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def best_rank(golds: Setting) -> Floats:
    """Expected rank of the first relevant document [Q]."""
    top = golds.first
    return np.asarray(golds.above[top] + (golds.tied[top] + 1) / (golds.r[top] + 1))


def worst_rank(golds: Setting) -> Floats:
    """Expected rank of the last relevant document [Q]."""
    low = golds.last
    return np.asarray(golds.above[low] + golds.r[low] * (golds.tied[low] + 1) / (golds.r[low] + 1))


def complete(golds: Setting, k: int) -> Floats:
    """Probability that all relevant documents stand within the first k [Q]."""
    above, tied, r = (array[golds.last] for array in (golds.above, golds.tied, golds.r))
    room = np.maximum(k - above, 0)
    chance = np.exp(_log_ratio(room, tied, r))
    return np.where(above + tied <= k, 1.0, np.where(room < r, 0.0, chance))


def _log_ratio(room: Ints, tied: Ints, r: Ints) -> Floats:
    """log C(room, r) / C(tied, r), 0 where room < r (not used there)."""
    from scipy.special import gammaln

    room = np.maximum(room, r)
    return np.asarray(gammaln(room + 1) - gammaln(room - r + 1) - gammaln(tied + 1) + gammaln(tied - r + 1))
