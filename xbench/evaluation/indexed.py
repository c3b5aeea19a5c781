"""Rankings by terms: of what indexes every set of documents anew, as lexical models do. Knows integers; no text.

Scores are exact integers, so counts are the same for any block. Documents that share nothing with the query score 0 and
are one tie block, the last, resolved by expectation like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np

from xbench.arrays import Floats, Ints
from xbench.data.collection import Collection, Golds
from xbench.evaluation.ranking import MISSED, Advance, Ranking
from xbench.evaluation.rankings import list_length
from xbench.evaluation.top import LOWEST, Top

CELLS = 2**21  # scores held at once (queries x documents): 16 MB
MAX_ROWS = 2**12
LARGEST = 2**49  # below it, row numbers fit above scores, and float64 holds them exactly

Score: TypeAlias = Callable[[str, Sequence[int], slice | Ints], Ints]


class IndexedRankings:
    """`score(query language, document languages, rows)` gives integers [rows, documents of these languages in order] in
    multiples of `unit`; each setting is scored when it is asked for. `advance` hears of every query once, when its
    language is first ranked.
    """

    def __init__(
        self,
        collection: Collection,
        score: Score,
        unit: float,
        cells: int = CELLS,
        advance: Advance = lambda queries: None,
    ) -> None:
        self._collection, self._score, self._unit = collection, score, unit
        self._cells, self._advance = cells, advance
        self._sizes = np.array([len(texts) for texts in collection.documents.values()])
        self._depth = list_length(collection)
        self._ranked: set[str] = set()

    def scores(self, query: str, documents: Sequence[int], rows: slice | Ints) -> Floats:
        """[rows, N]: scores of the documents of these languages, numbered through them in order."""
        return np.asarray(self._score(query, documents, rows) * self._unit, np.float64)

    def of(self, query: str, documents: Sequence[int]) -> Ranking:
        documents = sorted(documents)
        whole = len(documents) == len(self._sizes)
        golds = _chosen(self._collection.golds[query], documents)
        queries = len(self._collection.queries[query])
        start = np.searchsorted(golds.query, np.arange(queries + 1))
        depth = self._depth if whole else 0
        score = np.full(len(golds.query), LOWEST)
        above, tied = (np.zeros((len(score), len(self._sizes)), np.int32) for _ in range(2))
        top_score, top_document = np.full((2, queries, depth), LOWEST)
        places = np.append(0, np.cumsum(self._sizes[documents]))
        column = places[np.searchsorted(documents, golds.language)] + golds.document
        for rows in self._blocks(range(queries), documents):
            scores = self._score(query, documents, rows)
            here = slice(start[rows.start], start[rows.stop])
            row = golds.query[here] - rows.start
            score[here] = scores[row, np.maximum(column[here], 0)]
            parts = np.split(scores, places[1:-1], axis=1)
            above[here, documents], tied[here, documents] = _count(parts, row, score[here])
            if whole:
                best = Top(len(scores), depth)
                best.add(scores.astype(np.float64), 0)
                top_score[rows], top_document[rows] = best.lists()
            if query not in self._ranked:
                self._advance(len(scores))
        self._ranked.add(query)
        tied[np.arange(len(score)), golds.language] -= 1  # a gold does not tie with itself
        absent = golds.document < 0
        score[absent], above[absent], tied[absent] = LOWEST, MISSED, 0
        return Ranking(
            start, golds.language, golds.document, golds.grade, self._sizes, score, above, tied, top_score, top_document
        )

    def tied_at(self, query: str, rows: Ints, scores: Ints) -> Ints:
        every = range(len(self._sizes))
        starts = np.append(0, np.cumsum(self._sizes))[:-1]
        tied = np.empty((len(rows), len(self._sizes)), np.int64)
        for block in self._blocks(rows, every):
            equal = self._score(query, every, rows[block]) == scores[block, None]
            tied[block] = np.add.reduceat(equal, starts, axis=1, dtype=np.int64)
        return tied

    def _blocks(self, rows: Sequence[int] | Ints, documents: Sequence[int]) -> Iterator[slice]:
        size = int(np.clip(self._cells // self._sizes[list(documents)].sum(), 1, MAX_ROWS))
        for first in range(0, len(rows), size):
            yield slice(first, min(first + size, len(rows)))


def _chosen(golds: Golds, documents: Sequence[int]) -> Golds:
    here = np.isin(golds.language, documents)
    return Golds(golds.query[here], golds.language[here], golds.document[here], golds.grade[here])


def _count(parts: Sequence[Ints], row: Ints, score: Ints) -> tuple[Ints, Ints]:
    """([G, parts] documents of each part that score above `score` [G] in row `row` [G] of it, those that equal it)."""
    low, high = min(int(part.min()) for part in parts), max(int(part.max()) for part in parts)
    if max(-low, high) >= LARGEST:
        raise ValueError(f"scores from {low} to {high} are too large to be counted")
    shift = np.arange(len(parts[0]))[:, None] * (high - low + 1)
    keys = score - low + shift[row, 0]
    above, tied = np.empty((2, len(row), len(parts)), np.int64)
    for number, part in enumerate(parts):
        ordered = (np.sort(part, axis=1) - low + shift).ravel()
        first, last = (ordered.searchsorted(keys, side=side) for side in ("left", "right"))
        above[:, number], tied[:, number] = (row + 1) * part.shape[1] - last, last - first
    return above, tied
