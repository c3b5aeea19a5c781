"""What every reader hands over is looked at here, whoever wrote the reader: a collection that can be scored honestly.

Knows tasks and collections; no file. What is wrong is one line; what a reader of scores must know becomes a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain

import numpy as np

from xbench.arrays import Ints
from xbench.data.blanks import without_blanks
from xbench.data.certain_scores import certain_scores
from xbench.data.collection import Collection, Golds, Queries, Texts, require_texts
from xbench.data.copies import copied
from xbench.data.wordless import wordless
from xbench.errors import DataError
from xbench.specs.tasks import TaskBase

GRADES = 1_000_000  # a grade is below it
APART = 0.5  # share of a language's queries
GOLDS = ("query", "language", "document", "grade")


def sound(task: TaskBase, value: object) -> Collection:
    """The collection of a task that a reader gave, without blank texts, and with notes on what is odd about it.

    Raises DataError where it is no collection, is not of the task's languages, or where its scores would say nothing.
    """
    if not isinstance(value, Collection):
        raise DataError(f"its reader gave {type(value).__name__}, expected an xbench.data.collection.Collection")
    _require_languages("queries", value.queries, task.query_languages, Queries)
    _require_languages("documents", value.documents, task.document_languages, Texts)
    _require_languages("golds", value.golds, task.query_languages, Golds)
    for name, side in (("query", value.queries), ("document", value.documents)):
        _require_columns(name, side)
    require_texts(value.queries, value.documents)
    for language in value.queries:
        _require_golds(value, language, getattr(task, "absent", "error") == "missed")
    collection = without_blanks(value, task.blank)
    looks = (
        _relations(task, collection),
        wordless(collection),
        certain_scores(collection, task.grid),
        copied(collection, task.grid),
    )
    return replace(collection, notes=(*collection.notes, *chain.from_iterable(looks)))


def require_shared_questions(queries: Mapping[str, Queries]) -> None:
    """Raise DataError where a language has no question in common with any other."""
    for language, own in queries.items():
        others = {question for name, other in queries.items() if name != language for question in other.questions}
        if len(queries) > 1 and others.isdisjoint(own.questions):
            raise DataError(
                f"no query id of {language!r} is one of another language's, and `relevance: parallel` joins languages "
                "by id; say same-language or explicit if they are not parallel"
            )


def _require_languages(name: str, side: object, languages: tuple[str, ...], kind: type) -> None:
    found = tuple(side) if isinstance(side, Mapping) else (type(side).__name__,)
    if set(found) != set(languages):
        raise DataError(
            f"{name} in {', '.join(map(str, found))}, expected the task's languages: {', '.join(languages)}"
        )
    assert isinstance(side, Mapping)
    for language, part in side.items():
        if not isinstance(part, kind):
            raise DataError(f"{name} in language {language!r}: found {type(part).__name__}, expected {kind.__name__}")


def _require_columns(name: str, side: Mapping[str, Texts]) -> None:
    """Raise DataError unless columns are equally long and of text, and no id, and no question in its language, stands
    twice."""
    seen: set[str] = set()
    for language, texts in side.items():
        where = f"{name} in language {language!r}"
        columns = {"ids": texts.ids, "texts": texts.texts}
        if isinstance(texts, Queries):
            columns |= {"questions": texts.questions, "groups": texts.groups}
        for key, column in columns.items():
            if len(column) != len(texts.texts):
                raise DataError(f"{where}: {len(column)} {key} of {len(texts.texts)} texts; expected one of each")
            if odd := [part for part in column if not isinstance(part, str)]:
                raise DataError(f"{where}: {key}: found {odd[0]!r:.60}, expected text")
        for identity in texts.ids:
            if identity in seen:
                raise DataError(f"{where}: id {identity!r:.60} stands twice; expected an id that no other {name} has")
            seen.add(identity)
        if isinstance(texts, Queries) and len(set(texts.questions)) != len(texts):
            raise DataError(f"{where}: a question is asked twice; expected each once in a language")


def _require_golds(collection: Collection, language: str, missed: bool) -> None:
    golds, queries = collection.golds[language], collection.queries[language]
    where = f"golds in language {language!r}"
    for name in GOLDS:
        array = getattr(golds, name)
        if not isinstance(array, np.ndarray) or array.dtype != np.int64 or array.shape != (len(golds.query),):
            found = f"{array.dtype} of shape {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
            raise DataError(f"{where}: {name}: found {found}, expected whole numbers (int64), one a judgement")
    sizes = np.array([len(texts) for texts in collection.documents.values()])
    _require_bounds(where, "query", golds.query, 0, len(queries))
    _require_bounds(where, "language", golds.language, 0, len(sizes))
    _require_bounds(where, "document", golds.document, -1 if missed else 0, sizes[golds.language])
    _require_bounds(where, "grade", golds.grade, 0, GRADES)
    if (np.diff(golds.query) < 0).any():
        raise DataError(f"{where}: not ordered by query")
    there = golds.document >= 0
    rows = np.stack([golds.query, golds.language, golds.document], axis=1)[there]
    if len(np.unique(rows, axis=0)) != len(rows):
        raise DataError(f"{where}: a query and a document are judged twice; expected once")
    unanswered = np.setdiff1d(np.arange(len(queries)), golds.query[golds.grade > 0])
    if len(unanswered):
        raise DataError(f"query {queries.ids[unanswered[0]]!r} ({language}) has no relevant document")


def _require_bounds(where: str, name: str, array: np.ndarray, least: int, end: int | np.ndarray) -> None:
    odd = np.flatnonzero((array < least) | (array >= end))
    if len(odd):
        most = end if isinstance(end, int) else end[odd[0]]
        raise DataError(f"{where}: {name}: found {array[odd[0]]}, expected {least} to {most - 1}")


def _relations(task: TaskBase, collection: Collection) -> Iterator[str]:
    """What golds leave out. Raises DataError where parallel relevance joins nothing."""
    names = collection.document_languages
    relevant = {language: golds.language[golds.grade > 0] for language, golds in collection.golds.items()}
    reached = np.unique(np.concatenate(list(relevant.values())))
    unreached = [name for column, name in enumerate(names) if column not in reached]
    if task.relevance != "parallel":
        yield from (f"no document in {name} is relevant to any query" for name in unreached)
        return
    if unreached:
        raise DataError(f"no document in language {unreached[0]!r} is relevant to any query; qrels of another version?")
    require_shared_questions(collection.queries)
    for language, columns in relevant.items():
        if len(names) > 1 and len(np.unique(columns)) < 2:
            raise DataError(
                f"queries in {language!r} have relevant documents in {names[columns[0]]!r} alone, and `relevance: "
                "parallel` joins languages by id; say same-language or explicit if they are not parallel"
            )
    if len(names) > 1 and (shares := list(_apart(collection, relevant))):
        yield (
            f"queries with relevant documents in one language alone: {', '.join(shares)}; `relevance: parallel` joins "
            "languages by id, and few of theirs are shared"
        )


def _apart(collection: Collection, relevant: Mapping[str, Ints]) -> Iterator[str]:
    """Languages, and how many of their queries are joined with none, where these are many."""
    for language, columns in relevant.items():
        golds, queries = collection.golds[language], len(collection.queries[language])
        rows = np.unique(np.stack([golds.query[golds.grade > 0], columns], axis=1), axis=0)
        alone = int((np.bincount(rows[:, 0], minlength=queries) == 1).sum())
        if alone >= APART * queries:
            yield f"{language} {alone:,} of {queries:,}"
