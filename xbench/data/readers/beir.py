"""BEIR's files (arXiv 2104.08663): corpus.jsonl, queries.jsonl, qrels/*.tsv, per language or for all of them at once.

Knows the format only; what a judgement says about other languages is the task's `relevance`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from xbench.data.collection import Collection
from xbench.data.readers.judged import Column, Qrel, join, qrels_files, write_text
from xbench.data.rows import File, Locate, columns, grade_of, id_of, json_rows, text_of
from xbench.errors import DataError
from xbench.specs import BeirTask
from xbench.specs.parts import Source

HEADER = ("query-id", "corpus-id", "score")


def files(task: BeirTask) -> Iterator[tuple[Source, str]]:
    """Every (source, language) that the task reads."""
    for source, languages in ((task.documents, task.document_languages), (task.queries, task.query_languages)):
        yield from ((source, language) for language in (languages if source.by_language else ("",)))
    yield from ((source, language) for _, source, language in qrels_files(task))


def read(task: BeirTask, locate: Locate) -> Collection:
    """The task's collection. Raises DataError naming file and line."""
    answers = {language: Column(language) for language in task.document_languages}
    for where, row, column in _rows(task, task.documents, answers, locate):
        title = row.get("title") or ""
        if not isinstance(title, str):
            raise DataError(f"{where}: title: found {title!r:.60}, expected text")
        text = write_text(task.options.text, title, text_of(row, "text", where))
        column.add(id_of(row, "_id", where), text, where)
    asked = {language: Column(language) for language in task.query_languages}
    for where, row, column in _rows(task, task.queries, asked, locate):
        column.ask(id_of(row, "_id", where), text_of(row, "text", where), where)
    qrels = {pair: read_qrels(locate(source, language)) for pair, source, language in qrels_files(task)}
    return join(task, asked, answers, qrels)


def _rows(
    task: BeirTask, source: Source, read: dict[str, Column], locate: Locate
) -> Iterator[tuple[str, dict[str, Any], Column]]:
    """(file:line, row, column of its language) of all files of one side."""
    if source.by_language or not task.options.language:
        for language, column in read.items():
            for where, row in json_rows(*locate(source, language if source.by_language else "")):
                yield where, row, column
        return
    codes = {source.codes.get(language, language): language for language in read}
    for where, row in json_rows(*locate(source, "")):
        code = text_of(row, task.options.language, where)
        if code in codes:
            yield where, row, read[codes[code]]


def read_qrels(file: File) -> Sequence[Qrel]:
    """The judgements of a .tsv with BEIR's header. Raises DataError."""
    found: list[Qrel] = []
    rows = columns(file, HEADER)
    where, header = next(rows, (str(file), []))
    if tuple(header) != HEADER:
        raise DataError(f"{where}: found {' '.join(header)!r:.60}, expected the header {', '.join(HEADER)}")
    for where, (query, document, grade) in rows:
        found.append(Qrel(query, document, grade_of(grade, where), where))
    return found
