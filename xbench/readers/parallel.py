"""Aligned rows: the same meaning in several languages. Knows the two layouts only.

jsonl: `{id, query: {lang: text}, positive: {lang: text}}`, one file. lines: one text file per language, line i is the
translation of line i; each line is a query and a document, so a task of this layout asks for cross-lingual settings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xbench.collection import Collection, Queries, Texts, collect
from xbench.download import read_text
from xbench.errors import DataError
from xbench.specs import ParallelTask


@dataclass
class _Column:
    rows: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def add(self, row: str, text: object, where: str) -> None:
        if not isinstance(text, str) or not text.strip():
            raise DataError(f"{where}: found {text!r}, expected a text that is not empty")
        self.rows.append(row)
        self.texts.append(text)


def read(task: ParallelTask, locate: Callable[[str], Path]) -> Collection:
    """The task's collection. Raises DataError naming file and line."""
    queries = {language: _Column() for language in task.query_languages}
    documents = {language: _Column() for language in task.document_languages}
    rows = _lines if "{lang}" in (task.source.path or task.source.url) else _jsonl
    for where, row, asked, answered in rows(task, locate):
        for column, side in ((queries, asked), (documents, answered)):
            for language in column.keys() & side.keys():
                column[language].add(row, side[language], f"{where}: {language}")
    relevant = {language: _positions(column.rows) for language, column in documents.items()}
    return collect(
        {
            language: Queries(
                ids=tuple(f"{language}-q-{row}" for row in column.rows),
                texts=tuple(column.texts),
                questions=tuple(column.rows),
                groups=tuple(column.rows),
            )
            for language, column in queries.items()
        },
        {
            language: Texts(tuple(f"{language}-{row}" for row in column.rows), tuple(column.texts))
            for language, column in documents.items()
        },
        relevant,
    )


def _positions(rows: list[str]) -> dict[str, list[int]]:
    return {row: [position] for position, row in enumerate(rows)}


def _jsonl(
    task: ParallelTask, locate: Callable[[str], Path]
) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    path = locate("")
    seen: set[str] = set()
    for where, row in json_rows(path):
        identity = "" if row.get("id") is None else str(row["id"])
        if not identity or identity in seen:
            raise DataError(f"{where}: id: found {row.get('id')!r}, expected an id that no other row has")
        seen.add(identity)
        sides = [row.get(task.options.query), row.get(task.options.document)]
        for key, side in zip((task.options.query, task.options.document), sides, strict=True):
            if not isinstance(side, dict):
                raise DataError(f"{where}: {key}: found {type(side).__name__}, expected texts by language")
        yield where, identity, sides[0], sides[1]  # type: ignore[misc]
    if not seen:
        raise DataError(f"{path}: the file is empty; expected one row of JSON per line")


def _lines(
    task: ParallelTask, locate: Callable[[str], Path]
) -> Iterator[tuple[str, str, dict[str, str], dict[str, str]]]:
    paths = {language: locate(language) for language in task.languages}
    columns = {language: text_lines(path) for language, path in paths.items()}
    lengths = {language: len(column) for language, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"{paths[task.languages[0]]}: aligned files differ in lines: {lengths}")
    for number in range(lengths[task.languages[0]]):
        texts = {language: column[number] for language, column in columns.items()}
        yield f"{task.source.path or task.source.url}: line {number + 1}", str(number + 1), texts, texts


def text_lines(path: Path) -> list[str]:
    """Lines end with a line feed only: U+2028 and its like stand inside texts, where str.splitlines would cut."""
    return [line.removesuffix("\r") for line in read_text(path).removesuffix("\n").split("\n")]


def json_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(file:line, object) of a jsonl or jsonl.gz file. Raises DataError naming the line."""
    for number, line in enumerate(text_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise DataError(f"{path}:{number}: not valid JSON ({error}); truncated?") from None
        if not isinstance(row, dict):
            raise DataError(f"{path}:{number}: found {type(row).__name__}, expected an object per line")
        yield f"{path}:{number}", row
