"""What a run retrieved for a fixed sample of questions, from the arrays beside its result. Ids alone: a result holds no
text.

The sample is the same for every run of a task: questions evenly spaced over its order, each in a few of its languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xbench.arrays import Array
from xbench.board.sources import ResultSource

QUESTIONS, LANGUAGES = 3, 4
NEEDED = ("query_language", "query_id", "question", "document_languages", "document_id", "top_document", "pool_rank")
PACKED = "packed"
LISTLESS = "no lists"


@dataclass(frozen=True)
class Retrieved:
    """One query: its first documents as (language, id), and the rank of its best relevant document by language."""

    language: str
    query: str
    documents: list[tuple[str, str]]
    ranks: list[tuple[str, float]]


@dataclass(frozen=True)
class SampleQuestion:
    """A question, and what its versions in several languages found."""

    name: str
    queries: list[Retrieved]


def retrieved_sample(source: ResultSource) -> list[SampleQuestion] | str:
    """The sample; or why there is none: PACKED, LISTLESS, or "" where no array file stands beside the result."""
    file = source.file().arrays()
    if file is None:
        return ""
    if file.packed:
        return PACKED
    if not set(NEEDED) <= file.headers.keys():
        return LISTLESS
    return _sample(file.read(NEEDED), source.run.documents)


def _sample(arrays: Mapping[str, Array], counts: Mapping[str, int]) -> list[SampleQuestion]:
    asked, questions = arrays["query_language"].tolist(), arrays["question"].tolist()
    names = [str(name) for name in arrays["document_languages"].tolist()]
    of_document = np.repeat(names, [counts[name] for name in names]).tolist()
    rows = {(question, language): row for row, (question, language) in enumerate(zip(questions, asked, strict=True))}
    languages = _spaced(list(dict.fromkeys(asked)), LANGUAGES)
    chosen = _spaced(list(dict.fromkeys(questions)), QUESTIONS)
    sample = []
    for question in chosen:
        found = [(language, rows[question, language]) for language in languages if (question, language) in rows]
        queries = [_retrieved(arrays, row, language, names, of_document) for language, row in found]
        sample.append(SampleQuestion(str(question), [query for query in queries if query.documents]))
    return [question for question in sample if question.queries]


def _retrieved(
    arrays: Mapping[str, Array], row: int, language: str, names: Sequence[str], of_document: Sequence[str]
) -> Retrieved:
    top = [int(place) for place in arrays["top_document"][row] if place >= 0]
    documents = [(str(of_document[place]), str(arrays["document_id"][place])) for place in top]
    ranks = zip(names, arrays["pool_rank"][row].tolist(), strict=True)
    known = [(name, float(rank)) for name, rank in ranks if np.isfinite(rank)]
    return Retrieved(language, str(arrays["query_id"][row]), documents, known)


def _spaced(values: Sequence[str], most: int) -> list[str]:
    """At most so many of the values, the first among them, evenly spaced."""
    return [values[place * len(values) // most] for place in range(most)] if len(values) > most else list(values)
