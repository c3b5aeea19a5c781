"""A task's data, loaded: queries, documents and golds by language. A value; knows no file format and no encoder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from xbench.errors import DataError

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Texts:
    """Documents of one language. `ids` are unique in the collection."""

    ids: tuple[str, ...]
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Queries(Texts):
    """Queries of one language; `questions` join the language versions of a question, `groups` cluster them."""

    questions: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Golds:
    """Relevant documents of one query language's queries, ordered by query: three arrays [golds] int64."""

    query: Ints
    language: Ints  # position of the document's language in Collection.document_languages
    document: Ints  # position of the document among its language's documents


@dataclass(frozen=True)
class Collection:
    """Everything that is ranked. `golds[lang]` are the relevant documents of `queries[lang]`, in every language."""

    queries: Mapping[str, Queries]
    documents: Mapping[str, Texts]
    golds: Mapping[str, Golds]

    @property
    def document_languages(self) -> tuple[str, ...]:
        return tuple(self.documents)

    @cached_property
    def digest(self) -> str:
        """sha256 over every id, text, question, group and gold: what a result depends on besides the encoder."""
        seen = hashlib.sha256()
        for language, queries in self.queries.items():
            seen.update(repr((language, queries.ids, queries.texts, queries.questions, queries.groups)).encode())
        for language, texts in self.documents.items():
            seen.update(repr((language, texts.ids, texts.texts)).encode())
        for language, golds in self.golds.items():
            seen.update(language.encode())
            for array in (golds.query, golds.language, golds.document):
                seen.update(array.tobytes())
        return seen.hexdigest()


def collect(
    queries: Mapping[str, Queries],
    documents: Mapping[str, Texts],
    relevant: Mapping[str, Mapping[str, list[int]]],
) -> Collection:
    """Join golds by question: `relevant[language][question]` are positions among that language's documents.

    The relevant set of a query is that of its question in every document language. Raises DataError where a language
    has no query or no document, or a query no relevant document at all.
    """
    for name, part in (("queries", queries), ("documents", documents)):
        for language, texts in part.items():
            if not len(texts):
                raise DataError(f"no {name} in language {language!r}; a task needs some in each of its languages")
            try:
                "".join(texts.texts).encode()
            except UnicodeEncodeError:
                raise DataError(f"{name} in language {language!r} hold half a surrogate pair (\\ud800...)") from None
    golds = {language: _golds(language, asked, documents, relevant) for language, asked in queries.items()}
    return Collection(queries, documents, golds)


def _golds(
    language: str,
    queries: Queries,
    documents: Mapping[str, Texts],
    relevant: Mapping[str, Mapping[str, list[int]]],
) -> Golds:
    rows: list[tuple[int, int, int]] = []
    for query, question in enumerate(queries.questions):
        before = len(rows)
        for number, other in enumerate(documents):
            rows.extend((query, number, document) for document in relevant[other].get(question, ()))
        if len(rows) == before:
            raise DataError(f"query {queries.ids[query]!r} ({language}) has no relevant document in any language")
    array = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Golds(array[:, 0].copy(), array[:, 1].copy(), array[:, 2].copy())
