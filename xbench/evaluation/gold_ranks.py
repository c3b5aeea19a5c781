"""The ranks of relevant documents in one setting, from counts in closed form: what metrics and bias are made of.

Ties are resolved by expectation over all orders of the tied documents (McSherry and Najork, ECIR 2008). Per gold:
`above` documents of the setting score above it (golds included), `tied` stand in its tie block, itself included; `rho`
golds score above it and `r` golds stand in its block, itself included. A relevant document that is not there to be
found contributes nothing and stays in every divisor. Knows no vector, no text and no metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xbench.arrays import Flags, Floats, Ints
from xbench.evaluation.ranking import MISSED, Ranking

OUT_OF_REACH = MISSED // 2  # a missed gold's `above`, however many golds left the ranking


@dataclass(frozen=True)
class GoldRanks:
    """Golds of one setting (a set of document languages), ordered by query, then from best to worst.

    `ranking`, `documents`: what they were taken from, the languages of the setting by number. `queries` [Q]: the rows
    of the ranking that have a gold here. `first` [Q]: each query's first gold. Per gold [G]: `query` (0..Q-1),
    `language`, `grade`, `above`, `tied`, `rho`, `r`.
    """

    ranking: Ranking
    documents: tuple[int, ...]
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

    def keep(self, golds: Flags) -> GoldRanks:
        """The same setting after all but `golds` [G] left the ranking: neither relevant nor in the way."""
        rows, above = self.queries[self.query[golds]], self.above[golds]
        rho, r = _among_golds(rows, above)
        above, tied = above - (self.rho[golds] - rho), self.tied[golds] - (self.r[golds] - r)
        first, query = _by_query(rows)
        columns = (self.language[golds], self.grade[golds], above, tied, rho, r)
        return GoldRanks(self.ranking, self.documents, rows[first], first, query, *columns)

    def best_per_language(self) -> Flags:
        """[G]: whether it is its query's best gold in its language."""
        best = np.zeros(len(self.query), bool)
        best[np.unique(np.stack([self.query, self.language]), axis=1, return_index=True)[1]] = True
        return best

    def mean_per_query(self, values: Floats) -> Floats:
        """Mean of a per-gold value over each query's golds [Q]."""
        return np.add.reduceat(values, self.first) / self.relevant if len(self.first) else np.empty(0)

    def precision(self, depth: int | None = None) -> Floats:
        """Expected precision at each gold's position [G], counted where that is among the first `depth`."""
        from scipy.special import digamma

        inside = self.tied if depth is None else np.clip(depth - self.above, 0, self.tied)
        above, tied = self.above.astype(np.float64), self.tied.astype(np.float64)
        free = self.tied == 1
        slope = np.divide(self.r - 1, tied - 1, out=np.zeros_like(tied), where=~free)
        harmonic = np.where(free, inside / (above + 1), digamma(above + inside + 1) - digamma(above + 1))
        precision = (slope * inside + (self.rho + 1 - slope * (1 + above)) * harmonic) / tied
        return np.where(self.above < OUT_OF_REACH, precision, 0.0)

    def within(self, depth: int) -> Floats:
        """Probability that each gold stands among the first `depth` [G]."""
        inside = np.minimum(self.above + self.tied, depth) - np.minimum(self.above, depth)
        return np.asarray(inside / self.tied)

    def gain(self, depth: int) -> Floats:
        """Each gold's expected gain [G], its grade over log2(1 + rank), counted among the first `depth`."""
        summed = np.append(0.0, np.cumsum(_discount(depth)))
        inside = summed[np.minimum(self.above + self.tied, depth)] - summed[np.minimum(self.above, depth)]
        return np.asarray(self.grade * inside / self.tied)

    def ideal_gain(self, depth: int) -> Floats:
        """Gains of the golds in the best of orders [G]: by query, the highest grade first."""
        best = np.lexsort((-self.grade, self.query))  # the queries stay in order
        place = np.arange(len(best)) - np.repeat(self.first, self.relevant)
        return np.where(place < depth, self.grade[best] * _discount(depth)[np.minimum(place, depth - 1)], 0.0)

    def judged_share(self, depth: int) -> Floats:
        """Expected share of the first `depth` documents that have a judgement of any grade [Q]."""
        judged = gold_ranks(self.ranking, self.documents, judged=True)
        share = np.zeros(len(self.ranking.start) - 1)
        share[judged.queries] = judged.mean_per_query(judged.within(depth)) * judged.relevant
        return np.asarray(share[self.queries] / min(depth, int(self.ranking.sizes[list(self.documents)].sum())))

    def success(self, depth: int) -> Floats:
        """Probability that at least one relevant document stands among the first `depth` [Q]."""
        above, tied, r = (array[self.first] for array in (self.above, self.tied, self.r))
        outside = tied - np.clip(depth - above, 0, tied)
        return np.where(outside < r, 1.0, 1 - np.exp(_log_ratio(outside, tied, r)))

    def complete(self, depth: int) -> Floats:
        """Probability that all relevant documents stand among the first `depth` [Q]."""
        above, tied, r = (array[self.last] for array in (self.above, self.tied, self.r))
        room = np.maximum(depth - above, 0)
        chance = np.exp(_log_ratio(room, tied, r))
        return np.where(above + tied <= depth, 1.0, np.where(room < r, 0.0, chance))

    def best_rank(self) -> Floats:
        """Expected rank of the first relevant document [Q]."""
        top = self.first
        return np.asarray(self.above[top] + (self.tied[top] + 1) / (self.r[top] + 1))

    def worst_rank(self) -> Floats:
        """Expected rank of the last relevant document [Q]."""
        low = self.last
        return np.asarray(self.above[low] + self.r[low] * (self.tied[low] + 1) / (self.r[low] + 1))

    def reciprocal_rank(self) -> Floats:
        """Expected 1/rank of the first relevant document [Q]."""
        top = self.first
        blocks = np.stack([self.above[top], self.tied[top], self.r[top]], axis=1)
        distinct, place = np.unique(blocks, axis=0, return_inverse=True)
        values = np.array([_expected_reciprocal(*map(int, block)) for block in distinct])
        return np.asarray(values[place.ravel()]) if len(values) else np.empty(0)


def gold_ranks(ranking: Ranking, languages: Sequence[int], judged: bool = False) -> GoldRanks:
    """The golds of the setting whose documents are those of `languages` (numbers): the relevant documents, or `judged`
    ones of any grade."""
    chosen = np.array(languages)
    golds = np.flatnonzero(np.isin(ranking.language, chosen) & ((ranking.grade > 0) | judged))
    rows = np.repeat(np.arange(len(ranking.start) - 1), np.diff(ranking.start))[golds]
    order = np.lexsort((-ranking.score[golds], rows))
    golds, rows = golds[order], rows[order]
    above = ranking.above[np.ix_(golds, chosen)].sum(axis=1, dtype=np.int64)
    tied = 1 + ranking.tied[np.ix_(golds, chosen)].sum(axis=1, dtype=np.int64)
    rho, r = _among_golds(rows, above)
    first, query = _by_query(rows)
    columns = (ranking.language[golds], ranking.grade[golds], above, tied, rho, r)
    return GoldRanks(ranking, tuple(languages), rows[first], first, query, *columns)


def _by_query(rows: Ints) -> tuple[Ints, Ints]:
    """(each query's first gold [Q], each gold's query [G]) for golds ordered by row."""
    new = np.append(True, rows[1:] != rows[:-1])[: len(rows)]
    return np.flatnonzero(new), np.cumsum(new) - 1


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


def _discount(depth: int) -> Floats:
    """1/log2(1 + rank) of the ranks 1 to `depth`."""
    return np.asarray(1 / np.log2(np.arange(2, depth + 2)))


def _expected_reciprocal(above: int, tied: int, golds: int) -> float:
    """Mean of 1/(above + position of the first gold) over all orders of a block with `golds` golds among `tied`."""
    if above >= OUT_OF_REACH:
        return 0.0
    if tied == 1:
        return 1 / (above + 1)
    position = np.arange(1, tied - golds + 2)
    chance = np.exp(_log_choose(tied - position, golds - 1) - _log_choose(np.array(tied), golds))
    return float(np.sum(chance / (above + position)))


def _log_choose(n: Ints, k: int) -> Floats:
    from scipy.special import gammaln

    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def _log_ratio(room: Ints, tied: Ints, r: Ints) -> Floats:
    """log C(room, r) / C(tied, r), 0 where room < r (not used there)."""
    from scipy.special import gammaln

    room = np.maximum(room, r)
    return np.asarray(gammaln(room + 1) - gammaln(room - r + 1) - gammaln(tied + 1) + gammaln(tied - r + 1))
