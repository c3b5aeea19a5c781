"""A corpus on disk: texts in one file, units as numbers in memory-mapped arrays, built once in bounded memory.

Knows files and numbers; nothing of formats, relations or recipes. While a table is written, equal texts are recognised
among the last RECENT distinct ones; what that misses is merged at the end by the texts' digests, BUCKET at a time.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from xbench.arrays import Numbers, blocks
from xbench.errors import DataError
from xbench.training.corpus import Corpus, Negatives
from xbench.training.groups import components
from xbench.training.pools import read_index, write_index

LAYOUT = 1
MANIFEST = "manifest.json"
RECENT = 1 << 20  # texts, about 200 bytes each
BUCKET = 1 << 22  # texts, about 60 bytes each
BUFFER = 1 << 16
MOST_TEXTS = 2**31 - 1


class Texts(Sequence[str]):
    """Texts by number, read from disk as they are asked for."""

    def __init__(self, folder: Path, count: int) -> None:
        self._offsets = mapped(folder / "offsets.bin", np.int64, (count + 1,))
        self._bytes = mapped(folder / "texts.bin", np.uint8, (int(self._offsets[-1]),))

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[str]: ...
    def __getitem__(self, number: int | slice) -> str | Sequence[str]:
        if isinstance(number, slice):
            return [self[place] for place in range(*number.indices(len(self)))]
        number = number + len(self) if number < 0 else number
        if not 0 <= number < len(self):
            raise IndexError(number)
        return bytes(self._bytes[self._offsets[number] : self._offsets[number + 1]]).decode("utf-8")

    def __iter__(self) -> Iterator[str]:
        return (self[number] for number in range(len(self)))


def mapped(path: Path, kind: Any, shape: tuple[int, ...], mode: Any = "r") -> npt.NDArray[Any]:
    """A memory-mapped array; a plain one where it is empty, which cannot be mapped."""
    if 0 in shape:
        return np.empty(shape, kind)
    return np.memmap(path, kind, mode, shape=shape)


class TableWriter:
    """Collects texts and units into the files of a table. `folder` is empty and becomes the table with `finish`."""

    def __init__(self, folder: Path, languages: Sequence[str]) -> None:
        self._folder, self._languages = folder, tuple(languages)
        self._streams = {name: (folder / f"{name}.bin").open("wb") for name in ("texts", "digests")}
        self._columns = {name: _Column(folder / f"{name}.bin", kind) for name, kind in COLUMNS.items()}
        self._recent: dict[bytes, int] = {}
        self._merged = True
        self._texts = self._units = self._negatives = self._end = 0
        self._columns["offsets"].append(0)
        self._columns["starts"].append(0)

    def text(self, text: str) -> int:
        """The number of a text. Raises DataError for what cannot be written as UTF-8."""
        try:
            content = text.encode("utf-8")
        except UnicodeEncodeError:
            raise DataError("a text holds half a surrogate pair (\\ud800...)") from None
        digest = hashlib.blake2b(content, digest_size=16).digest()
        number = self._recent.get(digest)
        if number is not None:
            return number
        if self._texts == MOST_TEXTS:
            raise DataError(f"more than {MOST_TEXTS:,} texts; take fewer languages or files")
        if len(self._recent) >= RECENT:
            self._recent.clear()
            self._merged = False
        self._recent[digest] = number = self._texts
        self._streams["texts"].write(content)
        self._streams["digests"].write(digest)
        self._end += len(content)
        self._columns["offsets"].append(self._end)
        self._texts += 1
        return number

    def unit(
        self, query: Mapping[str, str], passage: Mapping[str, str], negatives: Sequence[Mapping[str, str]] = ()
    ) -> None:
        """Add a unit, where it has text on both sides."""
        if query and passage:
            self.rows([self._row(query)], [self._row(passage)], [[self._row(negative) for negative in negatives]])

    def _row(self, side: Mapping[str, str]) -> list[int]:
        return [self.text(side[language]) if language in side else -1 for language in self._languages]

    def rows(self, query: Any, passage: Any, negatives: Any = ()) -> None:
        """Add units by the numbers of their texts [units, languages], with each one's negatives [*, languages]."""
        self._columns["query"].extend(query)
        self._columns["passage"].extend(passage)
        self._units += len(query)
        for one in negatives:
            self._columns["negatives"].extend(one)
            self._negatives += len(one)
            self._columns["starts"].append(self._negatives)

    def finish(self, name: str, relation: str = "") -> None:
        """Merge, group, index and sign the table. Raises DataError where it is empty or a language has no text.

        Units that share a passage are one group; under relation qa those that share a query are too, for the other's
        passage answers it. Under other relations a repeated query is a stock phrase, and groups would swallow the
        corpus."""
        for stream in self._streams.values():
            stream.close()
        for column in self._columns.values():
            column.close()
        self._recent.clear()
        if not self._units:
            raise DataError(f"corpus {name} is empty: no unit with text in {', '.join(self._languages)}")
        shape = (self._units, len(self._languages))
        sides = [mapped(self._folder / f"{side}.bin", np.int32, shape, "r+") for side in ("query", "passage")]
        hard = mapped(self._folder / "negatives.bin", np.int32, (self._negatives, shape[1]), "r+")
        self._require_languages(name, sides)
        if not self._merged:
            self._texts = merge(self._folder, self._texts, (*sides, hard))
        group = components(sides if relation == "qa" else sides[1:], self._texts, self._folder)
        np.asarray(group).tofile(self._folder / "group.bin")
        groups = int(group.max()) + 1
        manifest = {
            "layout": LAYOUT,
            "languages": self._languages,
            "texts": self._texts,
            "units": self._units,
            "negatives": self._negatives if hard.size else None,
            "index": write_index(self._folder, sides[0].T, sides[1].T, group, groups),
        }
        manifest["digest"] = self._digest()
        for scratch in self._folder.glob("*.scratch"):
            scratch.unlink()
        (self._folder / "digests.bin").unlink()
        if not self._negatives:
            (self._folder / "negatives.bin").unlink()
            (self._folder / "starts.bin").unlink()
        (self._folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")

    def _require_languages(self, name: str, sides: Sequence[Numbers]) -> None:
        seen = np.zeros(len(self._languages), bool)
        for block in blocks(self._units):
            for side in sides:
                seen |= (side[block] >= 0).any(axis=0)
        for language in np.array(self._languages)[~seen]:
            raise DataError(f"corpus {name}: no unit has text in {str(language)!r}; take it out of `languages`")

    def _digest(self) -> str:
        """sha256 over the digests of the texts and all numbers: two tables are equal if and only if it is."""
        seen = hashlib.sha256(json.dumps([LAYOUT, self._languages]).encode())
        for name in ("digests", "query", "passage", "group", "starts", "negatives"):
            with (self._folder / f"{name}.bin").open("rb") as stream:
                seen.update(hashlib.file_digest(stream, "sha256").digest())
        return seen.hexdigest()


COLUMNS = {"offsets": "q", "query": "i", "passage": "i", "starts": "q", "negatives": "i"}


class _Column:
    """Numbers on their way to a file."""

    def __init__(self, path: Path, kind: str) -> None:
        self._stream, self._waiting = path.open("wb"), array(kind)

    def append(self, number: int) -> None:
        self._waiting.append(number)
        self._write(BUFFER)

    def extend(self, rows: Any) -> None:
        if isinstance(rows, np.ndarray):
            self._write(0)
            self._stream.write(np.ascontiguousarray(rows, np.int32).tobytes())
            return
        for row in rows:
            self._waiting.extend(row)
        self._write(BUFFER)

    def _write(self, least: int) -> None:
        if len(self._waiting) > least:
            self._waiting.tofile(self._stream)
            del self._waiting[:]

    def close(self) -> None:
        self._write(0)
        self._stream.close()


def merge(folder: Path, texts: int, rows: Sequence[Numbers]) -> int:
    """Give equal texts the number of their first, drop the others, and renumber `rows`. How many texts are left."""
    first = np.memmap(folder / "first.scratch", np.int32, "w+", shape=(texts,))
    digests = mapped(folder / "digests.bin", np.uint64, (texts, 2))
    buckets = max(1, -(-texts // BUCKET))
    for bucket in range(buckets):
        _first_of_equals(digests, first, bucket, buckets)
    left = _drop(folder, texts, first)
    for array_ in rows:
        for block in blocks(len(array_)):
            held = array_[block]
            array_[block] = np.where(held >= 0, first[np.maximum(held, 0)], -1)
    return left


def _first_of_equals(digests: npt.NDArray[np.uint64], first: Numbers, bucket: int, buckets: int) -> None:
    """Write, for every text whose digest falls into the bucket, the number of the first text equal to it."""
    found = [
        np.flatnonzero(digests[block, 0] % np.uint64(buckets) == bucket) + block.start for block in blocks(len(digests))
    ]
    members = np.concatenate(found)
    order = members[np.lexsort((digests[members, 1], digests[members, 0]))]  # stable: the first of equals comes first
    held = digests[order]
    new = np.append(True, (held[1:] != held[:-1]).any(axis=1)) if len(order) else np.zeros(0, bool)
    first[order] = order[new][np.cumsum(new) - 1]


def _drop(folder: Path, texts: int, first: Numbers) -> int:
    """Keep the first of equal texts and their digests, and turn `first` into the numbers that are left."""
    left = end = 0
    old = mapped(folder / "offsets.bin", np.int64, (texts + 1,))
    content = mapped(folder / "texts.bin", np.uint8, (int(old[-1]),))
    digests = mapped(folder / "digests.bin", np.uint64, (texts, 2))
    names = ("texts", "offsets", "digests")
    streams = {name: (folder / f"{name}.new").open("wb") for name in names}
    streams["offsets"].write(np.int64(0).tobytes())
    for block in blocks(texts):
        mine = np.array(first[block])
        keep = mine == np.arange(block.start, block.stop, dtype=np.int32)
        lengths = np.diff(old[block.start : block.stop + 1])
        streams["texts"].write(content[old[block.start] : old[block.stop]][np.repeat(keep, lengths)].tobytes())
        streams["offsets"].write((end + np.cumsum(lengths[keep])).tobytes())
        streams["digests"].write(digests[block][keep].tobytes())
        # The first of equals stands before the others, so its entry already holds its new number when they look it up.
        first[block] = np.where(keep, left + np.cumsum(keep) - 1, mine)
        first[block] = np.where(keep, first[block], first[mine])
        left, end = left + int(keep.sum()), end + int(lengths[keep].sum())
    del old, content, digests
    for name, stream in streams.items():
        stream.close()
        (folder / f"{name}.new").replace(folder / f"{name}.bin")
    return left


def open_table(folder: Path, relation: str) -> Corpus:
    """The corpus of a finished table; nothing is read until it is asked for. Raises DataError where it is damaged."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        languages, units = tuple(manifest["languages"]), manifest["units"]
        shape = (units, len(languages))
        negatives = None
        if manifest["negatives"] is not None:
            text = mapped(folder / "negatives.bin", np.int32, (manifest["negatives"], len(languages)))
            negatives = Negatives(mapped(folder / "starts.bin", np.int64, (units + 1,)), text)
        query, passage = (mapped(folder / f"{side}.bin", np.int32, shape).T for side in ("query", "passage"))
        return Corpus(
            languages,
            Texts(folder, manifest["texts"]),
            query,
            passage,
            mapped(folder / "group.bin", np.int32, (units,)),
            manifest["digest"],
            negatives,
            relation,
            read_index(folder, manifest["index"], query, passage),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{folder}: damaged table ({error}); delete the folder, and it is built again") from None
