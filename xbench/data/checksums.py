"""Whether a file is the one that its source declares, by checksum and size. Knows sources and files; no folders."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import IO

from xbench.data.archives import is_archive, open_bytes
from xbench.errors import DataError
from xbench.specs.parts import Source

PACKED = (".gz", ".bz2", ".xz")


def verify(path: Path, source: Source, language: str) -> str:
    """What the file was compared with: "sha256", "md5", or "" where nothing is pinned and it can be read.

    sha256 is of the content: of an archive as it is packed, of anything else unpacked; md5 and size of the file as it
    is served. Raises DataError where one of them differs, or the file is damaged."""
    sha256, md5 = source.pin("sha256", language), source.pin("md5", language)
    kind, expected = ("md5", md5) if md5 and not sha256 else ("sha256", sha256 or "")
    packed = source.fill(source.url or source.path, language).endswith(PACKED)
    as_served = (kind == "md5" and packed) or is_archive(path)
    with path.open("rb") if as_served else open_bytes(path) as stream:
        actual, size = _read(stream, kind)
    _require_size(path, path.stat().st_size if packed else size, source.size(language), packed)
    if expected and actual != expected:
        raise DataError(
            f"{path}: {kind} mismatch: found {actual[:16]}…, expected {expected[:16]}…; "
            "the file is damaged or of another version: delete it and fetch it again"
        )
    return kind if expected else ""


def _read(stream: IO[bytes], kind: str) -> tuple[str, int]:
    """The checksum of what is read, and how much that is."""
    seen, size = hashlib.new(kind, usedforsecurity=False), 0
    while part := stream.read(1 << 20):
        seen.update(part)
        size += len(part)
    return seen.hexdigest(), size


def _require_size(path: Path, size: int, expected: int, packed: bool) -> None:
    """Raise DataError for another size than is declared; of what is served packed and lies here unpacked none is."""
    if expected in (0, size) or (packed and not path.name.endswith(PACKED)):
        return
    raise DataError(
        f"{path}: found {size:,} bytes, expected {expected:,} (`bytes` of its source); the file is cut off or of "
        "another version: delete it and fetch it again, or mend `bytes`"
    )
