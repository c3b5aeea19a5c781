"""Which texts are no negatives for which row: the one place that decides it. Numbers only; no text, no model.

The documents of a batch stand process by process: first the passages of a process's rows, then the hard negatives of
these rows, row by row. A (row, column) that is named here is taken out of the row's softmax.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from xbench.arrays import Flags, Ints, Numbers
from xbench.training.batches import Batch
from xbench.training.corpus import Corpus

ABSENT = -1


class HardNegatives(Protocol):
    """What a corpus may offer: numbers of texts in `language` that look like answers to `unit` and are none."""

    def of(self, unit: int, language: int) -> Numbers:
        """The numbers of a unit's negatives in a language."""


@dataclass(frozen=True)
class Layout:
    """Where the documents of a batch stand once those of all processes are gathered."""

    process: int
    processes: int
    rows: int
    negatives: int

    def columns(self, row: Ints, number: Ints) -> Ints:
        """Where documents stand: of rows of the whole batch, 0 the passage, then the hard negatives."""
        place = row // self.processes
        negative = self._share + place * self.negatives + number - 1
        return row % self.processes * self._block + np.where(number == 0, place, negative)

    @property
    def mine(self) -> range:
        """This process's rows of the whole batch."""
        return range(self.process, self.rows, self.processes)

    @property
    def _share(self) -> int:
        return self.rows // self.processes

    @property
    def _block(self) -> int:
        return self._share * (1 + self.negatives)


def draw_negatives(negatives: HardNegatives | None, batch: Batch, count: int, seed: int, step: int) -> Ints:
    """`count` texts per row [rows, count], ABSENT where its unit has fewer; a function of (seed, step)."""
    drawn = np.full((len(batch.units), count), ABSENT, np.int64)
    if negatives is None or not count:
        return drawn
    draw = np.random.default_rng((seed, step, 1))
    for row, (unit, language) in enumerate(zip(batch.units.tolist(), batch.passage_language.tolist(), strict=True)):
        texts = np.unique(negatives.of(unit, language))
        chosen = draw.permutation(texts)[:count]
        drawn[row, : len(chosen)] = chosen
    return drawn


@dataclass(frozen=True)
class LeftOut:
    """Documents of a batch that are no negatives for a row, by the rule that says so. Each [cells, 3]: the row, the row
    that the document is of, and which of that row's documents it is: 0 its passage, then its hard negatives.

    `own_unit`: passages of the row's unit in other rows, mostly in other languages. `own_query`: texts that are a query
    of its unit in any language, as where the passage of one unit is the query of another; its own passage never.
    `own_passage`: hard negatives that are a passage of its unit in any language. `absent`: hard negatives that there
    are not. A cell may stand under several rules.
    """

    own_unit: Ints
    own_query: Ints
    own_passage: Ints
    absent: Ints

    def cells(self) -> Ints:
        """[cells, 3] of all rules together."""
        return np.concatenate([self.own_unit, self.own_query, self.own_passage, self.absent])


def left_out(corpus: Corpus, batch: Batch, drawn: Ints, in_batch: bool) -> LeftOut:
    """What is no negative for whom in a whole batch, with its hard negatives `drawn` [rows, count]; without `in_batch`
    of a row's own documents only."""
    passages = corpus.passage[batch.passage_language, batch.units]
    queries_of, passages_of = (np.asarray(side[:, batch.units]) for side in (corpus.query, corpus.passage))
    own_unit = _shared(batch.units[:, None], batch.units[None])
    own_query = _shared(np.column_stack([passages, drawn]), queries_of)
    own_passage = _shared(drawn, passages_of) + np.array([0, 0, 1])
    rules = (
        own_unit[~_own_passage(own_unit)],
        own_query[~_own_passage(own_query)],
        own_passage,
        _absent(drawn == ABSENT),
    )
    return LeftOut(*(cells if in_batch else cells[cells[:, 0] == cells[:, 1]] for cells in rules))


def _shared(documents: Ints, texts: Ints | Numbers) -> Ints:
    """[cells, 3] (row, row of the document, which of its documents): where a document [rows, count] is among the texts
    [languages, rows] of a row. Costs a sort of the texts."""
    has = texts >= 0
    held, rows = texts[has], np.nonzero(has)[1]
    order = np.argsort(held, kind="stable")
    held, rows, wanted = held[order], rows[order], documents.ravel()
    first, last = (np.searchsorted(held, wanted, side) for side in ("left", "right"))
    times = last - first
    place = np.repeat(np.arange(len(wanted)), times)
    nth = np.arange(len(place)) - np.repeat(np.cumsum(times) - times, times)
    owner, number = np.divmod(place, max(1, documents.shape[1]))
    cells = np.column_stack([rows[np.repeat(first, times) + nth], owner, number])
    return np.unique(cells, axis=0)  # a text may be that of a unit in several languages


def _absent(holes: Flags) -> Ints:
    """[cells, 3] for all rows, where there is no hard negative in `holes` [rows, count]."""
    owner, number = np.nonzero(holes)
    rows = np.arange(len(holes) if len(owner) else 0)
    return np.column_stack([np.repeat(rows, len(owner)), np.tile(owner, len(rows)), np.tile(number + 1, len(rows))])


def _own_passage(cells: Ints) -> Flags:
    return np.asarray((cells[:, 0] == cells[:, 1]) & (cells[:, 2] == 0))


def forbidden(corpus: Corpus, batch: Batch, drawn: Ints, layout: Layout, in_batch: bool) -> Ints:
    """[pairs, 2]: a place among this process's rows, and a column of the gathered documents that is no negative for it.

    Without `in_batch` a row has its own documents only: column 0 its passage, then its hard negatives.
    """
    cells = left_out(corpus, batch, drawn, in_batch).cells()
    row, owner, number = cells[cells[:, 0] % layout.processes == layout.process].T
    column = layout.columns(owner, number) if in_batch else number
    return np.unique(np.column_stack([row // layout.processes, column]), axis=0)
