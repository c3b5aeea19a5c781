"""One jsonl per language: a row is a question with the passage that answers it, as in Belebele (arXiv 2308.16884).

Keys of the row name question and passage, and they are the same in every language. A passage stands once among the
documents however many questions it answers.
"""

from __future__ import annotations

from collections.abc import Iterator

from xbench.data.collection import Collection, Queries, collect
from xbench.data.readers.judged import TextColumn
from xbench.data.rows import Locate, id_of, json_rows, text_of
from xbench.errors import DataError
from xbench.specs import PassagesTask
from xbench.specs.parts import Source


def files(task: PassagesTask) -> Iterator[tuple[Source, str]]:
    """Every (source, language) that the task reads."""
    yield from ((task.source, language) for language in task.languages)


def read(task: PassagesTask, locate: Locate) -> Collection:
    """The task's collection. Raises DataError naming file and line."""
    asked = {language: TextColumn(language) for language in task.languages}
    answers = {language: TextColumn(language) for language in task.languages}
    relevant: dict[str, dict[str, list[int]]] = {}
    groups: dict[str, list[str]] = {}
    for language in task.languages:
        rows = _read(task, locate, language, asked[language], answers[language])
        relevant[language] = {question: [place] for question, _, place in rows}
        groups[language] = [passage if task.group == "passage" else question for question, passage, _ in rows]
    documents = {language: answers[language].close() for language in task.document_languages}
    return collect(
        {language: _queries(asked[language], groups[language]) for language in task.query_languages},
        documents,
        {language: relevant[language] for language in documents},
    )


def _read(
    task: PassagesTask, locate: Locate, language: str, asked: TextColumn, answers: TextColumn
) -> list[tuple[str, str, int]]:
    """(question, passage, place of the passage) of every row."""
    options, places = task.options, dict[str, int]()
    rows: list[tuple[str, str, int]] = []
    for where, row in json_rows(locate(task.source, language)):
        question, passage = _name(row, options.id, where), _name(row, options.passage, where)
        asked.add(question, text_of(row, options.query, where), where)
        text = text_of(row, options.document, where)
        if passage not in places:
            places[passage] = len(answers.ids)
            answers.add(passage, text, where)
        elif answers.texts[places[passage]] != text:
            raise DataError(f"{where}: passage {passage!r:.100} has another text here than in a row before")
        rows.append((question, passage, places[passage]))
    return rows


def _name(row: dict[str, object], keys: tuple[str, ...], where: str) -> str:
    return " ".join(id_of(row, key, where) for key in keys)


def _queries(asked: TextColumn, groups: list[str]) -> Queries:
    texts = asked.close()
    start = len(asked.language) + 1
    return Queries(texts.ids, texts.texts, tuple(identity[start:] for identity in texts.ids), tuple(groups))
