"""The best documents of each row of scores while blocks pass by: a threshold per row, merged over blocks.

Documents that tie are ordered by keys where there are any, and else as they came, so the same documents in the same
order give the same lists for any block. Knows numbers only; what a score or a key means is the caller's business.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from xbench.arrays import Floats, Hashes, Ints

TieOrder: TypeAlias = Callable[[Ints, Ints], Hashes]
"""(rows [n], documents [n]) -> keys [n]: of two that tie, the smaller one stands first."""

LOWEST = -(2**62)  # below every score
ABSENT = -1  # no document


class Top:
    """The best `depth` documents of each of `rows`, gathered block by block."""

    def __init__(self, rows: int, depth: int, ties: TieOrder | None = None) -> None:
        self._rows, self._depth, self._ties = rows, depth, ties
        self._best: Floats = np.empty((rows, 0))  # each row's best scores so far, in no order
        self._candidates: list[tuple[Ints, Ints, Floats]] = []  # (row, document, score) of what reached a threshold

    def add(self, scores: Floats, documents: int | Ints, largest: Floats | None = None) -> None:
        """One block: scores [rows, n], and the number of its first document, or of each [rows, n].

        `largest` [rows, at least depth or all]: each row's best scores, or what lies a little below them, where that is
        known already.
        """
        largest = _largest(scores, self._depth) if largest is None else largest
        self._best = _largest(np.concatenate([self._best, largest], axis=1), self._depth)
        full = self._best.shape[1] == self._depth
        threshold = self._best.min(axis=1, initial=np.inf) if full else np.full(self._rows, -np.inf)
        reached = scores >= threshold[:, None]
        if self._ties is None and np.count_nonzero(reached) > 2 * self._best.size:
            for row in range(self._rows):  # of those that tie, the first ones are enough
                reached[row, np.flatnonzero(scores[row] == threshold[row])[self._depth :]] = False
        hits = np.flatnonzero(reached)
        document = documents.ravel()[hits] if isinstance(documents, np.ndarray) else hits % scores.shape[1] + documents
        self._candidates.append((hits // max(1, scores.shape[1]), document, scores.ravel()[hits]))
        if sum(len(part[0]) for part in self._candidates) > 4 * self._rows * self._depth:
            self._drop_surplus()

    def _drop_surplus(self) -> Ints:
        """Leave each row's best candidates, best first; the place of each in its list. Ties would fill memory."""
        row, document, score = (np.concatenate(parts) for parts in zip(*self._candidates, strict=True))
        order = self._order(row, document, score)
        place = _places(row[order], self._rows)
        order, place = order[place < self._depth], place[place < self._depth]
        self._candidates = [(row[order], document[order], score[order])]
        return place

    def _order(self, row: Ints, document: Ints, score: Floats) -> Ints:
        """Candidates by row, and best first in each; one sort is fastest for few, and a sort per row for long lists."""
        if self._ties is None:
            return np.lexsort((-score, row))
        keys, by_row = self._ties(row, document), np.argsort(row, kind="stable")
        parts = np.split(by_row, np.searchsorted(row[by_row], np.arange(1, self._rows)))
        return np.concatenate([part[np.lexsort((keys[part], -score[part]))] for part in parts])

    def lists(self) -> tuple[Floats, Ints]:
        """Scores and documents [rows, depth], best first; LOWEST and ABSENT where there are fewer documents."""
        scores = np.full((self._rows, self._depth), float(LOWEST))
        documents = np.full(scores.shape, ABSENT, np.int64)
        if self._candidates:
            place = self._drop_surplus()
            row, document, score = self._candidates[0]
            scores[row, place], documents[row, place] = score, document
        return scores, documents


def _largest(scores: Floats, count: int) -> Floats:
    """Each row's `count` largest scores, in some order; all of them where there are fewer."""
    if scores.shape[1] <= count:
        return scores
    return np.sort(scores, axis=1)[:, -count:]  # where most scores tie, a partition takes far longer


def _places(row: Ints, rows: int) -> Ints:
    """The place of each candidate among those of its row, from 0; `row` is ascending."""
    return np.arange(len(row)) - np.searchsorted(row, np.arange(rows))[row]
