"""Which texts are no negatives for which row: the one place that decides it. Numbers only; no text, no model.

The documents of a batch stand process by process: first the passages of a process's rows, then the hard negatives of
these rows, row by row. A (row, column) that is named here is taken out of the row's softmax.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from xbench.arrays import Ints, Numbers
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

    def passage(self, row: int) -> int:
        """The column of a row of the whole batch."""
        return (row % self.processes) * self._block + row // self.processes

    def negative(self, row: int, number: int) -> int:
        """The column of a row's hard negative."""
        block = (row % self.processes) * self._block
        return block + self._share + (row // self.processes) * self.negatives + number

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


def forbidden(corpus: Corpus, batch: Batch, drawn: Ints, layout: Layout, in_batch: bool) -> Ints:
    """[pairs, 2]: a place among this process's rows, and a column of the gathered documents that is no negative for it.

    A row's softmax leaves out: passages of its own unit in other rows (the same meaning, mostly in another language),
    hard negatives that are a passage of its unit in any language, and absent ones. Without `in_batch` a row has its
    own documents only: column 0 its passage, then its hard negatives.
    """
    owners = _owners(corpus, batch) if drawn.shape[1] else {}
    if not in_batch:
        return _own_only(drawn, layout, owners)
    pairs = _same_unit(batch.units, layout)
    everyone = set(layout.mine)
    for row, texts in enumerate(drawn.tolist()):
        for number, text in enumerate(texts):
            rows = everyone if text == ABSENT else everyone & owners.get(text, set())
            pairs += [(mine // layout.processes, layout.negative(row, number)) for mine in sorted(rows)]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _same_unit(units: Ints, layout: Layout) -> list[tuple[int, int]]:
    if len(np.unique(units)) == len(units):
        return []
    rows: dict[int, list[int]] = {}
    for row, unit in enumerate(units.tolist()):
        rows.setdefault(unit, []).append(row)
    return [
        (mine // layout.processes, layout.passage(row))
        for mine in layout.mine
        for row in rows[int(units[mine])]
        if row != mine
    ]


def _own_only(drawn: Ints, layout: Layout, owners: dict[int, set[int]]) -> Ints:
    pairs = [
        (row // layout.processes, 1 + number)
        for row in layout.mine
        for number, text in enumerate(drawn[row].tolist())
        if text == ABSENT or row in owners.get(text, set())
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _owners(corpus: Corpus, batch: Batch) -> dict[int, set[int]]:
    """Text -> rows whose unit has it as its passage in some language."""
    owners: dict[int, set[int]] = {}
    for row, texts in enumerate(np.asarray(corpus.passage[:, batch.units]).T.tolist()):
        for text in texts:
            owners.setdefault(text, set()).add(row)
    return owners
