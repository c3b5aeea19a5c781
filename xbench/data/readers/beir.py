"""BEIR's files (arXiv 2104.08663): corpus.jsonl, queries.jsonl, qrels/*.tsv, per language or for all of them at once.

Knows the format only; what a judgement says about other languages is the task's `relevance`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xbench.data.collection import Collection
from xbench.data.qrels import beir_qrels
from xbench.data.readers.judged import TextColumn, document_text, join
from xbench.data.readers.qrels_files import qrels_files, read_qrels
from xbench.data.rows import Locate, id_of, json_rows, language_of, text_of
from xbench.specs import BeirTask
from xbench.specs.parts import Source


def files(task: BeirTask) -> Iterator[tuple[Source, str]]:
    """Every (source, language) that the task reads."""
    for source, languages in ((task.documents, task.document_languages), (task.queries, task.query_languages)):
        yield from ((source, language) for language in (languages if source.by_language else ("",)))
    yield from ((source, language) for _, source, language in qrels_files(task))


def read(task: BeirTask, locate: Locate) -> Collection:
    """The task's collection. Raises DataError naming file and line."""
    answers = {language: TextColumn(language) for language in task.document_languages}
    for where, row, column in _rows(task, task.documents, answers, locate):
        column.add(id_of(row, "_id", where), document_text(row, task.options.text, where), where)
    asked = {language: TextColumn(language) for language in task.query_languages}
    for where, row, column in _rows(task, task.queries, asked, locate):
        column.add(id_of(row, "_id", where), text_of(row, "text", where), where)
    return join(task, asked, answers, *read_qrels(task, locate, beir_qrels))


def _rows(
    task: BeirTask, source: Source, read: dict[str, TextColumn], locate: Locate
) -> Iterator[tuple[str, Mapping[str, object], TextColumn]]:
    """(file:line, row, column of its language) of all files of one side."""
    if source.by_language or not task.options.language:
        for language, column in read.items():
            for where, row in json_rows(locate(source, language if source.by_language else "")):
                yield where, row, column
        return
    codes = {source.codes.get(language, language): language for language in read}
    for where, row in json_rows(locate(source, "")):
        code = text_of(row, task.options.language, where)
        if known := language_of(code, tuple(codes), f"{where}: {task.options.language}"):
            yield where, row, read[codes[known]]
