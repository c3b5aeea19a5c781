"""Qrels in the field's two layouts: TREC's four columns, and BEIR's .tsv with a header. Knows ids; no text, no task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from xbench.data.rows import File, columns, grade_of, lines
from xbench.errors import DataError

TREC = ("query", "Q0", "document", "grade")
BEIR = ("query-id", "corpus-id", "score")


class Qrel(NamedTuple):
    """One judgement by the ids of its files; `where` names the line."""

    query: str
    document: str
    grade: int
    where: str


def trec_qrels(file: File) -> Iterator[Qrel]:
    """The judgements of a file in TREC's four columns, with tabs or spaces between. Raises DataError."""
    for where, line in lines(file):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != len(TREC):
            raise DataError(f"{where}: {len(fields)} fields, expected {len(TREC)}: {', '.join(TREC)}")
        query, _, document, grade = fields
        yield Qrel(query, document, grade_of(grade, where), where)


def beir_qrels(file: File) -> Iterator[Qrel]:
    """The judgements of a .tsv with BEIR's header. Raises DataError."""
    rows = columns(file, BEIR)
    where, header = next(rows, (str(file), []))
    if tuple(header) != BEIR:
        raise DataError(f"{where}: found {' '.join(header)!r:.60}, expected the header {', '.join(BEIR)}")
    for where, (query, document, grade) in rows:
        yield Qrel(query, document, grade_of(grade, where), where)
