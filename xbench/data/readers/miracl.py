"""MIRACL's files (arXiv 2210.09984): topics, qrels in TREC's four columns, passages in shards of jsonl.gz.

Knows the format only. Passages are streamed shard by shard; each is held once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xbench.data.collection import Collection
from xbench.data.readers.judged import Column, Qrel, join, qrels_files, write_text
from xbench.data.rows import File, Locate, columns, grade_of, json_rows, lines, text_of
from xbench.errors import DataError
from xbench.specs import MiraclTask
from xbench.specs.parts import Source

QRELS = ("query", "Q0", "document", "grade")


def files(task: MiraclTask) -> Iterator[tuple[Source, str]]:
    """Every (source, language) that the task reads."""
    for language in task.document_languages:
        yield from ((shard, language) for shard in _shards(task.documents, language))
    yield from ((task.queries, language) for language in task.query_languages)
    yield from ((source, language) for _, source, language in qrels_files(task))


def _shards(source: Source, language: str) -> Iterator[Source]:
    if not source.shards:
        yield source
    elif language not in source.shards:
        raise DataError(f"documents.shards: no number of files for {language!r}")
    yield from (source.shard(language, number) for number in range(source.shards.get(language, 0)))


def read(task: MiraclTask, locate: Locate) -> Collection:
    """The task's collection. Raises DataError naming file and line."""
    asked = {language: Column(language) for language in task.query_languages}
    for language, column in asked.items():
        for where, (identity, text) in columns(locate(task.queries, language), ("query id", "text")):
            column.ask(identity, text, where)
    qrels = {pair: read_qrels(locate(source, language)) for pair, source, language in qrels_files(task)}
    answers = {language: Column(language) for language in task.document_languages}
    for language, column in answers.items():
        for shard in _shards(task.documents, language):
            for where, row in json_rows(*locate(shard, language)):
                title = text_of(row, "title", where)
                text = write_text(task.options.text, title, text_of(row, "text", where))
                column.add(text_of(row, "docid", where), text, where)
    return join(task, asked, answers, qrels)


def read_qrels(file: File) -> Sequence[Qrel]:
    """The judgements of a file in TREC's four columns, with tabs or spaces between. Raises DataError."""
    found: list[Qrel] = []
    for where, line in lines(file):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != len(QRELS):
            raise DataError(f"{where}: {len(fields)} fields, expected {len(QRELS)}: {', '.join(QRELS)}")
        query, _, document, grade = fields
        found.append(Qrel(query, document, grade_of(grade, where), where))
    return found
