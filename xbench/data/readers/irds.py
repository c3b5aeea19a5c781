"""Any data set of ir_datasets by its id (arXiv 2103.02280). Knows its interface; it fetches and keeps its files itself.

The id may hold {query} and {document}, the languages of a pair, or {lang} for both: each pair that is judged is a data
set of its own, and its documents and queries are read once per language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from xbench.data.collection import Collection
from xbench.data.qrels import Qrel
from xbench.data.readers.judged import TextColumn, join
from xbench.data.readers.qrels_files import Pair
from xbench.data.rows import Locate, grade_of
from xbench.errors import DataError
from xbench.specs import IrdsTask
from xbench.specs.parts import Source


def files(task: IrdsTask) -> Iterator[tuple[Source, str]]:
    """None that xbench fetches."""
    yield from ()


def read(task: IrdsTask, locate: Locate) -> Collection:
    """The task's collection. Raises DataError."""
    answers = {language: TextColumn(language) for language in task.document_languages}
    asked = {language: TextColumn(language) for language in task.query_languages}
    texts: dict[str, str] = {}
    qrels: dict[Pair, list[Qrel]] = {}
    for query, document in _pairs(task):
        codes = {side: task.codes.get(side, side) for side in (query, document)}
        name = task.dataset.format(query=codes[query], document=codes[document], lang=codes[document])
        data = _load(name)
        if not answers[document].ids:
            for row in _iterate(name, data, "docs"):
                answers[document].add(row.doc_id, _text(task.options.document, row, name), name)
        for row in _iterate(name, data, "queries"):
            _ask(asked[query], row.query_id, _text(task.options.query, row, name), texts, name)
        key = (query if task.relevance != "parallel" else "", document)
        judged = _iterate(name, data, "qrels")
        qrels[key] = [Qrel(row.query_id, row.doc_id, grade_of(str(row.relevance), name), name) for row in judged]
    return join(task, asked, answers, qrels)


def _pairs(task: IrdsTask) -> list[Pair]:
    """The pairs that are data sets: a language with itself unless the relevance is explicit."""
    queries, documents = task.query_languages, task.document_languages
    if task.relevance != "explicit":
        same = [(language if language in queries else queries[0], language) for language in documents]
        return same + [(language, documents[0]) for language in queries if language not in documents]
    return [(query, document) for query in queries for document in documents]


def _ask(column: TextColumn, identity: str, text: str, texts: dict[str, str], name: str) -> None:
    """Add a query, unless another data set has asked it already. Raises DataError where that was in other words."""
    key = f"{column.language}-{identity}"
    if key not in texts:
        texts[key] = text
        column.add(identity, text, name)
    elif texts[key] != text:
        raise DataError(f"{name}: query {identity!r} has another text here than in the data set of another language")


def _load(name: str) -> Any:
    try:
        import ir_datasets
    except ImportError:
        raise DataError("format irds needs ir_datasets: install xbench[irds]") from None
    try:
        return ir_datasets.load(name)
    except (KeyError, ValueError) as error:
        raise DataError(f"ir_datasets has no {name!r}: {str(error)[:200]}") from None


def _iterate(name: str, data: Any, kind: str) -> Iterator[Any]:
    """All docs, queries or qrels. Raises DataError where there are none, or they cannot be fetched."""
    if not getattr(data, f"has_{kind}")():
        raise DataError(f"{name}: has no {kind}; name a data set with docs, queries and qrels")
    try:
        yield from getattr(data, f"{kind}_iter")()
    except (OSError, RuntimeError, ValueError, EOFError) as error:
        raise DataError(f"{name}: {kind} cannot be read by ir_datasets: {' '.join(str(error).split())[:200]}") from None


def _text(template: str, row: Any, name: str) -> str:
    """The fields that a template names, without what is empty."""

    def field(found: re.Match[str]) -> str:
        value = getattr(row, found[1], None)
        if value is None and found[1] not in row._fields:
            raise DataError(f"{name}: no field {found[1]!r}; it has {', '.join(row._fields)}")
        return str(value or "")

    return re.sub(r"\{([a-z_]+)\}", field, template).strip()
