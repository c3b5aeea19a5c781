"""What ranks a collection, for scores and for files: by vectors, or by the terms that texts share.

A ranker gives counts (`rankings`), from which every metric follows, and ranked lists, from the same scores. Knows
collections, vectors and integers; no model and no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol, TypeAlias

import numpy as np

from xbench.arrays import Hashes, Ints, Vectors
from xbench.data.collection import Collection
from xbench.evaluation import lists
from xbench.evaluation.indexed import IndexedRankings, Score
from xbench.evaluation.lists import Lists
from xbench.evaluation.ranking import Advance, dot_scale, exact
from xbench.evaluation.rankings import DenseRankings, Rankings

CELLS = 2**20  # scores of a term ranker held at once for its lists (queries x documents)

DocumentSet: TypeAlias = tuple[int, ...]
"""Numbers of document languages, ascending."""
ListBlocks: TypeAlias = Iterator[tuple[slice, dict[DocumentSet, Lists]]]


class Ranker(Protocol):
    """One collection, ready to be ranked.

    `rankings`: counts for every setting; `advance` hears how many queries are done. `lists`: for one block of a
    language's queries after another, its rows and by set of document languages the best `depth` documents, numbered
    through all languages of the collection in order.
    """

    def rankings(self, advance: Advance) -> Rankings: ...
    def lists(self, query: str, documents: Sequence[DocumentSet], depth: int) -> ListBlocks: ...


class VectorRanker:
    """Scores are products of vectors. `queries` and `documents` are exact vectors by language (ranking.exact); `unit`
    times a product of two is the score that the model means."""

    def __init__(
        self,
        collection: Collection,
        queries: Mapping[str, Vectors],
        documents: Mapping[str, Vectors],
        unit: float = 1.0,
    ) -> None:
        self.queries, self.documents = queries, documents
        self._unit, self._ties = unit, _TieKeys(collection)
        self._collection = collection

    @classmethod
    def of(
        cls, collection: Collection, queries: Mapping[str, Vectors], documents: Mapping[str, Vectors], similarity: str
    ) -> VectorRanker:
        """The ranker of vectors as an encoder gives them: normalised for a cosine, one scale a side for dot products.

        Raises EncoderError for vectors that cannot be scored.
        """
        scales = [dot_scale(side.values()) if similarity == "dot" else None for side in (queries, documents)]
        sides = (
            {language: exact(vectors, scales[0]) for language, vectors in queries.items()},
            {language: exact(vectors, scales[1]) for language, vectors in documents.items()},
        )
        return cls(collection, *sides, 1 / ((scales[0] or 1.0) * (scales[1] or 1.0)))

    def rankings(self, advance: Advance) -> DenseRankings:
        return DenseRankings(self._collection, self.queries, self.documents, advance=advance)

    def lists(self, query: str, documents: Sequence[DocumentSet], depth: int) -> ListBlocks:
        chosen = tuple(sorted({number for setting in documents for number in setting}))
        names = [self._collection.document_languages[number] for number in chosen]
        vectors = {name: self.documents[name] for name in names}
        keys, numbers = self._ties.queries(query), self._ties.numbers(chosen)
        sides = (self.queries[query], vectors, keys, self._ties.documents)
        for rows, parts in lists.by_language(*sides, depth, self._unit):
            listed = dict(zip(chosen, parts.values(), strict=True))
            pooled = {
                setting: listed[setting[0]]
                if len(setting) == 1
                else lists.merge([listed[number] for number in setting], keys[rows], self._ties.keys(chosen), depth)
                for setting in documents
            }
            yield rows, {setting: Lists(numbers[part.documents], part.scores) for setting, part in pooled.items()}


class TermRanker:
    """Scores are integers in multiples of `unit`; each set of document languages is scored on its own, for what a term
    is worth depends on the documents. `score` as in IndexedRankings."""

    def __init__(self, collection: Collection, score: Score, unit: float) -> None:
        self._collection, self._score, self._unit = collection, score, unit
        self._ties = _TieKeys(collection)

    def rankings(self, advance: Advance) -> IndexedRankings:
        return IndexedRankings(self._collection, self._score, self._unit, advance=advance)

    def lists(self, query: str, documents: Sequence[DocumentSet], depth: int) -> ListBlocks:
        keys = self._ties.queries(query)
        size = max(1, CELLS // sum(map(len, self._collection.documents.values())))
        for first in range(0, len(keys), size):
            rows = slice(first, min(first + size, len(keys)))
            ranked = {}
            for setting in documents:
                scores = np.asarray(self._score(query, setting, rows) * self._unit, np.float64)
                best = lists.best(scores, keys[rows], self._ties.keys(setting), depth)
                ranked[setting] = Lists(self._ties.numbers(setting)[best.documents], best.scores)
            yield rows, ranked


class _TieKeys:
    """What orders ties in the lists of a collection, made on first use."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def queries(self, language: str) -> Hashes:
        """[queries of a language]."""
        return lists.query_keys(self._collection.queries[language].texts)

    @cached_property
    def documents(self) -> dict[str, Hashes]:
        """[documents] by language."""
        return lists.document_keys({name: part.texts for name, part in self._collection.documents.items()})

    def keys(self, languages: DocumentSet) -> Hashes:
        """[documents of these languages in order]."""
        every = list(self.documents.values())
        return np.concatenate([every[number] for number in languages])

    def numbers(self, languages: DocumentSet) -> Ints:
        """[documents of these languages in order] Their numbers through all languages."""
        ends = np.cumsum([len(part) for part in self._collection.documents.values()])
        sizes = [len(part) for part in self._collection.documents.values()]
        return np.concatenate([np.arange(ends[number] - sizes[number], ends[number]) for number in languages])
