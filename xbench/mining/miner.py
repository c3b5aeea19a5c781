"""Hard negatives for a corpus: passages that an encoder puts near a query, and that nothing says are an answer to it.

A row is a unit in a language in which it has both sides. Its query is searched among passages, and of the nearest ones
those are kept that score below the margin under the row's own passage (TopK-PercPos of arXiv 2407.15831). Knows the
numbers of a corpus and vectors; no text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from xbench.arrays import Flags, Floats, Ints, Numbers, blocks
from xbench.errors import SpecError
from xbench.mining.neighbours import TextSide, nearest, scores
from xbench.training.corpus import Corpus

UnitNegatives: TypeAlias = dict[int, list[int]]
"""Numbers of texts by the number of their language."""

UNITS = 2_048  # searched for at a time


@dataclass(frozen=True)
class Rules:
    """`among`: the passages of the query's own language, or of all. `depth`: how many of the nearest are looked at.
    `negatives`: the hardest so many that are left are kept. `margin`: they score below `margin` times the score of the
    row's own passage, or as far below a negative one; more than 0, at most 1."""

    among: Literal["own", "all"]
    depth: int
    negatives: int
    margin: float

    def __post_init__(self) -> None:
        if not 0 < self.margin <= 1:
            raise SpecError(f"--margin {self.margin}: expected more than 0 and at most 1")


@dataclass(frozen=True)
class Rows:
    """The negatives of the rows of one language: `units` [rows] and their own `positive` score; by row `text`
    [rows, negatives], the number of a passage or -1, hardest first, its `score` and the number of its `language`."""

    units: Ints
    positive: Floats
    text: Ints
    score: Floats
    language: Ints


class Miner:
    """Mines a corpus whose texts are encoded."""

    def __init__(self, corpus: Corpus, queries: TextSide, passages: TextSide, rules: Rules) -> None:
        self._corpus, self._queries, self._passages, self._rules = corpus, queries, passages, rules
        self._shelves = _shelves(corpus, passages, rules.among)
        self._groups = _groups(corpus, passages)
        self._answers = [_answers(corpus, language) for language in range(len(corpus.languages))]

    def mine(self) -> Iterator[tuple[range, list[Rows]]]:
        """Units in order, a block of them at a time, with the negatives of their rows in each language."""
        for block in blocks(len(self._corpus), UNITS):
            languages = range(len(self._corpus.languages))
            yield (
                range(block.start, block.stop),
                [self._rows(number, *self._sides(block, number)) for number in languages],
            )

    def _sides(self, block: slice, language: int) -> tuple[Ints, Ints, Ints]:
        """The units of a block that have both sides in a language, and the places of these texts."""
        query = self._queries.places(np.asarray(self._corpus.query[language, block]))
        passage = self._passages.places(np.asarray(self._corpus.passage[language, block]))
        both = np.flatnonzero((query >= 0) & (passage >= 0))
        return both + block.start, query[both], passage[both]

    def _rows(self, language: int, units: Ints, query: Ints, passage: Ints) -> Rows:
        shelf, vectors, passages = self._shelves[language], self._queries.vectors[query], self._passages.vectors
        positive = scores(vectors, passages, passage[:, None])[:, 0]
        place, score = nearest(vectors, passages, shelf.places, self._rules.depth)
        text = self._passages.numbers[place].astype(np.int64)
        negative = score < limit(positive, self._rules.margin)[:, None]
        negative &= ~self._answering(units, self._groups[place])
        negative &= ~self._is_query(units, text)
        hardest = np.argsort(~negative, axis=1, kind="stable")[:, : self._rules.negatives]
        text[~negative] = -1
        return Rows(
            units,
            positive,
            np.take_along_axis(text, hardest, axis=1),
            np.take_along_axis(score, hardest, axis=1),
            np.take_along_axis(shelf.languages[place].astype(np.int64), hardest, axis=1),
        )

    def _answering(self, units: Ints, group: Numbers) -> Flags:
        """[rows, depth] Passages that answer what the row's unit asks in any language: its own, those of a unit that
        asks the same, and of the group of either; each in any language."""
        same = np.zeros(group.shape, bool)
        for column, answered in zip(self._corpus.query, self._answers, strict=True):
            pairs = _pairs(self._corpus, column[units][:, None], group)
            same |= answered[np.minimum(np.searchsorted(answered, pairs), len(answered) - 1)] == pairs
        return same

    def _is_query(self, units: Ints, text: Ints) -> Flags:
        """[rows, depth] Passages that are the query of the row's unit, in any language."""
        same = np.zeros(text.shape, bool)
        for column in self._corpus.query:
            same |= text == column[units][:, None]
        return same


def limit(positive: Floats, margin: float) -> Floats:
    """What a negative scores less than. A share of a negative score would lie above it, so there the distance counts:
    `margin` x s for a score s of 0 or more, s - (1 - margin) x |s| for any."""
    return positive - (1 - margin) * np.abs(positive)


@dataclass(frozen=True)
class _Shelf:
    """What the queries of a language are searched among: `places` of passages; `languages` [all passages], the language
    that each is a negative in."""

    places: Ints
    languages: Numbers


def _shelves(corpus: Corpus, passages: TextSide, among: str) -> list[_Shelf]:
    """By language. A text that several languages have is, among all, a negative in the first of them."""
    own = []
    for column in corpus.passage:
        places = np.unique(passages.places(np.unique(column)))
        own.append(places[places >= 0])
    if among == "own":
        size = len(passages.numbers)
        return [_Shelf(places, np.broadcast_to(np.int32(number), size)) for number, places in enumerate(own)]
    languages = np.zeros(len(passages.numbers), np.int32)
    for number, places in reversed(list(enumerate(own))):
        languages[places] = number
    return [_Shelf(np.arange(len(languages)), languages)] * len(own)


def _groups(corpus: Corpus, passages: TextSide) -> Numbers:
    """[passages] The group of the units that have a passage; they are all of one."""
    groups = np.empty(len(passages.numbers), np.int32)
    for column in corpus.passage:
        for block in blocks(len(column)):
            places = passages.places(np.asarray(column[block]))
            groups[places[places >= 0]] = corpus.group[block][places >= 0]
    return groups


def _answers(corpus: Corpus, language: int) -> Ints:
    """Which groups answer which queries of a language: ascending numbers, one for each such pair, after one that is
    none."""
    pairs = [np.array([np.iinfo(np.int64).min])]
    for block in blocks(len(corpus)):
        query = np.asarray(corpus.query[language, block])
        here = query >= 0
        pairs.append(np.unique(_pairs(corpus, query[here], np.asarray(corpus.group[block])[here])))
    return np.unique(np.concatenate(pairs))


def _pairs(corpus: Corpus, query: Numbers, group: Numbers) -> Ints:
    """One number for a query text and a group; there are no more groups than units."""
    return np.asarray(query.astype(np.int64) * len(corpus) + group)


def by_unit(units: range, by_language: Sequence[Rows]) -> list[UnitNegatives]:
    """For each unit the numbers of its negatives by the number of their language, each once, hardest of a row first."""
    negatives: list[UnitNegatives] = [{} for _ in units]
    for rows in by_language:
        row, column = (rows.text >= 0).nonzero()
        columns = (rows.units[row] - units.start, rows.language[row, column], rows.text[row, column])
        for unit, language, text in zip(*(part.tolist() for part in columns), strict=True):
            listed = negatives[unit].setdefault(language, [])
            if text not in listed:
                listed.append(text)
    return negatives
