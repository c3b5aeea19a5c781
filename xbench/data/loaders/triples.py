"""Triples of ids over tables of texts per language (mMARCO). Knows its format and the table it writes to.

The triples are read once into arrays on disk. Of the tables, only texts that a triple asks for are kept. In memory are
the ids in use and one text number for each per language: 8 bytes and 4 x languages per id; no triple, no text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from xbench import specs
from xbench.arrays import Numbers, blocks
from xbench.data.finder import Finder
from xbench.errors import DataError
from xbench.specs.parts import Source

LINES = 1 << 18  # read at a time
COLUMNS = ("query id", "relevant passage", "other passage")
Keys = npt.NDArray[np.uint64]


class UnitWriter(Protocol):
    """Where texts and units go; the table of a corpus."""

    def text(self, text: str) -> int:
        """The number of a text."""

    def rows(self, query: Numbers, passage: Numbers, negatives: Numbers) -> None:
        """Add units by the numbers of their texts."""


def write_triples(corpus: specs.TriplesCorpus, finder: Finder, scratch: Path, writer: UnitWriter) -> None:
    """Write all units of a corpus of triples."""
    keys = _read_triples(corpus, finder, scratch)
    asked, answered = _distinct(keys[:, :1]), _distinct(keys[:, 1:])
    queries = _texts(corpus.queries, corpus, finder, asked, writer)
    passages = _texts(corpus.passages, corpus, finder, answered, writer)
    for block in blocks(len(keys)):
        query = queries[np.searchsorted(asked, keys[block, 0])]
        relevant, other = (passages[np.searchsorted(answered, keys[block, side])] for side in (1, 2))
        usable = (query >= 0).any(axis=1) & (relevant >= 0).any(axis=1)
        writer.rows(query[usable], relevant[usable], other[usable][:, None])


def key(identity: str) -> int:
    """An id as a number: itself where it is a plain number, else 63 bits of a digest, above all plain numbers."""
    if identity.isascii() and identity.isdigit() and str(int(identity[:20])) == identity and int(identity) < 2**63:
        return int(identity)
    return int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=8).digest()) | 1 << 63


def _read_triples(corpus: specs.TriplesCorpus, finder: Finder, scratch: Path) -> Keys:
    """[triples, 3]: keys of query, relevant and other passage, mapped from disk."""
    path, count = scratch / "triples.scratch", 0
    with path.open("wb") as stream:
        for part in _parts(corpus, finder):
            stream.write(np.array(part, np.uint64).tobytes())
            count += len(part)
    if not count:
        raise DataError(f"corpus {corpus.name}: the file of triples is empty")
    return np.memmap(path, np.uint64, "r", shape=(count, 3))


def _parts(corpus: specs.TriplesCorpus, finder: Finder) -> Iterator[list[list[int]]]:
    part: list[list[int]] = []
    for number, (_, fields) in enumerate(finder.fields(corpus.triples, "", COLUMNS)):
        if number == corpus.first:
            break
        part.append([key(field) for field in fields])
        if len(part) == LINES:
            yield part
            part = []
    yield part


def _distinct(keys: Keys) -> Keys:
    distinct: Keys = np.empty(0, np.uint64)
    for block in blocks(len(keys)):
        distinct = np.union1d(distinct, keys[block])
    return distinct


def _texts(source: Source, corpus: specs.TriplesCorpus, finder: Finder, wanted: Keys, writer: UnitWriter) -> Numbers:
    """[wanted, languages] int32: numbers of the texts, -1 where a language lacks one."""
    numbers = np.full((len(wanted), len(corpus.languages)), -1, np.int32)
    for column, language in enumerate(corpus.languages):
        for part in _rows(source, finder, language):
            keys = np.array([identity for _, identity, _ in part], np.uint64)
            places = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
            for row in np.flatnonzero(wanted[places] == keys).tolist():
                where, _, text = part[row]
                if numbers[places[row], column] >= 0:
                    raise DataError(f"{where}: an id that stands above already; expected every id once")
                if text.strip():
                    numbers[places[row], column] = writer.text(text)
    for row in np.flatnonzero((numbers < 0).all(axis=1))[:1].tolist():
        shown = int(wanted[row]) if wanted[row] < 2**63 else "that is no number"
        raise DataError(f"corpus {corpus.name}: a triple names id {shown}, which no table of texts has")
    return numbers


def _rows(source: Source, finder: Finder, language: str) -> Iterator[list[tuple[str, int, str]]]:
    part: list[tuple[str, int, str]] = []
    for where, (identity, text) in finder.fields(source, language, ("id", "text")):
        part.append((where, key(identity), text))
        if len(part) == LINES:
            yield part
            part = []
    yield part
