"""Repositories in mteb's layout: parquet in configs `{lang}-corpus`, `{lang}-queries`, `{lang}-qrels`.

Knows the columns; where the files of a config lie is the hub's business. Rows are read in batches, never a whole file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xbench.data import hub
from xbench.data.collection import Collection
from xbench.data.parquet import parquet_rows
from xbench.data.qrels import Qrel
from xbench.data.readers.judged import TextColumn, document_text, join
from xbench.data.readers.qrels_files import Pair, own_languages
from xbench.data.rows import Locate, grade_of, id_of, text_of
from xbench.specs import MtebTask
from xbench.specs.parts import Repository


def files(task: MtebTask) -> Iterator[tuple[Repository, str]]:
    """(source, `config/split`) of everything that the task reads."""
    options = task.options
    languages = (
        (options.documents, task.document_languages),
        (options.queries, task.query_languages),
        (options.qrels, [language for _, language in _qrels(task)]),
    )
    for config, known in languages:
        names = dict.fromkeys(_config(task, config, language) for language in known)
        yield from ((task.source, f"{name}/{options.split}") for name in names)


def read(task: MtebTask, locate: Locate) -> Collection:
    """The task's collection. Raises DataError."""
    answers = {language: TextColumn(language) for language in task.document_languages}
    for language, column in answers.items():
        for where, row in _rows(task, locate, task.options.documents, language, ("_id", "id", "title", "text")):
            column.add(_id(row, where), document_text(row, task.options.text, where), where)
    asked = {language: TextColumn(language) for language in task.query_languages}
    for language, column in asked.items():
        for where, row in _rows(task, locate, task.options.queries, language, ("_id", "id", "text")):
            column.add(_id(row, where), text_of(row, "text", where), where)
    return join(task, asked, answers, {pair: _judged(task, locate, language) for pair, language in _qrels(task)})


def _qrels(task: MtebTask) -> Iterator[tuple[Pair, str]]:
    """(languages, language of the config) of the qrels."""
    if "{lang}" not in task.options.qrels:
        yield ("", ""), ""
    elif task.relevance == "explicit":
        yield from (((language, ""), language) for language in task.query_languages)
    else:
        for language in own_languages(task):
            yield ("" if task.relevance == "parallel" else language, language), language


def _judged(task: MtebTask, locate: Locate, language: str) -> Sequence[Qrel]:
    names = ("query-id", "corpus-id", "score")
    return [
        Qrel(id_of(row, names[0], where), id_of(row, names[1], where), grade_of(str(row.get(names[2])), where), where)
        for where, row in _rows(task, locate, task.options.qrels, language, names)
    ]


def _config(task: MtebTask, config: str, language: str) -> str:
    return config.replace("{lang}", task.source.codes.get(language, language))


def _id(row: dict[str, object], where: str) -> str:
    return id_of(row, "_id" if "_id" in row else "id", where)


def _rows(
    task: MtebTask, locate: Locate, config: str, language: str, names: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, object]]]:
    """(file:row, columns) of a config in a language."""
    name = _config(task, config, language)
    folder = locate(task.source, f"{name}/{task.options.split}").path
    for path in hub.parquet(folder, name, task.options.split):
        yield from parquet_rows(path, names)
