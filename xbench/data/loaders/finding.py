"""Where a corpus's files lie, and what is read from them: lines, rows of JSON, columns. Knows files; no relation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xbench.data import archives
from xbench.data.download import Storage, locate
from xbench.data.hub_files import hub_files
from xbench.data.parquet import parquet_rows
from xbench.data.rows import fields, objects
from xbench.errors import DataError
from xbench.specs.parts import HubSource, Source

Row = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Finder:
    """Finds, fetches and verifies the files of one corpus. `base`: the folder of its YAML."""

    storage: Storage
    base: Path

    def paths(self, source: Source | HubSource, language: str) -> list[Path]:
        if isinstance(source, HubSource):
            return hub_files(source, language, self.storage, self.base)
        return [locate(self.storage, source, language, self.base)]

    def lines(self, source: Source | HubSource, language: str) -> Iterator[tuple[str, str]]:
        """(file:line, line) of all files of a language."""
        for path in self.paths(source, language):
            member = source.fill(source.member, language) if isinstance(source, Source) else ""
            for number, line in archives.lines(path, member):
                yield f"{path}:{number}", line

    def rows(self, source: Source | HubSource, language: str) -> Iterator[Row]:
        """(file:line, object) of jsonl files. Raises DataError naming the line."""
        return objects(self.lines(source, language))

    def fields(
        self, source: Source | HubSource, language: str, names: Sequence[str]
    ) -> Iterator[tuple[str, list[str]]]:
        """(file:line, fields) of files with tabs between these columns."""
        return fields(self.lines(source, language), names)

    def columns(
        self, source: Source | HubSource, language: str, names: Sequence[str]
    ) -> Iterator[tuple[str, list[Any]]]:
        """(file:row, values) of parquet files."""
        for path in self.paths(source, language):
            for where, row in parquet_rows(path, names, required=True):
                yield where, [row[name] for name in names]


def text_of(where: str, key: str, value: object) -> str:
    """A value that must be text. Raises DataError where it is not."""
    if not isinstance(value, str):
        raise DataError(f"{where}: {key}: found {value!r:.60}, expected text")
    return value
