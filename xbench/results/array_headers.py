"""What an array file says that it holds: names, kinds and shapes, known before any value of it is unpacked.

A few bytes can promise terabytes, so the promise is weighed first: the directory of the zip, then the first bytes of
each member. Knows array files; no result.
"""

from __future__ import annotations

import io
import math
import tokenize
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np

from xbench.data.archives import ALWAYS_UNPACKED, MOST_UNPACKED
from xbench.errors import DataError

DAMAGE = (  # what a damaged or foreign array file raises
    OSError,
    ValueError,
    TypeError,
    KeyError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    MemoryError,
    OverflowError,
    tokenize.TokenError,
    zlib.error,
    BadZipFile,
)
MOST_ARRAYS = 1_000
HEADER_BYTES = 10_000  # an honest header has about a hundred
KINDS = "Uiuf"  # texts, whole numbers and numbers


@dataclass(frozen=True)
class ArrayHeader:
    """One array of a file. `kind` as numpy's `dtype.kind`; `bytes`: of its values."""

    kind: str
    shape: tuple[int, ...]
    bytes: int = 0


@contextmanager
def intact(name: str) -> Iterator[None]:
    """One line for whatever damage to the array file `name` shows itself as."""
    try:
        yield
    except DAMAGE as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise DataError(f"{name}: per-query values cannot be read ({reason}); run again without the result") from None


def array_headers(archive: ZipFile, packed: int) -> dict[str, ArrayHeader]:
    """Every array of an array file of `packed` bytes by name. Raises one of DAMAGE for a promise that no honest file
    makes."""
    members = archive.infolist()
    if len(members) > MOST_ARRAYS:
        raise ValueError(f"{len(members):,} arrays, expected at most {MOST_ARRAYS:,}")
    most = max(ALWAYS_UNPACKED, MOST_UNPACKED * packed)
    if (promised := sum(member.file_size for member in members)) > most:
        raise ValueError(f"it unpacks to {promised:,} bytes, expected at most {most:,}")
    headers: dict[str, ArrayHeader] = {}
    for member in members:
        name = member.filename.removesuffix(".npy")
        if name in headers or name == member.filename:
            raise ValueError(f"{member.filename[:60]!r} is no array, or stands twice")
        headers[name] = _header(archive, member, name)
    return headers


def _header(archive: ZipFile, member: ZipInfo, name: str) -> ArrayHeader:
    """The header of one array, which must promise as many bytes as its member holds."""
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise ValueError(f"{name[:60]}: packed by an unknown method")
    with archive.open(member) as stream:
        start = io.BytesIO(stream.read(HEADER_BYTES))
    dtype, shape = _dtype_and_shape(start)
    if dtype.kind not in KINDS or dtype.shape:
        raise ValueError(f"{name[:60]}: found {dtype}, expected texts or numbers")
    size = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or member.file_size != start.tell() + size:
        raise ValueError(f"{name[:60]}: its header and its size disagree")
    return ArrayHeader(dtype.kind, shape, size)


def _dtype_and_shape(stream: IO[bytes]) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    version = np.lib.format.read_magic(stream)
    read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
    if read is None:
        raise ValueError(f"format {version}, expected 1.0 or 2.0")
    shape, _, dtype = read(stream, max_header_size=HEADER_BYTES)
    return dtype, shape
