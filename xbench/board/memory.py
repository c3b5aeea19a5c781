"""What earlier builds read, by content, so that a result is read once and never again: `.<site>.runs` beside the site.

For the builder alone, and no part of what is published; who removes it has all results read again. A file that is not
what a build wrote says nothing. Knows bytes; no result.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from xbench.errors import XbenchError
from xbench.files import whole

FAST = 1  # of zlib: a third larger than its best, in a tenth of the time


class Memory(Mapping[str, Any]):
    """What was kept, by key; each is unpacked when it is asked for."""

    def __init__(self, site: Path, generator: str) -> None:
        site = site.resolve()
        self._path, self._generator = site.parent / f".{site.name}.runs", generator
        self._packed = _packed(self._path, generator)

    def __getitem__(self, key: str) -> Any:
        return from_json(zlib.decompress(self._packed[key]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)

    def keep(self, values: Mapping[str, Any]) -> None:
        """Keep these values and no others; a key that is known has its value already. Without a place to keep them,
        nothing is kept, and the next build reads all results again."""
        packed = {key: self._packed.get(key) or _pack(value) for key, value in values.items()}
        if packed.keys() == self._packed.keys():
            return
        sizes = {key: len(part) for key, part in packed.items()}
        head = json.dumps({"generator": self._generator, "sizes": sizes}, separators=(",", ":")).encode() + b"\n"
        content = head + b"".join(packed.values())
        with suppress(XbenchError), whole(self._path) as temporary:
            temporary.write_bytes(hashlib.sha256(content).digest() + content)


def _pack(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, allow_nan=False, separators=(",", ":")).encode(), FAST)


def _packed(path: Path, generator: str) -> dict[str, bytes]:
    """Every value of a file, packed; none where it is damaged, or another generator's."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        stored = path.read_bytes()
        seal, content = stored[:32], stored[32:]
        if hashlib.sha256(content).digest() != seal:
            return {}
        head, _, body = content.partition(b"\n")
        said = from_json(head)
        if said["generator"] == generator:
            places, first = {}, 0
            for key, size in said["sizes"].items():
                places[key] = body[first : first + size]
                first += size
            return places
    return {}
