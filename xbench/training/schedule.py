"""Stratified drawing: in a round of batches every kind, language and pair comes up as often as it should, exactly.

A round's batches are counted out by largest remainders and put into an order that a seed shuffles. Round n depends on
(seed, n) and on no round before it, so any step can be had alone. Knows weights and numbers; no corpus and no text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from xbench.arrays import Floats, Ints

LONGEST = 1000  # batches of a round, at most
NEAR = 1e-9  # what rounding makes of a whole number


@dataclass(frozen=True)
class Portion:
    """A kind's share of the batches; `weights` [asks, answers] of what is drawn in it, `draws` times a batch."""

    share: float
    weights: Floats
    draws: int

    @property
    def languages(self) -> int:
        """How many equal parts a round must have: the languages of queries, where all weigh the same; else 1."""
        asks = self.weights.sum(axis=1)
        asks = asks[asks > 0]
        return len(asks) if np.allclose(asks, asks[0]) else 1

    def is_exact_in(self, batches: int) -> bool:
        """Whether a round of so many batches holds a whole number of this kind, and of draws of each language."""
        mine = batches * self.share
        return abs(mine - round(mine)) < LONGEST * NEAR and round(mine) * self.draws % self.languages == 0


class Schedule:
    """`schedule[step]` is (the kind of the batch, what is drawn in it: places in its kind's flattened weights)."""

    def __init__(self, portions: Mapping[str, Portion], seed: int) -> None:
        self._portions, self._seed = dict(portions), seed
        lengths = range(1, LONGEST + 1)
        exact = (n for n in lengths if all(portion.is_exact_in(n) for portion in portions.values()))
        self.round = next(exact, LONGEST)
        self._last: tuple[int, list[tuple[str, Ints]]] = (-1, [])

    def __getitem__(self, step: int) -> tuple[str, Ints]:
        number, place = divmod(step, self.round)
        last = self._last
        if last[0] != number:
            self._last = last = number, self._batches(number)
        return last[1][place]

    def _batches(self, number: int) -> list[tuple[str, Ints]]:
        draw = np.random.default_rng((self._seed, number, 2))  # (seed, step) draws units, (seed, step, 1) negatives
        shares = np.array([portion.share for portion in self._portions.values()])
        kinds = draw.permutation(np.repeat(np.arange(len(shares)), parts(shares, self.round, turn=number)))
        batches: list[tuple[str, Ints]] = [("", np.empty(0, np.int64))] * self.round
        for which, (kind, portion) in enumerate(self._portions.items()):
            steps = np.flatnonzero(kinds == which)
            counts = counted_out(portion.weights, len(steps) * portion.draws, number)
            places = draw.permutation(np.repeat(np.arange(counts.size), counts.ravel()))
            for step, drawn in zip(steps.tolist(), places.reshape(len(steps), portion.draws), strict=True):
                batches[step] = kind, drawn
        return batches


def counted_out(weights: Floats, total: int, turn: int) -> Ints:
    """[asks, answers] `total` draws by weight: first by row, then within it. Of equal weights, what is left over begins
    behind the diagonal in each row, so that answers have equal numbers where the rows have."""
    by_row = parts(weights.sum(axis=1), total, turn=turn)
    rows = [
        parts(row, int(count), place + 1, turn) for place, (row, count) in enumerate(zip(weights, by_row, strict=True))
    ]
    return np.stack(rows)


def parts(weights: Floats, total: int, first: int = 0, turn: int = 0) -> Ints:
    """`total` in proportion to weights by largest remainders. Equal remainders are served from place `first` on, and
    further on with each `turn`, so that over many turns all are served alike."""
    counts = np.zeros(len(weights), np.int64)
    if not total:
        return counts
    exact = weights / weights.sum() * total
    counts += np.floor(exact + NEAR).astype(np.int64)
    left = total - int(counts.sum())
    cycle = np.roll(np.arange(len(weights)), -first)
    cycle = cycle[weights[cycle] > 0]
    cycle = np.roll(cycle, -turn * left)
    remainders = np.round((exact - counts)[cycle], 6)
    counts[cycle[np.argsort(-remainders, kind="stable")[:left]]] += 1
    return counts
