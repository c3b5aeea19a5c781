"""The arrays beside a result, read; docs/results.md lists them. Knows array files; no run."""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from zipfile import ZipFile

import numpy as np

from xbench.arrays import Array
from xbench.errors import DataError
from xbench.results.array_checks import NEEDED, Expected, header_faults, value_faults
from xbench.results.array_headers import ArrayHeader, array_headers, intact

PACKED = "cluster_mean"
MOST_READ = 1 << 29  # bytes of the arrays that are read at once


class ArrayFile:
    """An array file whose headers are known, and whose arrays are read when they are asked for."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.content = name, content

    @classmethod
    def open(cls, path: Path) -> ArrayFile:
        """The file at `path`. Raises DataError where it cannot be read."""
        with intact(str(path)):
            return cls(str(path), path.read_bytes())

    @cached_property
    def headers(self) -> dict[str, ArrayHeader]:
        """What it holds, by name. Raises DataError for damage."""
        with intact(self.name), ZipFile(io.BytesIO(self.content)) as archive:
            return array_headers(archive, len(self.content))

    @property
    def packed(self) -> bool:
        """Whether it holds sums for a board instead of values per query."""
        return PACKED in self.headers

    def read(self, names: Iterable[str]) -> dict[str, Array]:
        """These arrays, of those that `headers` has. Raises DataError for damage, and for more than fits in memory."""
        chosen = [name for name in names if name in self.headers]
        if (promised := sum(self.headers[name].bytes for name in chosen)) > MOST_READ:
            raise self.refuse(f"found {promised:,} bytes of values, expected at most {MOST_READ:,}")
        with intact(self.name), np.load(io.BytesIO(self.content)) as stored:
            return {name: stored[name] for name in chosen}

    def refuse(self, fault: str) -> DataError:
        """What to raise where its values are none of its result."""
        return DataError(f"{self.name}: per-query values: {fault}; run again without the result")


def read_arrays(path: Path, expected: Expected) -> dict[str, Array]:
    """The arrays at `path` by name, as their result says they are. Raises DataError where they are absent, damaged,
    those of another result, or packed to sums for a board."""
    return query_arrays(ArrayFile.open(path), expected)


def query_arrays(file: ArrayFile, expected: Expected, names: Iterable[str] = ()) -> dict[str, Array]:
    """The values per query that `expected` speaks of, or those of `names` alone. Raises DataError where the file does
    not fit it."""
    if file.packed:
        raise DataError(
            f"{file.name}: per-query values are packed to sums for a board; name results as `xbench run` wrote them"
        )
    if lacking := NEEDED - file.headers.keys():
        raise DataError(
            f"{file.name}: per-query values lack {', '.join(sorted(lacking))}; name results as `xbench run` wrote them"
        )
    for fault in header_faults(file.headers, expected):
        raise file.refuse(fault)
    arrays = file.read(names or expected.layout)
    for fault in value_faults(arrays, expected):
        raise file.refuse(fault)
    return arrays
