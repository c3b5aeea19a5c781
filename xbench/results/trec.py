"""TREC files: written for others, and scored through pytrec_eval, the field's referee. Knows the two layouts only.

Ties are broken as trec_eval breaks them (by document id), and scores are read as float32: for results without ties this
equals xbench's own metrics. A judged query that the run lacks scores 0; pytrec_eval alone would leave it out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from xbench.data.archives import lines
from xbench.errors import DataError, SpecError
from xbench.metrics import Metric, names

TAG = "xbench"


def score_run(run: Path, qrels: Path, metrics: Sequence[str]) -> tuple[dict[str, float], int, int]:
    """(mean of each metric over all judged queries, judged queries, those that the run lacks). Raises DataError."""
    import pytrec_eval

    judged = _read(qrels, 4, "query 0 document grade")
    ranked = _read(run, 6, "query Q0 document rank score tag")
    relevance = {query: {document: _whole(qrels, line[3]) for document, line in rows.items()} for query, rows in judged}
    scores = {query: {document: _number(run, line[4]) for document, line in rows.items()} for query, rows in ranked}
    wanted = {text: _measure(text) for text in metrics}
    evaluator = pytrec_eval.RelevanceEvaluator(relevance, set(wanted.values()))
    values: Mapping[str, Mapping[str, float]] = evaluator.evaluate(scores)
    means = {
        text: sum(values.get(query, {}).get(measure.replace(".", "_"), 0.0) for query in relevance) / len(relevance)
        for text, measure in wanted.items()
    }
    return means, len(relevance), len(set(relevance) - set(scores))


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


def _read(path: Path, fields: int, layout: str) -> list[tuple[str, dict[str, list[str]]]]:
    rows: dict[str, dict[str, list[str]]] = {}
    for number, line in lines(path):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != fields:
            raise DataError(f"{path}:{number}: found {len(parts)} fields, expected {fields}: {layout}")
        if parts[2] in rows.setdefault(parts[0], {}):
            raise DataError(f"{path}:{number}: document {parts[2]!r} stands twice for query {parts[0]!r}")
        rows[parts[0]][parts[2]] = parts
    if not rows:
        raise DataError(f"{path}: empty; expected lines of {layout}")
    return list(rows.items())


def _whole(path: Path, text: str) -> int:
    """A grade; below 0 (as some collections mark spam) is judged and not relevant, as in a task's own qrels."""
    if not re.fullmatch(r"-?[0-9]{1,6}", text):
        raise DataError(f"{path}: grade {text[:30]!r}: expected a whole number of at most 6 digits")
    return max(int(text), 0)


def _number(path: Path, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value:
        raise DataError(f"{path}: score {text[:30]!r}: expected a number")
    return value
