"""Packed text: one member of a zip or tar, or a file packed by gzip, bzip2 or xz, as a stream of bytes or lines.

Nothing is unpacked to disk and nothing is held whole: memory is bounded by one line. Knows containers and compression;
nothing of sources, formats or what the text means.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, cast

from xbench.errors import DataError, near_miss

LONGEST_LINE = 1 << 24  # bytes
MOST_UNPACKED = 250  # times the packed size: text packs to a tenth or so, a bomb to a thousandth
ALWAYS_UNPACKED = 1 << 27  # bytes that any archive may hold
TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz")
ARCHIVES = (".zip", *TAR)
DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError)


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more bytes than an honest archive of this size would."""

    def __init__(self, inner: IO[bytes], most: int, name: str) -> None:
        self._inner, self._most, self._name, self._given = inner, most, name, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer))
        found = self._inner.read(len(view))
        view[: len(found)] = found
        self._given += len(found)
        if self._given > self._most:
            raise DataError(f"{self._name}: unpacks to more than {self._most:,} bytes; not a file of text as expected")
        return len(found)


@contextmanager
def open_bytes(path: Path, member: str = "") -> Iterator[IO[bytes]]:
    """The content of `path`, or of its `member` where it is a zip or tar, unpacked as it is read.

    A member that is packed itself (`docs.jsonl.gz` in a tar) is unpacked too. Raises DataError naming file and fault.
    """
    name = f"{path}: {member}" if member else str(path)
    try:
        most = max(ALWAYS_UNPACKED, MOST_UNPACKED * path.stat().st_size)
        with _contained(path, member) as (packed, inner_name), _unpacked(packed, inner_name) as plain:
            yield io.BufferedReader(_Bounded(plain, most, name), 1 << 16)
    except DAMAGE:
        raise DataError(f"{name}: damaged or truncated {_kind(path, member)} file; fetch it again") from None
    except (RuntimeError, NotImplementedError) as error:  # zipfile's for encryption and unknown methods
        raise DataError(f"{name}: cannot be unpacked: {error}") from None
    except OSError as error:  # bz2 tells damage so, without a number
        fault = error.strerror or f"damaged or truncated {_kind(path, member)} file; fetch it again"
        raise DataError(f"{name}: cannot be read: {fault}") from None


def lines(path: Path, member: str = "") -> Iterator[tuple[int, str]]:
    """(number from 1, line) of a text in UTF-8. Only a line feed ends a line: U+2028 and its like stand inside texts.

    Raises DataError naming file and line for what is not UTF-8 or longer than LONGEST_LINE.
    """
    name = f"{path}: {member}" if member else str(path)
    with open_bytes(path, member) as stream:
        number = 0
        while line := stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise DataError(f"{name}:{number}: a line of more than {LONGEST_LINE:,} bytes; expected lines of text")
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise DataError(f"{name}:{number}: not UTF-8 (byte {error.start}); convert it to UTF-8") from None
            yield number, text.removesuffix("\n").removesuffix("\r")


def is_archive(path: Path) -> bool:
    """Whether a file holds members."""
    return path.name.lower().endswith(ARCHIVES)


def _kind(path: Path, member: str) -> str:
    names = {".gz": "gzip", ".tgz": "gzip", ".bz2": "bzip2", ".tbz2": "bzip2"}
    ending = (path if is_archive(path) else Path(member or path)).suffix.lower()
    return names.get(ending, ending.removeprefix("."))


@contextmanager
def _contained(path: Path, member: str) -> Iterator[tuple[IO[bytes], str]]:
    """The packed bytes, and the name whose ending says how they are packed."""
    if member and (PurePosixPath(member).is_absolute() or ".." in PurePosixPath(member).parts):
        raise DataError(f"{path}: member {member!r} lies outside the archive; name one inside it")
    if not is_archive(path):
        if member:
            raise DataError(f"{path}: is no archive, so it has no member {member!r}; expected {', '.join(ARCHIVES)}")
        with path.open("rb") as stream:
            yield stream, path.name
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(_zip_member(path, archive, member)) as inner:
            yield inner, member or inner.name
    else:
        with _tar_member(path, member) as inner:
            yield inner, member


def _zip_member(path: Path, archive: zipfile.ZipFile, member: str) -> zipfile.ZipInfo:
    files = {item.filename: item for item in archive.infolist() if not item.is_dir()}
    if not member and len(files) == 1:
        return next(iter(files.values()))
    if member not in files:
        asked = f"no member {member!r}" if member else f"{len(files)} files, and no `member` says which"
        raise DataError(f"{path}: {asked}{near_miss(member, list(files)[:20])}")
    return files[member]


@contextmanager
def _tar_member(path: Path, member: str) -> Iterator[IO[bytes]]:
    """Read from the front to the member: an index would cost a pass over the whole archive."""
    seen: list[str] = []
    with tarfile.open(path, "r|*") as archive:
        for item in archive:
            seen.append(item.name)
            if item.name.removeprefix("./") == member:
                inner = archive.extractfile(item) if item.isreg() else None
                if inner is None:
                    raise DataError(f"{path}: member {member!r} is a folder or a link; expected a file")
                yield inner
                return
    asked = f"no member {member!r}" if member else "a tar, and no `member` says which of its files"
    raise DataError(f"{path}: {asked}{near_miss(member, seen[:20])}")


@contextmanager
def _unpacked(packed: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    suffix = Path(name).suffix.lower()
    if suffix == ".gz":
        with gzip.GzipFile(fileobj=packed, mode="rb") as gzipped:
            yield cast(IO[bytes], gzipped)
    elif suffix == ".bz2":
        with bz2.BZ2File(packed) as bzipped:
            yield bzipped
    elif suffix == ".xz":
        with lzma.LZMAFile(packed) as xzipped:
            yield xzipped
    else:
        yield packed
