"""Rows put together by a key over files larger than memory: spilled to BUCKETS files by the key's hash, then each file
grouped in memory. Knows rows only."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

BUCKETS = 64


class Join:
    """`add` rows, then iterate over (key, rows of that key), in an order that the rows decide. A context: its files in
    `scratch` are gone afterwards."""

    def __init__(self, scratch: Path) -> None:
        self._paths = [scratch / f"join-{number}.scratch" for number in range(BUCKETS)]
        self._streams = [path.open("w", encoding="utf-8", errors="surrogatepass") for path in self._paths]

    def __enter__(self) -> Join:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for stream, path in zip(self._streams, self._paths, strict=True):
            stream.close()
            path.unlink(missing_ok=True)

    def add(self, key: str, *values: str) -> None:
        """Put a row to those of its key."""
        bucket = zlib.crc32(key.encode("utf-8", "surrogatepass")) % BUCKETS
        self._streams[bucket].write(json.dumps([key, *values]) + "\n")

    def __iter__(self) -> Iterator[tuple[str, list[list[str]]]]:
        for stream, path in zip(self._streams, self._paths, strict=True):
            stream.close()
            together: dict[str, list[list[str]]] = {}
            with path.open(encoding="utf-8", errors="surrogatepass") as lines:
                for line in lines:
                    key, *values = json.loads(line)
                    together.setdefault(key, []).append(values)
            yield from together.items()
