"""TREC files: written for others, and scored through pytrec_eval, the field's referee. Knows the two layouts only.

Ties are broken as trec_eval breaks them (by document id), and scores are read as float32: for results without ties this
equals xbench's own metrics. A judged query that the run lacks scores 0; pytrec_eval alone would leave it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np

from xbench.data.archives import lines
from xbench.errors import DataError, SpecError
from xbench.metrics import Metric, names

TAG = "xbench"
LARGEST = float(np.finfo(np.float32).max)
WHOLE = re.compile(r"-?[0-9]{1,6}")
RANK = re.compile(r"[0-9]{1,18}")
DECIMAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")


class RunScores(NamedTuple):
    """What a run is worth. `means`: of each metric over all judged queries; `judged`: those; `absent`: those of them
    that the run lacks; `notes`: what whoever reads the means must know."""

    means: dict[str, float]
    judged: int
    absent: int
    notes: tuple[str, ...]


class Line(NamedTuple):
    """One line of a file, by its fields and its place."""

    where: str
    fields: list[str]


Rows: TypeAlias = dict[str, dict[str, Line]]
"""By query and document."""


def score_run(run: Path, qrels: Path, metrics: Sequence[str]) -> RunScores:
    """Raises DataError where a file is of another layout, or the two have no query or no document in common."""
    import pytrec_eval

    judged, ranked = _read(qrels, 4, "query 0 document grade"), _read(run, 6, "query Q0 document rank score tag")
    _require_common(run, qrels, ranked, judged)
    relevance = {query: {document: _grade(line) for document, line in rows.items()} for query, rows in judged.items()}
    scores = {query: {document: _score(line) for document, line in rows.items()} for query, rows in ranked.items()}
    _require_falling(run, ranked, scores)
    wanted = {text: _measure(text) for text in metrics}
    evaluator = pytrec_eval.RelevanceEvaluator(relevance, set(wanted.values()))
    values: Mapping[str, Mapping[str, float]] = evaluator.evaluate(scores)
    means = {
        text: sum(values.get(query, {}).get(measure.replace(".", "_"), 0.0) for query in relevance) / len(relevance)
        for text, measure in wanted.items()
    }
    absent = len(relevance.keys() - scores.keys())
    judged_runs = {query: rows for query, rows in ranked.items() if query in relevance}
    notes = (*_notes(relevance, scores), *_rank_notes(judged_runs, scores))
    return RunScores(means, len(relevance), absent, notes)


def _notes(relevance: Mapping[str, Mapping[str, int]], scores: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    if unjudged := scores.keys() - relevance.keys():
        yield f"{len(unjudged)} queries of the run are not judged and not scored, such as {min(unjudged)!r:.40}"
    if absent := relevance.keys() - scores.keys():
        yield f"{len(absent)} judged queries are not in the run and score 0, such as {min(absent)!r:.40}"
    if empty := [query for query, grades in relevance.items() if not any(grades.values())]:
        yield f"{len(empty)} judged queries have no relevant document and score 0, such as {empty[0]!r:.40}"
    merged = [
        query for query, found in scores.items() if len(set(found.values())) > len(set(map(np.float32, found.values())))
    ]
    if merged:
        yield (
            f"{len(merged)} queries have scores that differ and are the same as float32, which trec_eval reads: their "
            f"documents are ordered by id; such as {merged[0]!r:.40}"
        )


def _rank_notes(ranked: Rows, scores: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Queries whose ranks say another order than trec_eval's, which looks at scores alone and then at ids. Equal ranks
    say none."""
    against, tied = [], []
    for query, rows in ranked.items():
        found = scores[query]
        by_score = sorted(rows, key=lambda document: (found[document], document), reverse=True)
        by_rank = sorted(by_score, key=lambda document: _rank(rows[document]))
        if any(found[first] < found[second] for first, second in pairwise(by_rank)):
            against.append(query)
        elif by_rank != by_score:
            tied.append(query)
    if against:
        yield (
            f"{len(against)} queries have ranks that contradict their scores, such as {against[0]!r:.40}: trec_eval "
            "orders by score"
        )
    if tied:
        yield (
            f"{len(tied)} queries have documents of one score at ranks in another order than trec_eval's, such as "
            f"{tied[0]!r:.40}: it orders ties by id, the last one first"
        )


def _require_common(run: Path, qrels: Path, ranked: Rows, judged: Rows) -> None:
    for name, ours, theirs in (
        ("query", ranked.keys(), judged.keys()),
        ("document", set().union(*ranked.values()), set().union(*judged.values())),
    ):
        if ours.isdisjoint(theirs):
            raise DataError(
                f"{run}: no {name} in common with {qrels} ({min(ours)!r:.40} and {min(theirs)!r:.40}); "
                "swapped columns, or ids of another version?"
            )


def _require_falling(run: Path, ranked: Rows, scores: Mapping[str, Mapping[str, float]]) -> None:
    """Raise DataError where every query has its highest score at its last rank: rank and score are swapped, or the
    scores are distances."""
    rising = []
    for query, rows in ranked.items():
        order = sorted(rows, key=lambda document: _rank(rows[document]))
        found = [scores[query][document] for document in order]
        if len(found) > 1:
            rising.append(found[0] < found[-1] and found == sorted(found))
    if rising and all(rising):
        raise DataError(
            f"{run}: scores rise from the first rank to the last; swapped columns, or distances? trec_eval puts the "
            "highest score first"
        )


def run_lines(query: str, documents: Sequence[str], scores: Sequence[float]) -> str:
    """One query's part of a run file, best first; `documents` are tokens, `scores` fall strictly, exact in float32."""
    name = token(query)
    ranked = zip(documents, scores, strict=True)
    return "".join(
        f"{name} Q0 {document} {rank} {score:.9g} {TAG}\n" for rank, (document, score) in enumerate(ranked, 1)
    )


def qrels_line(query: str, document: str, grade: int) -> str:
    """One judgement; `document` is a token."""
    return f"{token(query)} 0 {document} {grade}\n"


def token(identity: str) -> str:
    """An id as one word, for fields end at white space: what would end it, and %, is written as %XX of its UTF-8."""
    return re.sub(r"[\s%]", lambda space: "".join(f"%{byte:02X}" for byte in space[0].encode()), identity)


def _measure(text: str) -> str:
    """pytrec_eval's name of a metric."""
    try:
        metric = Metric.parse(text)
    except ValueError as error:
        raise SpecError(f"--metric: {error}") from None
    if not metric.trec:
        measures = names(lambda family: family.trec)
        raise SpecError(f"--metric {text}: pytrec_eval has no measure that means the same; ask {measures}")
    return metric.trec


def _read(path: Path, fields: int, layout: str) -> Rows:
    rows: Rows = {}
    for number, line in lines(path):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != fields:
            raise DataError(f"{path}:{number}: found {len(parts)} fields, expected {fields}: {layout}")
        if parts[2] in rows.setdefault(parts[0], {}):
            raise DataError(f"{path}:{number}: document {parts[2]!r} stands twice for query {parts[0]!r}")
        rows[parts[0]][parts[2]] = Line(f"{path}:{number}", parts)
    if not rows:
        raise DataError(f"{path}: empty; expected lines of {layout}")
    return rows


def _grade(line: Line) -> int:
    """A grade; below 0 (as some collections mark spam) is judged and not relevant, as in a task's own qrels."""
    text = line.fields[3]
    if not WHOLE.fullmatch(text):
        raise DataError(f"{line.where}: grade {text[:30]!r}: expected a whole number of at most 6 digits")
    return max(int(text), 0)


def _rank(line: Line) -> int:
    text = line.fields[3]
    if not RANK.fullmatch(text):
        raise DataError(f"{line.where}: rank {text[:30]!r}: expected a whole number; are rank and score swapped?")
    return int(text)


def _score(line: Line) -> float:
    text = line.fields[4]
    if not DECIMAL.fullmatch(text):
        raise DataError(f"{line.where}: score {text[:30]!r}: expected a number in digits, such as 0.5 or 1e-3")
    if abs(value := float(text)) > LARGEST:
        raise DataError(f"{line.where}: score {text[:30]!r}: beyond {LARGEST:.3g}, the largest float32")
    return value
