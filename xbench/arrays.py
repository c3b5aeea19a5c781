"""Names for the arrays that cross module boundaries, and their rows in blocks. Knows numbers only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Hashes: TypeAlias = npt.NDArray[np.uint64]
Vectors: TypeAlias = npt.NDArray[np.float32]
"""[texts, dim]"""
Counts: TypeAlias = npt.NDArray[np.int32]
Numbers: TypeAlias = npt.NDArray[np.int32]
"""Numbers of texts or units; -1 for none."""
Names: TypeAlias = npt.NDArray[np.str_]
Array: TypeAlias = npt.NDArray[np.generic]
"""Values or names, of any kind."""

BLOCK = 1 << 18  # rows at a time


def blocks(rows: int, size: int = 0) -> Iterator[slice]:
    """The rows in blocks of `size`, or of BLOCK."""
    size = size or BLOCK
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))


def scrambled(keys: Hashes) -> Hashes:
    """A permutation of 64-bit numbers that looks random (the finaliser of SplitMix64, Steele et al., OOPSLA 2014)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))
