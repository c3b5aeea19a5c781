"""Who can be drawn: per language the units that have it, and what a recipe's choice of languages leaves of them.

Knows arrays of numbers and a recipe's choice; draws nothing. Lists of units stay on disk where the corpus lies there;
in memory are only those that a cap shortened, and those of pairs too rare to be found by drawing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xbench.arrays import Ints, Numbers, blocks
from xbench.errors import TrainingError
from xbench.specs import LanguageChoice
from xbench.training.corpus import Corpus, Index

RARE = 64  # a pair that fewer than one in RARE of the drawn units have gets a list of its own
EVERY = np.uint64(2**64 - 1)


def write_index(folder: Path, query: Numbers, passage: Numbers, group: Numbers, groups: int) -> dict[str, Any]:
    """Index a table; the lists go to a file of its folder. `query`, `passage` [languages, units]."""
    lengths: list[int] = []
    with (folder / "lists.bin").open("wb") as stream:
        for side in (query, passage):
            for column in side:
                held = 0
                for part in _having(column):
                    stream.write(part.tobytes())
                    held += len(part)
                lengths.append(held)
    distinct = [_distinct(query[number], passage[number], group, groups) for number in range(len(query))]
    counts = _counts(query, passage).tolist()
    return {"lengths": lengths, "counts": counts, "distinct": distinct, "groups": groups}


def read_index(folder: Path, written: Mapping[str, Any], query: Numbers, passage: Numbers) -> Index:
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


def priority(units: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    """A fixed scrambled number for each unit (splitmix64): a cap keeps the least, so languages keep the same units."""
    mixed = units.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@dataclass(frozen=True)
class Pools:
    """What a recipe may draw from: `asks`, `answers` per language, `counts` [languages, languages] of (query language,
    passage language), `limit` [languages]: a unit counts in a language where its priority is at most that."""

    corpus: Corpus
    asks: tuple[Numbers, ...]
    answers: tuple[Numbers, ...]
    counts: Ints
    limit: npt.NDArray[np.uint64]
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

    def fits(self, units: npt.NDArray[Any], asks: Any, answers: Any) -> npt.NDArray[np.bool_]:
        """Whether units have both sides of their pairs (or of one pair), and other text on each side."""
        query, passage = self.corpus.query[asks, units], self.corpus.passage[answers, units]
        own = (query >= 0) & (passage >= 0) & (query != passage)
        if (self.limit == EVERY).all():
            return np.asarray(own)
        rank = priority(units)
        return np.asarray(own & (rank <= self.limit[asks]) & (rank <= self.limit[answers]))

    def versions(self, units: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """[units, languages]: where units have a passage that may be drawn."""
        has: npt.NDArray[np.bool_] = self.corpus.passage[:, units].T >= 0
        has &= np.array([len(answers) > 0 for answers in self.answers])
        return has & (priority(units)[:, None] <= self.limit)


def choose(corpus: Corpus, choice: LanguageChoice) -> Pools:
    """The pools that a recipe's choice of languages leaves. Raises TrainingError where it leaves none."""
    index = index_of(corpus)
    kept = np.array([language not in choice.exclude for language in corpus.languages])
    if not kept.any():
        raise TrainingError(f"languages.exclude leaves none of the corpus's languages {', '.join(corpus.languages)}")
    none = np.empty(0, np.int32)
    asks = [held if keep else none for held, keep in zip(index.asks, kept, strict=True)]
    answers = [held if keep else none for held, keep in zip(index.answers, kept, strict=True)]
    counts = np.where(kept[:, None] & kept, index.counts, 0)
    distinct = tuple(count if keep else 0 for count, keep in zip(index.distinct, kept, strict=True))
    limit = np.full(len(kept), EVERY)
    for number, language in enumerate(corpus.languages):
        cap = choice.cap_of(language)
        if cap is not None and kept[number]:
            limit[number] = _limit(asks[number], answers[number], cap)
    if (limit == EVERY).all():
        return Pools(corpus, tuple(asks), tuple(answers), counts, limit, distinct, index.groups)
    return _capped(corpus, asks, answers, limit, index.groups)


def _limit(asks: Numbers, answers: Numbers, cap: int) -> np.uint64:
    """The priority of the last of `cap` units that have a language on either side; EVERY where there are no more."""
    best = np.empty(0, np.uint64)
    for held in (asks, answers):
        for block in blocks(len(held)):
            best = np.unique(np.concatenate([best, priority(held[block])]))[: cap + 1]
    return best[cap - 1] if len(best) > cap else EVERY


def _capped(
    corpus: Corpus, asks: Sequence[Numbers], answers: Sequence[Numbers], limit: npt.NDArray[np.uint64], groups: int
) -> Pools:
    def within(held: Numbers, number: int) -> Numbers:
        if limit[number] == EVERY:
            return held
        parts = [held[block][priority(held[block]) <= limit[number]] for block in blocks(len(held))]
        return np.concatenate([np.empty(0, np.int32), *parts])

    kept_asks = tuple(within(held, number) for number, held in enumerate(asks))
    kept_answers = tuple(within(held, number) for number, held in enumerate(answers))
    both = [[_shared(one, other) for other in kept_answers] for one in kept_asks]
    counts = np.array([[len(units) for units in row] for row in both], np.int64)
    distinct = tuple(len(np.unique(corpus.group[row[number]])) for number, row in enumerate(both))
    return Pools(corpus, kept_asks, kept_answers, counts, limit, distinct, groups)


def _shared(one: Numbers, other: Numbers) -> Numbers:
    if one is other:
        return one
    return np.intersect1d(one, other, assume_unique=True)
