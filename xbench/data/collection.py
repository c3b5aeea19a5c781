"""A task's data, loaded: queries, documents and golds by language. A value; knows no file format and no encoder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from xbench.arrays import Ints
from xbench.errors import DataError

Absent: TypeAlias = Literal["error", "missed", "drop"]
LONGEST = 1_000_000  # characters of a text: a book, or a file whose line feeds were lost
SLICE = 10_000  # texts that are looked at together


@dataclass(frozen=True)
class Texts:
    """Documents of one language. `ids` are unique in the collection."""

    ids: tuple[str, ...]
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        return f"<{len(self):,} texts>"


@dataclass(frozen=True, repr=False)
class Queries(Texts):
    """Queries of one language; `questions` join the language versions of a question, `groups` cluster them."""

    questions: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Golds:
    """Judgements of one query language's queries, ordered by query: four arrays [golds] int64.

    A grade above 0 is relevant, and gain of nDCG; 0 is judged and not relevant, and counts in Judged@k alone. Document
    -1 is relevant but not in the collection: it is found at no rank, and counts in every divisor.
    """

    query: Ints
    language: Ints  # position of the document's language in Collection.document_languages
    document: Ints  # position of the document among its language's documents
    grade: Ints


@dataclass(frozen=True, repr=False)
class Collection:
    """Everything that is ranked. `golds[lang]` are the relevant documents of `queries[lang]`, in every language."""

    queries: Mapping[str, Queries]
    documents: Mapping[str, Texts]
    golds: Mapping[str, Golds]
    notes: tuple[str, ...] = ()  # what whoever reads the scores must know of how the data were read

    @property
    def document_languages(self) -> tuple[str, ...]:
        """The languages of the pool, in the order in which documents are numbered."""
        return tuple(self.documents)

    @cached_property
    def digest(self) -> str:
        """sha256 over every id, text, question, group and gold: what a result depends on besides the encoder."""
        seen = hashlib.sha256()
        for language, queries in self.queries.items():
            _hash(seen, language, queries.ids, queries.texts, queries.questions, queries.groups)
        for language, texts in self.documents.items():
            _hash(seen, language, texts.ids, texts.texts)
        for language, golds in self.golds.items():
            seen.update(language.encode())
            for array in (golds.query, golds.language, golds.document, golds.grade):
                seen.update(array.tobytes())
        return seen.hexdigest()


def _hash(seen: hashlib._Hash, language: str, *columns: tuple[str, ...]) -> None:
    """Update with the repr of (language, *columns) in slices: the whole would be a second copy of the texts."""
    seen.update(f"({language!r}".encode())
    for column in columns:
        seen.update(b", (")
        for first in range(0, len(column), SLICE):
            part = ", ".join(map(repr, column[first : first + SLICE]))
            seen.update(f"{', ' if first else ''}{part}".encode())
        seen.update(b",)" if len(column) == 1 else b")")
    seen.update(b")")


class Judgement(NamedTuple):
    """One line of qrels. `where` names file and line."""

    query: str
    language: str  # of the document
    document: str
    grade: int
    where: str


def collect(
    queries: Mapping[str, Queries],
    documents: Mapping[str, Texts],
    relevant: Mapping[str, Mapping[str, list[int]]],
) -> Collection:
    """Join golds by question: `relevant[language][question]` are positions among that language's documents.

    The relevant set of a query is that of its question in every document language. Raises DataError where a language
    has no query or no document, or a query no relevant document at all.
    """
    require_texts(queries, documents)
    golds = {language: _joined(language, asked, documents, relevant) for language, asked in queries.items()}
    return Collection(queries, documents, golds)


def judge(
    queries: Mapping[str, Queries],
    documents: Mapping[str, Texts],
    judgements: Mapping[str, Iterable[Judgement]],
    absent: Absent = "error",
) -> Collection:
    """Take golds from qrels: `judgements[language]` are those of the queries asked in that language, by ids.

    Queries without a relevant document leave the collection, and a note says how many. A relevant document that is not
    in the collection is an error, or `absent` says: missed (no system can find it, and it stays in every divisor) or
    drop. Raises DataError where a query or a language is unknown, a pair of query and document is judged twice, or
    nothing is left of a language.
    """
    require_texts(queries, documents)
    lines = {language: list(judgements.get(language, ())) for language in queries}
    places = _places(documents, {(line.language, line.document) for judged in lines.values() for line in judged})
    answered: dict[str, Queries] = {}
    golds: dict[str, Golds] = {}
    notes: list[str] = []
    for language, asked in queries.items():
        rows, lost = _rows(asked, tuple(documents), places, lines[language], absent)
        answered[language], golds[language] = _with_golds(language, asked, rows)
        if lost:
            notes.append(f"{language}: {lost} relevant documents are not in the collection ({absent})")
        if unanswered := len(asked) - len(answered[language]):
            notes.append(f"{language}: {unanswered} queries without a relevant document are left out")
    return Collection(answered, documents, golds, tuple(notes))


def _places(documents: Mapping[str, Texts], judged: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Where each judged document stands in its language; the others, often millions, cost nothing."""
    return {
        (language, identity): position
        for language, texts in documents.items()
        for position, identity in enumerate(texts.ids)
        if (language, identity) in judged
    }


def require_texts(queries: Mapping[str, Queries], documents: Mapping[str, Texts]) -> None:
    """Raise DataError for a language without a text, and for a text that is too long, or half a character."""
    for name, part in (("queries", queries), ("documents", documents)):
        for language, texts in part.items():
            if not len(texts):
                raise DataError(f"no {name} in language {language!r}; a task needs some in each of its languages")
            for first in range(0, len(texts), SLICE):
                _require_encodable(name, language, texts.texts[first : first + SLICE])
            longest = max(range(len(texts)), key=lambda place: len(texts.texts[place]))
            if len(texts.texts[longest]) >= LONGEST:
                raise DataError(
                    f"{name} in language {language!r}: {texts.ids[longest]!r:.60} has {len(texts.texts[longest]):,} "
                    f"characters; expected fewer than {LONGEST:,}: is a line feed missing?"
                )


def _require_encodable(name: str, language: str, texts: tuple[str, ...]) -> None:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        raise DataError(f"{name} in language {language!r} hold half a surrogate pair (\\ud800...)") from None


def _joined(
    language: str,
    queries: Queries,
    documents: Mapping[str, Texts],
    relevant: Mapping[str, Mapping[str, list[int]]],
) -> Golds:
    rows: list[tuple[int, int, int, int]] = []
    for query, question in enumerate(queries.questions):
        before = len(rows)
        for number, other in enumerate(documents):
            rows.extend((query, number, document, 1) for document in relevant[other].get(question, ()))
        if len(rows) == before:
            raise DataError(
                f"query {queries.ids[query]!r} ({language}) has no relevant document in {', '.join(documents)}"
            )
    return _golds(rows)


def _rows(
    asked: Queries,
    languages: tuple[str, ...],
    places: Mapping[tuple[str, str], int],
    judgements: Iterable[Judgement],
    absent: Absent,
) -> tuple[list[tuple[int, int, int, int]], int]:
    """(query, language number, document, grade) of every line, and how many relevant documents are absent."""
    numbers = {identity: number for number, identity in enumerate(asked.ids)}
    rows: dict[tuple[str, str, str], tuple[int, int, int, int]] = {}
    lost = 0
    for line in judgements:
        key = (line.query, line.language, line.document)
        if key in rows:
            raise DataError(f"{line.where}: query {line.query!r} and document {line.document!r} are judged twice")
        if line.query not in numbers:
            raise DataError(f"{line.where}: no query {line.query!r}; qrels and queries must be of one version")
        if not isinstance(line.grade, int | np.integer):
            raise DataError(f"{line.where}: grade: found {line.grade!r:.40}, expected a whole number")
        if line.language not in languages:
            raise DataError(f"{line.where}: no documents in language {line.language!r}")
        place = places.get((line.language, line.document), -1)
        if place < 0 and line.grade > 0:
            if absent == "error":
                raise DataError(
                    f"{line.where}: document {line.document!r} is not in the collection; qrels of another version? "
                    "If it is meant, say `absent: missed` or `absent: drop` in the task"
                )
            lost += 1
        if place >= 0 or (line.grade > 0 and absent == "missed"):
            rows[key] = (numbers[line.query], languages.index(line.language), place, max(line.grade, 0))
    return list(rows.values()), lost


def _with_golds(language: str, asked: Queries, rows: list[tuple[int, int, int, int]]) -> tuple[Queries, Golds]:
    """The queries that have a relevant document in the collection's judgements, renumbered, and their golds."""
    answered = sorted({row[0] for row in rows if row[3] > 0})
    if not answered:
        raise DataError(f"no query in language {language!r} has a relevant document")
    number = {query: place for place, query in enumerate(answered)}
    parts = (asked.ids, asked.texts, asked.questions, asked.groups)
    queries = Queries(*(tuple(part[query] for query in answered) for part in parts))
    return queries, _golds(sorted((number[row[0]], *row[1:]) for row in rows if row[0] in number))


def _golds(rows: list[tuple[int, int, int, int]]) -> Golds:
    array = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Golds(*(np.ascontiguousarray(column) for column in array.T))
