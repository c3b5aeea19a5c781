"""Where the counts of a setting come from: one pass over all vectors, or a scorer that indexes each setting anew.

Knows collections and vectors; nothing of metrics. The grid asks for a query language and a set of document languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from xbench.arrays import Ints, Vectors
from xbench.data.collection import Collection
from xbench.evaluation import ranking
from xbench.evaluation.ranking import Advance, Blocks, Ranking

CONSISTENCY_DEPTH = 10  # documents of a top list that language versions of a question are compared by


class Rankings(Protocol):
    """`of`: the ranking of one query language's queries, whose counts hold at least for these document languages
    (numbers); its top lists are those of the pool where all languages are asked for. `tied_at`: how many documents of
    each language score exactly `scores` [n] for queries `rows` [n] in the pool: [n, L]."""

    def of(self, query: str, documents: Sequence[int]) -> Ranking: ...
    def tied_at(self, query: str, rows: Ints, scores: Ints) -> Ints: ...


def list_length(collection: Collection) -> int:
    """Documents that a top list must hold: one more than any use of it looks at."""
    most = max(
        (int(np.bincount(golds.query).max()) for golds in collection.golds.values() if len(golds.query)), default=1
    )
    return min(max(most, CONSISTENCY_DEPTH) + 1, sum(map(len, collection.documents.values())))


class DenseRankings:
    """One pass over exact vectors [texts, dim] per language: its counts hold for every setting."""

    def __init__(
        self,
        collection: Collection,
        queries: Mapping[str, Vectors],
        documents: Mapping[str, Vectors],
        blocks: Blocks | None = None,
        advance: Advance = lambda queries: None,
    ) -> None:
        self._queries, self._documents = queries, documents
        sizes = np.array([len(vectors) for vectors in queries.values()])
        offsets = np.append(0, np.cumsum(sizes))
        golds = [collection.golds[language] for language in queries]
        whole = ranking.rank(
            np.concatenate(list(queries.values())),
            documents,
            np.concatenate([gold.query + offset for gold, offset in zip(golds, offsets, strict=False)]),
            np.concatenate([gold.language for gold in golds]),
            np.concatenate([gold.document for gold in golds]),
            np.concatenate([gold.grade for gold in golds]),
            top=list_length(collection),
            blocks=blocks,
            advance=advance,
        )
        self._rankings = {
            language: whole.slice(int(offsets[number]), int(offsets[number + 1]))
            for number, language in enumerate(queries)
        }

    def of(self, query: str, documents: Sequence[int]) -> Ranking:
        return self._rankings[query]

    def tied_at(self, query: str, rows: Ints, scores: Ints) -> Ints:
        return ranking.tied_with(self._queries[query][rows], scores, self._documents)
