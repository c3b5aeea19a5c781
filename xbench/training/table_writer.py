"""A corpus's table written: texts and units go to files as they come, and are merged, grouped, indexed and signed.

Knows files and numbers; nothing of formats or recipes. Equal texts are recognised among the last RECENT distinct ones;
what that misses is merged at the end.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from xbench.arrays import Numbers, blocks
from xbench.errors import DataError
from xbench.training.corpus_table import LAYOUT, MANIFEST, mapped
from xbench.training.groups import components
from xbench.training.pools import write_index
from xbench.training.table_merging import merge

RECENT = 1 << 20  # texts, about 200 bytes each
BUFFER = 1 << 16
MOST_TEXTS = 2**31 - 1
COLUMNS = {"offsets": "q", "query": "i", "passage": "i", "starts": "q", "negatives": "i"}
Rows = Numbers | Sequence[Sequence[int]]
"""Numbers of texts [rows, languages]."""


class TableWriter:
    """Collects texts and units into the files of a table. `folder` is empty and becomes the table with `finish`."""

    def __init__(self, folder: Path, languages: Sequence[str]) -> None:
        self._folder, self._languages = folder, tuple(languages)
        self._streams = {name: (folder / f"{name}.bin").open("wb") for name in ("texts", "digests")}
        self._columns = {name: _NumberFile(folder / f"{name}.bin", kind) for name, kind in COLUMNS.items()}
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

    def rows(self, query: Rows, passage: Rows, negatives: Iterable[Rows] = ()) -> None:
        """Add units by the numbers of their texts [units, languages], with each one's negatives [*, languages]."""
        self._columns["query"].extend(query)
        self._columns["passage"].extend(passage)
        self._units += len(query)
        for block in negatives:
            self._columns["negatives"].extend(block)
            self._negatives += len(block)
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


class _NumberFile:
    """Numbers on their way to a file."""

    def __init__(self, path: Path, kind: str) -> None:
        self._stream, self._waiting = path.open("wb"), array(kind)

    def append(self, number: int) -> None:
        self._waiting.append(number)
        self._write(BUFFER)

    def extend(self, rows: Rows) -> None:
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
