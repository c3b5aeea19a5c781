"""Queries, documents and qrels of any format, joined as the task's `relevance` says. Knows ids and no file format.

parallel: ids are the same in every language, so that a judgement holds for every language version of its query and
document. same-language: a judgement holds in its own language. explicit: a judgement names a document of any language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from xbench.data.collection import Absent, Collection, Judgement, Queries, Texts, judge
from xbench.data.qrels import Qrel
from xbench.data.readers.qrels_files import Qrels
from xbench.data.soundness import require_shared_questions
from xbench.data.titles import title_and_text
from xbench.errors import DataError
from xbench.specs.tasks import Relevance


class Task(Protocol):
    """What of a task says how its judgements are joined."""

    @property
    def relevance(self) -> Relevance: ...
    @property
    def absent(self) -> Absent: ...


@dataclass
class TextColumn:
    """Texts of one language as they are read; ids get the language in front, for they may recur in other languages."""

    language: str
    ids: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def add(self, identity: str, text: str, where: str) -> None:
        """Raises DataError for an id that is empty or stands twice."""
        name = f"{self.language}-{identity}"
        if not identity or name in self._seen:
            raise DataError(f"{where}: found id {identity!r:.60}, expected an id that no other row has")
        self._seen.add(name)
        self.ids.append(name)
        self.texts.append(text)

    def close(self) -> Texts:
        """What was read, without what was needed to read it."""
        self._seen = set()
        return Texts(tuple(self.ids), tuple(self.texts))


def document_text(row: Mapping[str, object], template: str, where: str) -> str:
    """A document's text by the task's rule; without a title, the text alone as it is. Raises DataError."""
    text = title_and_text(row, template, where)
    return text.strip() if row.get("title") else text


def join(
    task: Task,
    asked: Mapping[str, TextColumn],
    answers: Mapping[str, TextColumn],
    qrels: Qrels,
    notes: tuple[str, ...] = (),
) -> Collection:
    """The collection of what was read; `notes` stand before those of the joining. Raises DataError."""
    documents = {language: column.close() for language, column in answers.items()}
    shared = task.relevance == "parallel" or ("", "") in qrels
    queries = {language: _queries(column, shared) for language, column in asked.items()}
    if task.relevance == "parallel":
        require_shared_questions(queries)
    judgements: dict[str, list[Judgement]] = {language: [] for language in queries}
    for language, judgement in _spread(task, queries, documents, qrels):
        judgements[language].append(judgement)
    collection = judge(queries, documents, judgements, task.absent)
    return replace(collection, notes=(*notes, *collection.notes))


def _queries(column: TextColumn, shared: bool) -> Queries:
    """An id names the same question in every language where ids are `shared`, and otherwise in its own alone."""
    texts = column.close()
    start = len(column.language) + 1
    questions = tuple(identity[start:] for identity in texts.ids) if shared else texts.ids
    return Queries(texts.ids, texts.texts, questions, questions)


def _spread(
    task: Task, queries: Mapping[str, Queries], documents: Mapping[str, Texts], qrels: Qrels
) -> Iterator[tuple[str, Judgement]]:
    """(query language, judgement) of every version of a query and document that a line of qrels holds for."""
    askers = {language: set(asked.ids) for language, asked in queries.items()}
    homes = _homes(documents, qrels)
    for (asking, answering), judged in qrels.items():
        for qrel in judged:
            known = [asking] if asking else [name for name, ids in askers.items() if f"{name}-{qrel.query}" in ids]
            if not known:
                raise DataError(f"{qrel.where}: no query {qrel.query!r:.60}; qrels and queries must be of one version")
            for query in known:
                for document in _languages(task, query, answering, homes.get(qrel.document, []), documents, qrel):
                    ids = (f"{query}-{qrel.query}", document, f"{document}-{qrel.document}")
                    yield query, Judgement(*ids, qrel.grade, qrel.where)


def _languages(
    task: Task, query: str, answering: str, homes: list[str], documents: Mapping[str, Texts], qrel: Qrel
) -> list[str]:
    """The languages in which a judged document is sought."""
    if answering:
        return [answering]
    if task.relevance == "same-language":
        return [query] if query in documents else []
    if not homes:  # absent: whose loss it is can only be said where there is one language
        if len(documents) > 1 and task.absent == "missed" and qrel.grade > 0:
            raise DataError(f"{qrel.where}: document {qrel.document!r:.60} is in no language")
        return list(documents)[:1]
    if task.relevance == "explicit" and len(homes) > 1:
        raise DataError(
            f"{qrel.where}: document {qrel.document!r:.60} is in {' and '.join(homes)}; the path of qrels needs "
            "{document}, or ids that no other language has"
        )
    return homes


def _homes(documents: Mapping[str, Texts], qrels: Qrels) -> dict[str, list[str]]:
    """The languages that hold each judged document of files that do not say which."""
    sought = {qrel.document for (_, answering), judged in qrels.items() if not answering for qrel in judged}
    homes: dict[str, list[str]] = {}
    for language, texts in documents.items() if sought else ():
        start = len(language) + 1
        for identity in texts.ids:
            if identity[start:] in sought:
                homes.setdefault(identity[start:], []).append(language)
    return homes
