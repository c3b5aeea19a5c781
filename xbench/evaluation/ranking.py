"""Counts from which every score follows: per gold and document language, how many documents stand above it or tie.

One pass over blocks of exact scores; never the score matrix, and no id in any comparison. Knows arrays only: no text,
no model, no metric. The reasoning: vectors are multiples of 2^-24 of norm <= 1, so a float64 dot product of two of
them is a multiple of 2^-48 that is exact in any order of summation; scores are therefore integers in units of 2^-48,
and counts are the same for every block size, order, thread and device. A block's row is sorted once (SIMD), in float32,
which takes half the time and keeps the order; every threshold is searched for in it, and where float32 cannot tell two
documents apart the exact scores do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from xbench.arrays import Counts, Floats, Ints, Vectors
from xbench.errors import EncoderError
from xbench.evaluation.top import LOWEST, Top

Advance: TypeAlias = Callable[[int], None]

UNIT = 2.0**48  # scores are integers in units of 1/UNIT
MISSED = 2**30  # documents above a relevant one that is not there to be found
ROWS_AT_ONCE = 2**15  # vectors that are normalised together
WIDENED_BYTES = 2**32  # documents up to here are widened once, larger ones block by block for every block of queries


@dataclass(frozen=True)
class Blocks:
    """How much is scored at once: queries x documents. Changes memory and speed, never a count."""

    queries: int = 256
    documents: int = 2048

    def __post_init__(self) -> None:
        if min(self.queries, self.documents) < 1:
            raise ValueError("blocks of at least 1 query and 1 document")


@dataclass(frozen=True)
class Ranking:
    """Counts for the queries of one language. G golds of Q queries in L document languages, ordered by query.

    `start` [Q + 1]: golds of query i are start[i]:start[i + 1]. `language`, `document`, `grade` [G]: where the gold
    stands and how relevant it is. `sizes` [L]: documents by language. `score` [G] int64 in units of 2^-48. `above`,
    `tied` [G, L] int32: other documents of each language that score above the gold, and that tie with it. `top_score`,
    `top_document` [Q, K]: the best documents of the pool, best first, numbered through all languages in order;
    positions among ties are arbitrary, so readers must not rely on them.
    """

    start: Ints
    language: Ints
    document: Ints
    grade: Ints
    sizes: Ints
    score: Ints
    above: Counts
    tied: Counts
    top_score: Ints
    top_document: Ints

    def slice(self, first: int, last: int) -> Ranking:
        """The ranking of queries first:last alone."""
        golds, rows = slice(self.start[first], self.start[last]), slice(first, last)
        return Ranking(
            self.start[first : last + 1] - self.start[first],
            self.language[golds],
            self.document[golds],
            self.grade[golds],
            self.sizes,
            self.score[golds],
            self.above[golds],
            self.tied[golds],
            self.top_score[rows],
            self.top_document[rows],
        )


def exact(vectors: Vectors, scale: float | None = None) -> Vectors:
    """Vectors [n, dim] on the grid of 2^-24, of norm at most 1: what every score is computed from.

    Each is normalised (cosine), or multiplied by `scale`, a power of two from `dot_scale` (dot products). Raises
    EncoderError for NaN, infinity, and where a vector has no direction.
    """
    rounded = np.empty(vectors.shape, np.float32)
    bad = flat = 0
    for first in range(0, len(vectors), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        wide = np.asarray(vectors[rows], dtype=np.float64)
        bad += int((~np.isfinite(wide).all(axis=1)).sum())
        if scale is None:
            norms = np.linalg.norm(wide, axis=1, keepdims=True)
            flat += int((norms == 0).sum())
            with np.errstate(invalid="ignore"):  # infinity is counted above
                wide = wide / np.where(norms == 0, 1, norms)
        else:
            wide = wide * scale
        rounded[rows] = np.rint(wide * 2.0**24) / 2.0**24
    if bad:
        raise EncoderError(f"the encoder gave NaN or infinity for {bad} of {len(vectors)} texts; nothing was scored")
    if flat:
        raise EncoderError(f"the encoder gave a zero vector for {flat} texts; no cosine exists")
    return rounded


def dot_scale(vectors: Iterable[Vectors]) -> float:
    """The largest power of two that brings every norm to at most 1: one for all queries, one for all documents, so
    that only the rounding to 2^-24 of the longest vector, and no ranking, depends on it."""
    largest = max((float(np.linalg.norm(part.astype(np.float64), axis=1).max()) for part in vectors), default=0.0)
    return 2.0 ** -np.ceil(np.log2(largest)) if 0 < largest < np.inf else 1.0


def rank(
    queries: Vectors,
    documents: Mapping[str, Vectors],
    gold_query: Ints,
    gold_language: Ints,
    gold_document: Ints,
    gold_grade: Ints,
    top: int = 11,
    blocks: Blocks | None = None,
    advance: Advance = lambda queries: None,
) -> Ranking:
    """Rank all documents for `queries` [Q, dim] (exact vectors) and count around each gold.

    `gold_*` [G] are ordered by query; a document -1 is not there, and MISSED others stand above it. `top` documents of
    the pool are kept per query; `advance` is told how many queries are done. Extra memory is
    O(threads x block + Q x top + G x L), and a float64 copy of the documents where these are small.
    """
    from threadpoolctl import threadpool_limits

    blocks = blocks or Blocks()
    start = np.searchsorted(gold_query, np.arange(len(queries) + 1)).astype(np.int64)
    pools: list[Vectors] | list[Floats] = list(documents.values())
    if sum(vectors.nbytes for vectors in pools) <= WIDENED_BYTES:
        pools = [vectors.astype(np.float64) for vectors in pools]
    chunks = range(0, len(queries), blocks.queries)
    workers = min(os.cpu_count() or 1, max(1, len(chunks)))

    there = np.maximum(gold_document, 0)

    def block(first: int) -> _Part:
        rows = slice(first, min(first + blocks.queries, len(queries)))
        golds = slice(start[rows.start], start[rows.stop])
        places = (gold_query[golds] - first, gold_language[golds], there[golds])
        return _rank_block(queries[rows], pools, *places, top, blocks.documents)

    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(workers) as threads:
        parts = []
        for part, first in zip(threads.map(block, chunks), chunks, strict=True):
            parts.append(part)
            advance(min(blocks.queries, len(queries) - first))
    score, above, tied, *best = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    absent = gold_document < 0
    score[absent], above[absent], tied[absent] = LOWEST, MISSED, 0
    sizes = np.array([len(pool) for pool in pools])
    return Ranking(start, gold_language, gold_document, gold_grade, sizes, score, above, tied, *best)


_Part: TypeAlias = tuple[Ints, Counts, Counts, Ints, Ints]


def _rank_block(
    queries: Vectors,
    pools: Sequence[Vectors | Floats],
    row: Ints,
    language: Ints,
    document: Ints,
    top: int,
    documents_at_once: int,
) -> _Part:
    wide = queries.astype(np.float64) * UNIT
    score = _gold_scores(wide, pools, row, language, document)
    golds = _Golds(
        row, score, np.append(0, np.cumsum([len(pool) for pool in pools]))[language] + document, len(queries)
    )
    above = np.zeros((len(row), len(pools)), np.int32)
    tied = np.zeros_like(above)
    best = Top(len(queries), top)
    size = len(queries) * min(documents_at_once, max(map(len, pools)))
    room, single_room = np.empty(size), np.empty(size, np.float32)  # fresh pages would cost more
    for number, first, block in _blocks(pools, documents_at_once):
        shape, size = (len(queries), len(block)), len(queries) * len(block)
        scores = np.matmul(wide, block.T, out=room[:size].reshape(shape))
        ordered = single_room[:size].reshape(shape)
        np.copyto(ordered, scores, casting="same_kind")
        ordered.sort(axis=1)
        counts = golds.counts(scores, ordered, first)
        above[:, number] += counts[0]
        tied[:, number] += counts[1]
        best.add(scores, first, np.nextafter(ordered[:, -top:], np.float32(-np.inf)).astype(np.float64))
    tied[np.arange(len(row)), language] -= 1  # a gold does not tie with itself
    top_score, top_document = best.lists()
    return score, above, tied, top_score.astype(np.int64), top_document


class _Golds:
    """The golds of a block of queries: `row` [G] ascending, `score` [G], `place` [G], their numbers through all
    documents."""

    def __init__(self, row: Ints, score: Ints, place: Ints, queries: int) -> None:
        self._row, self._place, self._score = row, place, score.astype(np.float64)
        self._single = self._score.astype(np.float32)
        self._start = np.searchsorted(row, np.arange(queries + 1)).tolist()

    def counts(self, scores: Floats, ordered: Vectors, first: int) -> tuple[Ints, Ints]:
        """([G] documents of a block that score above each gold, [G] those that equal it, itself included).

        `scores` [queries, n] are exact; `ordered` are the same in float32, ascending. Rounding keeps the order, so what
        differs in float32 is counted there; where another document is equal in float32, the exact scores are.
        """
        documents = scores.shape[1]
        low, high = np.empty((2, len(self._row)), np.int64)
        for row, (begin, end) in enumerate(pairwise(self._start)):
            low[begin:end] = ordered[row].searchsorted(self._single[begin:end], "left")
            high[begin:end] = ordered[row].searchsorted(self._single[begin:end], "right")
        above, equal = documents - high, high - low
        itself = (self._place >= first) & (self._place < first + documents)
        for gold in np.flatnonzero(equal > itself):
            others = scores[self._row[gold]]
            above[gold] = np.count_nonzero(others > self._score[gold])
            equal[gold] = np.count_nonzero(others == self._score[gold])
        return above, equal


def _blocks(pools: Sequence[Vectors | Floats], size: int) -> Iterator[tuple[int, int, Floats]]:
    """(language number, number of the first document in the pool, block) over all languages."""
    offset = 0
    for number, pool in enumerate(pools):
        for first in range(0, len(pool), size):
            yield number, offset + first, np.asarray(pool[first : first + size], np.float64)
        offset += len(pool)


def _gold_scores(wide: Floats, pools: Sequence[Vectors | Floats], row: Ints, language: Ints, document: Ints) -> Ints:
    scores = np.empty(len(row), np.int64)
    for number, pool in enumerate(pools):
        here = np.flatnonzero(language == number)
        scores[here] = np.einsum("gd,gd->g", wide[row[here]], pool[document[here]].astype(np.float64))
    return scores


def tied_with(queries: Vectors, scores: Ints, documents: Mapping[str, Vectors]) -> Ints:
    """How many documents of each language score exactly `scores` [n] for `queries` [n, dim]: [n, L]."""
    counts = np.zeros((len(queries), len(documents)), np.int64)
    pools = list(documents.values())
    for first in range(0, len(queries), Blocks.queries):
        rows = slice(first, first + Blocks.queries)
        wide = queries[rows].astype(np.float64) * UNIT
        for number, _, block in _blocks(pools, Blocks.documents):
            counts[rows, number] += (wide @ block.T == scores[rows, None].astype(np.float64)).sum(axis=1)
    return counts
