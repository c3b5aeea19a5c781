"""Who can be drawn: per language the units that have it, and what a recipe's choice of languages leaves of them.

Knows arrays of numbers and a recipe's choice; draws nothing. Lists of units stay on disk where the corpus lies there;
in memory are only those that a cap shortened, and those of pairs too rare to be found by drawing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, TypedDict

import numpy as np
import numpy.typing as npt

from xbench.arrays import Flags, Hashes, Ints, Numbers, blocks, scrambled
from xbench.errors import TrainingError
from xbench.specs import LanguageChoice
from xbench.training.corpus import Corpus, Index

RARE = 64  # a pair that fewer than one in RARE of the drawn units have gets a list of its own
EVERY = np.uint64(2**64 - 1)
GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # the step of SplitMix64
Units: TypeAlias = npt.NDArray[np.integer]
"""Numbers of units, of any width."""


class WrittenIndex(TypedDict):
    """An index as a table's manifest has it; its lists lie one after the other in a file of their own."""

    lengths: list[int]
    counts: list[list[int]]
    distinct: list[int]
    groups: int


def write_index(folder: Path, query: Numbers, passage: Numbers, group: Numbers, groups: int) -> WrittenIndex:
    """Index a table; the lists go to a file of its folder. `query`, `passage` [languages, units]."""
    lengths: list[int] = []
    with (folder / "lists.bin").open("wb") as stream:
        for side in (query, passage):
            for column in side:
                length = 0
                for part in _having(column):
                    stream.write(part.tobytes())
                    length += len(part)
                lengths.append(length)
    distinct = [_distinct(query[number], passage[number], group, groups) for number in range(len(query))]
    counts = _counts(query, passage).tolist()
    return {"lengths": lengths, "counts": counts, "distinct": distinct, "groups": groups}


def read_index(folder: Path, written: WrittenIndex, query: Numbers, passage: Numbers) -> Index:
    """The index of a table that lies in `folder`."""
    lengths = written["lengths"]
    path = folder / "lists.bin"
    flat = np.memmap(path, np.int32, "r") if sum(lengths) else np.empty(0, np.int32)
    lists = np.split(flat, np.cumsum(lengths)[:-1])
    half = len(lengths) // 2
    counts, distinct = np.array(written["counts"], np.int64), tuple(written["distinct"])
    return Index(query, passage, tuple(lists[:half]), tuple(lists[half:]), counts, distinct, written["groups"])


def index_of(corpus: Corpus) -> Index:
    """The index of a corpus: its table's, or one made in memory, as for a part of a table."""
    if corpus.index and corpus.index.query is corpus.query and corpus.index.passage is corpus.passage:
        return corpus.index
    query, passage, group = corpus.query, corpus.passage, corpus.group
    lists = [[np.concatenate(list(_having(column))) for column in side] for side in (query, passage)]
    groups = int(group.max()) + 1
    distinct = tuple(_distinct(query[number], passage[number], group, groups) for number in range(len(query)))
    counts = _counts(query, passage)
    return Index(query, passage, tuple(lists[0]), tuple(lists[1]), counts, distinct, len(np.unique(group)))


def _having(column: Numbers) -> Iterator[Numbers]:
    for block in blocks(len(column)):
        yield (np.flatnonzero(column[block] >= 0) + block.start).astype(np.int32)


def _counts(query: Numbers, passage: Numbers) -> Ints:
    total = np.zeros((len(query), len(query)), np.int64)
    for block in blocks(query.shape[1]):
        sides = [(side[:, block] >= 0).astype(np.float32) for side in (query, passage)]
        total += (sides[0] @ sides[1].T).astype(np.int64)
    return total


def _distinct(query: Numbers, passage: Numbers, group: Numbers, groups: int) -> int:
    """How many groups have a unit with both sides in one language; `query`, `passage` [units] of that language."""
    seen = np.zeros(groups, bool)
    for block in blocks(len(group)):
        seen[group[block][(query[block] >= 0) & (passage[block] >= 0)]] = True
    return int(seen.sum())


def priority(units: Units) -> Hashes:
    """A fixed scrambled number for each unit, SplitMix64's: a cap keeps the least, so languages keep the same ones."""
    return scrambled(units.astype(np.uint64) + GOLDEN)


@dataclass(frozen=True)
class Pools:
    """What a recipe may draw from: `asks`, `answers` per language, `counts` [languages, languages] of (query language,
    passage language), `limit` [languages]: a unit counts in a language where its priority is at most that."""

    corpus: Corpus
    asks: tuple[Numbers, ...]
    answers: tuple[Numbers, ...]
    counts: Ints
    limit: Hashes
    distinct: tuple[int, ...]
    groups: int
    _rare: dict[tuple[int, int], Numbers] = field(default_factory=dict)

    def of(self, query_language: int, passage_language: int) -> Numbers:
        """Units to draw from for a pair; those that lack it must be refused with `fits`."""
        pair = (query_language, passage_language)
        pool = min(self.asks[query_language], self.answers[passage_language], key=len)
        if len(pool) <= RARE * int(self.counts[pair]):
            return pool
        if pair not in self._rare:
            parts = [part[self.fits(part, *pair)] for part in (pool[block] for block in blocks(len(pool)))]
            self._rare[pair] = np.concatenate([np.empty(0, np.int32), *parts])
        return self._rare[pair]

    def fits(self, units: Units, asks: Ints | int, answers: Ints | int) -> Flags:
        """Whether units have both sides of their pairs (or of one pair), and other text on each side."""
        query, passage = self.corpus.query[asks, units], self.corpus.passage[answers, units]
        own = (query >= 0) & (passage >= 0) & (query != passage)
        if (self.limit == EVERY).all():
            return np.asarray(own)
        rank = priority(units)
        return np.asarray(own & (rank <= self.limit[asks]) & (rank <= self.limit[answers]))

    def versions(self, units: Units) -> Flags:
        """[units, languages]: where units have a passage that may be drawn."""
        has: Flags = self.corpus.passage[:, units].T >= 0
        has &= np.array([len(answers) > 0 for answers in self.answers])
        return has & (priority(units)[:, None] <= self.limit)


def choose(corpus: Corpus, choice: LanguageChoice) -> Pools:
    """The pools that a recipe's choice of languages leaves. Raises TrainingError where it leaves none."""
    index = index_of(corpus)
    chosen = np.array([language not in choice.exclude for language in corpus.languages])
    if not chosen.any():
        raise TrainingError(f"languages.exclude leaves none of the corpus's languages {', '.join(corpus.languages)}")
    none = np.empty(0, np.int32)
    asks = [units if keep else none for units, keep in zip(index.asks, chosen, strict=True)]
    answers = [units if keep else none for units, keep in zip(index.answers, chosen, strict=True)]
    counts = np.where(chosen[:, None] & chosen, index.counts, 0)
    distinct = tuple(count if keep else 0 for count, keep in zip(index.distinct, chosen, strict=True))
    limit = np.full(len(chosen), EVERY)
    for number, language in enumerate(corpus.languages):
        cap = choice.cap_of(language)
        if cap is not None and chosen[number]:
            limit[number] = _limit(asks[number], answers[number], cap)
    if (limit == EVERY).all():
        return Pools(corpus, tuple(asks), tuple(answers), counts, limit, distinct, index.groups)
    return _capped(corpus, asks, answers, limit, index.groups)


def _limit(asks: Numbers, answers: Numbers, cap: int) -> np.uint64:
    """The priority of the last of `cap` units that have a language on either side; EVERY where there are no more."""
    best = np.empty(0, np.uint64)
    for units in (asks, answers):
        for block in blocks(len(units)):
            best = np.unique(np.concatenate([best, priority(units[block])]))[: cap + 1]
    return best[cap - 1] if len(best) > cap else EVERY


def _capped(corpus: Corpus, asks: Sequence[Numbers], answers: Sequence[Numbers], limit: Hashes, groups: int) -> Pools:
    def within(units: Numbers, number: int) -> Numbers:
        if limit[number] == EVERY:
            return units
        parts = [units[block][priority(units[block]) <= limit[number]] for block in blocks(len(units))]
        return np.concatenate([np.empty(0, np.int32), *parts])

    few_asks = tuple(within(units, number) for number, units in enumerate(asks))
    few_answers = tuple(within(units, number) for number, units in enumerate(answers))
    both = [[_shared(first, second) for second in few_answers] for first in few_asks]
    counts = np.array([[len(units) for units in row] for row in both], np.int64)
    distinct = tuple(len(np.unique(corpus.group[row[number]])) for number, row in enumerate(both))
    return Pools(corpus, few_asks, few_answers, counts, limit, distinct, groups)


def _shared(first: Numbers, second: Numbers) -> Numbers:
    if first is second:
        return first
    return np.intersect1d(first, second, assume_unique=True)
