"""Units for parallel batches: one query, and its passage in several languages. Knows pools; nothing of batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from xbench.arrays import Flags, Numbers, blocks
from xbench.errors import TrainingError
from xbench.training.pools import RARE, Pools
from xbench.training.weights import edges


class Several:
    """Draws units that have `versions` passages, a query language for each by `weights` [languages], and the languages
    of its passages."""

    def __init__(self, pools: Pools, versions: int, tau: float) -> None:
        self._pools, self._versions = pools, versions
        eligible = [self._eligible(units) for units in pools.asks]
        counts = np.array([count for count, _ in eligible], np.float64)
        if not counts.any():
            raise TrainingError(f"parallel batches: no unit has passages in {versions} languages; lower `versions`")
        self._lists = [few if few is not None else units for (_, few), units in zip(eligible, pools.asks, strict=True)]
        self.weights = np.where(counts > 0, np.maximum(counts, 1.0) ** tau, 0.0)
        self._edges = edges(self.weights)
        self._answers = np.array([max(len(units), 1) for units in pools.answers], np.float64) ** tau

    def _eligible(self, units: Numbers) -> tuple[int, Numbers | None]:
        """How many of a language's units have enough passages; those units too, where they are rare."""
        parts = [part[self._enough(part)] for part in (units[block] for block in blocks(len(units)))]
        count = sum(map(len, parts))
        return count, np.concatenate(parts) if 0 < count * RARE < len(units) else None

    def _enough(self, units: Numbers) -> Flags:
        return np.asarray(self._pools.versions(units).sum(axis=1) >= self._versions)

    def draw(
        self, draw: np.random.Generator, count: int, scheduled: Sequence[int] | None = None
    ) -> Iterable[tuple[int, int, list[int]]]:
        """Up to `count` (unit, query language, passage languages); in the query languages that are `scheduled`."""
        asks = np.array(scheduled) if scheduled else np.searchsorted(self._edges, draw.random(count), side="right")
        where = draw.random(count)
        units = np.array(
            [self._lists[ask][int(at * len(self._lists[ask]))] for ask, at in zip(asks, where, strict=True)], np.int64
        )
        has = self._pools.versions(units) & (self._pools.corpus.passage[:, units].T >= 0)
        # The least of exponential variables over weights: languages without replacement, in proportion to the weights.
        clocks = np.where(has, draw.exponential(size=has.shape) / self._answers, np.inf)
        chosen = np.argsort(clocks, axis=1)[:, : self._versions]
        within = self._pools.fits(units, asks, chosen[:, 0])
        for row in np.flatnonzero((has.sum(axis=1) >= self._versions) & within):
            yield int(units[row]), int(asks[row]), chosen[row].tolist()
