"""The files of one task or corpus: found, fetched, verified and opened. Knows sources and files; no format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from xbench.data.download import Storage, locate
from xbench.data.hub_files import hub_files
from xbench.data.parquet import parquet_rows
from xbench.data.rows import File, JsonRow, fields, numbered_lines, objects
from xbench.specs.parts import HubSource, Place, Repository, Source


@dataclass(frozen=True)
class Finder:
    """Finds the files of one YAML, whose folder is `base`. Raises DataError, naming file and line, in all of these."""

    storage: Storage
    base: Path

    def file(self, source: Place, language: str) -> File:
        """The verified file of a source in a language, fetched if it is nowhere."""
        member = "" if isinstance(source, Repository) else source.fill(source.member, language)
        return File(locate(self.storage, source, language, self.base), member)

    def files(self, source: Source | HubSource, language: str) -> list[File]:
        """All files of a source in a language; those of a hub repository may be several."""
        if isinstance(source, HubSource):
            return [File(path) for path in hub_files(source, language, self.storage, self.base)]
        return [self.file(source, language)]

    def lines(self, source: Source | HubSource, language: str) -> Iterator[tuple[str, str]]:
        """(file:line, line) of all files of a language, of whatever length."""
        for file in self.files(source, language):
            yield from numbered_lines(file)

    def rows(self, source: Source | HubSource, language: str) -> Iterator[JsonRow]:
        """(file:line, object) of jsonl files."""
        return objects(self.lines(source, language))

    def fields(
        self, source: Source | HubSource, language: str, names: Sequence[str]
    ) -> Iterator[tuple[str, list[str]]]:
        """(file:line, fields) of files with tabs between these columns."""
        return fields(self.lines(source, language), names)

    def columns(
        self, source: Source | HubSource, language: str, names: Sequence[str]
    ) -> Iterator[tuple[str, list[object]]]:
        """(file:row, values) of parquet files."""
        for file in self.files(source, language):
            for where, row in parquet_rows(file.path, names, required=True):
                yield where, [row[name] for name in names]
