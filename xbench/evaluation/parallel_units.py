"""Which texts of two languages say the same: the versions of a question, or its golds. Knows collections; no vector.

Units stand in the order of their questions' digests, so that no number depends on the order of a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from xbench.arrays import Ints
from xbench.data.collection import Collection
from xbench.evaluation.alignment_scores import Side

Places = Mapping[str, int]
"""Where the text of a question stands among its language's, by question."""


@dataclass(frozen=True)
class ParallelUnits:
    """Texts of two languages: row i of `rows[0]` and of `rows[1]` [units] say the same."""

    languages: tuple[str, str]
    rows: tuple[Ints, Ints]

    def __len__(self) -> int:
        return len(self.rows[0])


def parallel_units(collection: Collection, side: Side) -> Iterator[ParallelUnits]:
    """The units of every two languages of a side, in the order of the languages; none where nothing is shared.

    Of golds those of questions with one relevant document in each of the two languages, each document once.
    """
    places = _queries(collection) if side == "queries" else _golds(collection)
    for first, second in combinations(places, 2):
        shared = sorted(places[first].keys() & places[second].keys(), key=_digest)
        rows = [(places[first][question], places[second][question]) for question in shared]
        array = np.array(_distinct(rows), np.int64).reshape(-1, 2)
        yield ParallelUnits((first, second), (array[:, 0].copy(), array[:, 1].copy()))


def _queries(collection: Collection) -> dict[str, Places]:
    return {
        language: {question: place for place, question in enumerate(part.questions)}
        for language, part in collection.queries.items()
    }


def _golds(collection: Collection) -> dict[str, Places]:
    """By document language and question; a question with several relevant documents in a language has none there."""
    every: dict[str, dict[str, set[int]]] = {language: {} for language in collection.documents}
    for language, golds in collection.golds.items():
        questions = collection.queries[language].questions
        relevant = (golds.grade > 0) & (golds.document >= 0)
        columns = (column[relevant].tolist() for column in (golds.query, golds.language, golds.document))
        for query, number, document in zip(*columns, strict=True):
            own = every[collection.document_languages[number]]
            own.setdefault(questions[query], set()).add(document)
    return {
        language: {question: next(iter(places)) for question, places in found.items() if len(places) == 1}
        for language, found in every.items()
    }


def _distinct(rows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those whose texts stand in none before: a passage that answers two questions is one unit."""
    seen: tuple[set[int], set[int]] = (set(), set())
    kept = []
    for row in rows:
        if row[0] not in seen[0] and row[1] not in seen[1]:
            kept.append(row)
        seen[0].add(row[0])
        seen[1].add(row[1])
    return kept


def _digest(question: str) -> bytes:
    return hashlib.blake2b(question.encode(), digest_size=16).digest()
