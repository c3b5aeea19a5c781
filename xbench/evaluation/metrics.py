"""Metrics as values that print as their own names, computed from counts in closed form. Knows no vector and no text.

Ties are resolved by expectation over all orders of the tied documents (McSherry and Najork, ECIR 2008). Per gold:
`above` documents of the setting score above it (golds included), `tied` stand in its tie block, itself included; `rho`
golds score above it and `r` golds stand in its block, itself included. AP is uncut with the number of relevant
documents of the setting as divisor, AP@k with min(R, k) (XTREME-R's); nDCG has linear gain, as in trec_eval. A relevant
document that is not there to be found contributes nothing and stays in every divisor.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from xbench.evaluation.ranking import MISSED, Ranking

OUT_OF_REACH = MISSED // 2  # a missed gold's `above`, however many golds left the ranking
Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Setting:
    """Golds of one setting (a set of document languages), ordered by query, then from best to worst.

    `queries` [Q]: the rows of the ranking that have a gold here. `first` [Q]: each query's first gold. Per gold [G]:
    `query` (0..Q-1), `language`, `grade`, `above`, `tied`, `rho`, `r`.
    """

    queries: Ints
    first: Ints
    query: Ints
    language: Ints
    grade: Ints
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
        return _setting(rows, self.language[kept], self.grade[kept], above, tied, rho, r)

    def best_per_language(self) -> Mask:
        """Mask [G]: each query's best gold in each language."""
        mask = np.zeros(len(self.query), bool)
        mask[np.unique(np.stack([self.query, self.language]), axis=1, return_index=True)[1]] = True
        return mask

    def mean_per_query(self, values: Floats) -> Floats:
        """Mean of a per-gold value over each query's golds [Q]."""
        return np.add.reduceat(values, self.first) / self.relevant if len(self.first) else np.empty(0)


def setting(ranking: Ranking, languages: Sequence[int], judged: bool = False) -> Setting:
    """The setting whose documents are those of `languages` (numbers); golds are the relevant documents, or `judged`
    ones of any grade."""
    chosen = np.array(languages)
    golds = np.flatnonzero(np.isin(ranking.language, chosen) & ((ranking.grade > 0) | judged))
    rows = np.repeat(np.arange(len(ranking.start) - 1), np.diff(ranking.start))[golds]
    order = np.lexsort((-ranking.score[golds], rows))
    golds, rows = golds[order], rows[order]
    above = ranking.above[np.ix_(golds, chosen)].sum(axis=1, dtype=np.int64)
    tied = 1 + ranking.tied[np.ix_(golds, chosen)].sum(axis=1, dtype=np.int64)
    among = _among_golds(rows, above)
    return _setting(rows, ranking.language[golds], ranking.grade[golds], above, tied, *among)


def _setting(rows: Ints, language: Ints, grade: Ints, above: Ints, tied: Ints, rho: Ints, r: Ints) -> Setting:
    new = np.append(True, rows[1:] != rows[:-1])[: len(rows)]
    first = np.flatnonzero(new)
    return Setting(rows[first], first, np.cumsum(new) - 1, language, grade, above, tied, rho, r)


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
    """`AP`, `RR`, `AP@20`, `nDCG@10`, `R@1`, `S@10`, `Judged@10`: parsed once, compared, hashed, printed as written."""

    name: str
    cutoff: int | None = None

    @classmethod
    def parse(cls, text: str) -> Metric:
        match = re.fullmatch(r"(AP|RR)|(AP|nDCG|R|S|Judged)@([1-9][0-9]*)", text)
        if match is None:
            raise ValueError(f"metric {text!r}: expected AP, RR, AP@k, nDCG@k, R@k, S@k or Judged@k")
        return cls(match[1]) if match[1] else cls(match[2], int(match[3]))

    def __str__(self) -> str:
        return self.name if self.cutoff is None else f"{self.name}@{self.cutoff}"

    def of(self, ranking: Ranking, languages: Sequence[int], golds: Setting) -> Floats:
        """The metric of every query of `golds` [Q], the setting of these languages."""
        if self.name == "Judged":
            assert self.cutoff is not None
            return _judged(ranking, languages, golds.queries, self.cutoff)
        return self.per_query(golds)

    def per_query(self, golds: Setting) -> Floats:
        """The metric of every query of the setting [Q], in 0..1, from its relevant documents (so not Judged@k)."""
        if self.name == "RR":
            return reciprocal_rank(golds)
        if self.name == "AP" and self.cutoff is None:
            return golds.mean_per_query(_precision(golds, golds.tied))
        assert self.cutoff is not None
        if self.name == "AP":
            inside = np.clip(self.cutoff - golds.above, 0, golds.tied)
            shorter = golds.relevant / np.minimum(golds.relevant, self.cutoff)
            return np.asarray(golds.mean_per_query(_precision(golds, inside)) * shorter)
        if self.name == "R":
            return golds.mean_per_query(_share_within(golds, self.cutoff))
        return success(golds, self.cutoff) if self.name == "S" else _ndcg(golds, self.cutoff)


def _precision(golds: Setting, inside: Ints) -> Floats:
    """Expected precision at each gold's position [G], counted where that is among the first `inside` of its block."""
    from scipy.special import digamma

    above, tied = golds.above.astype(np.float64), golds.tied.astype(np.float64)
    free = golds.tied == 1
    slope = np.divide(golds.r - 1, tied - 1, out=np.zeros_like(tied), where=~free)
    harmonic = np.where(free, inside / (above + 1), digamma(above + inside + 1) - digamma(above + 1))
    precision = (slope * inside + (golds.rho + 1 - slope * (1 + above)) * harmonic) / tied
    return np.where(golds.above < OUT_OF_REACH, precision, 0.0)


def _share_within(golds: Setting, k: int) -> Floats:
    """Probability that each gold stands within the first k [G]."""
    inside = np.minimum(golds.above + golds.tied, k) - np.minimum(golds.above, k)
    return np.asarray(inside / golds.tied)


def _ndcg(golds: Setting, k: int) -> Floats:
    discount = 1 / np.log2(np.arange(2, k + 2))
    gain = np.append(0.0, np.cumsum(discount))
    within = gain[np.minimum(golds.above + golds.tied, k)] - gain[np.minimum(golds.above, k)]
    best = np.lexsort((-golds.grade, golds.query))  # the queries stay in order
    place = np.arange(len(best)) - np.repeat(golds.first, golds.relevant)
    ideal = np.where(place < k, golds.grade[best] * discount[np.minimum(place, k - 1)], 0.0)
    return np.asarray(golds.mean_per_query(golds.grade * within / golds.tied) / golds.mean_per_query(ideal))


def _judged(ranking: Ranking, languages: Sequence[int], queries: Ints, k: int) -> Floats:
    """Expected share of the first k documents that have a judgement, for these queries [Q]."""
    golds = setting(ranking, languages, judged=True)
    share = np.zeros(len(ranking.start) - 1)
    share[golds.queries] = golds.mean_per_query(_share_within(golds, k)) * golds.relevant
    return np.asarray(share[queries] / min(k, int(ranking.sizes[list(languages)].sum())))


def success(golds: Setting, k: int) -> Floats:
    """Probability that at least one relevant document stands within the first k [Q]."""
    above, tied, r = (array[golds.first] for array in (golds.above, golds.tied, golds.r))
    outside = tied - np.clip(k - above, 0, tied)
    return np.where(outside < r, 1.0, 1 - np.exp(_log_ratio(outside, tied, r)))


def reciprocal_rank(golds: Setting) -> Floats:
    """Expected 1/rank of the first relevant document [Q]."""
    blocks = np.stack([golds.above[golds.first], golds.tied[golds.first], golds.r[golds.first]], axis=1)
    distinct, place = np.unique(blocks, axis=0, return_inverse=True)
    values = np.array([_expected_reciprocal(*map(int, block)) for block in distinct])
    return np.asarray(values[place.ravel()]) if len(values) else np.empty(0)


def _expected_reciprocal(above: int, tied: int, golds: int) -> float:
    """Mean of 1/(above + position of the first gold) over all orders of a block with `golds` golds among `tied`."""
    if above >= OUT_OF_REACH:
        return 0.0
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
