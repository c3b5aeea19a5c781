"""MIRACL's files (arXiv 2210.09984): topics, qrels in TREC's four columns, passages in shards of jsonl.gz.

Knows the format only. Passages are streamed shard by shard; each is held once.
"""

from __future__ import annotations

from collections.abc import Iterator

from xbench.data.collection import Collection
from xbench.data.qrels import trec_qrels
from xbench.data.readers.judged import TextColumn, document_text, join
from xbench.data.readers.qrels_files import qrels_files, read_qrels
from xbench.data.rows import Locate, columns, json_rows, text_of
from xbench.errors import DataError
from xbench.specs import MiraclTask
from xbench.specs.parts import Source


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
    asked = {language: TextColumn(language) for language in task.query_languages}
    for language, column in asked.items():
        for where, (identity, text) in columns(locate(task.queries, language), ("query id", "text")):
            column.add(identity, text, where)
    qrels = read_qrels(task, locate, trec_qrels)
    answers = {language: TextColumn(language) for language in task.document_languages}
    for language, column in answers.items():
        for shard in _shards(task.documents, language):
            for where, row in json_rows(locate(shard, language)):
                text_of(row, "title", where)  # every passage of MIRACL has one; it may be empty
                column.add(text_of(row, "docid", where), document_text(row, task.options.text, where), where)
    return join(task, asked, answers, *qrels)
