"""Hashes and what they stand for, looked up for many texts at once. Knows numbers only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xbench.arrays import Flags, Hashes, Ints


@dataclass(frozen=True)
class Lookup:
    """Hashes, sorted, a value for each, and a table that rules most other hashes out."""

    hashes: Hashes
    values: Ints
    table: Flags
    shift: np.uint64

    @classmethod
    def of(cls, hashes: Hashes, values: Ints) -> Lookup:
        """A hash may stand for several values."""
        order = np.argsort(hashes, kind="stable")
        bits = max(16, min(26, (16 * len(hashes)).bit_length()))
        shift = np.uint64(64 - bits)
        table = np.zeros(1 << bits, bool)
        table[hashes >> shift] = True
        return cls(hashes[order], values[order], table, shift)

    def matches(self, hashes: Hashes) -> tuple[Ints, Ints]:
        """Pairs (position in `hashes`, value) of equal hashes."""
        places = np.flatnonzero(self.table[hashes >> self.shift])
        left = np.searchsorted(self.hashes, hashes[places], "left")
        count = np.searchsorted(self.hashes, hashes[places], "right") - left
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return np.repeat(places, count), self.values[np.repeat(left, count) + within]
