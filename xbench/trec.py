"""Score a TREC run against TREC judgements through pytrec_eval, the field's referee. Knows files of the two layouts.

Ties are broken as trec_eval breaks them (by document id), and scores are read as float32: for results without ties this
equals xbench's own metrics. A judged query that the run lacks scores 0; pytrec_eval alone would leave it out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from xbench.download import read_text
from xbench.errors import DataError, SpecError
from xbench.evaluate.metrics import Metric

NAMES = {"AP": "map", "RR": "recip_rank", "nDCG": "ndcg_cut", "R": "recall"}


def score_run(run: Path, qrels: Path, metrics: Sequence[str]) -> tuple[dict[str, float], int, int]:
    """(mean of each metric over all judged queries, judged queries, those that the run lacks). Raises DataError."""
    import pytrec_eval

    judged = _read(qrels, 4, "query 0 document grade")
    found = _read(run, 6, "query Q0 document rank score tag")
    relevance = {query: {document: _whole(qrels, line[3]) for document, line in rows.items()} for query, rows in judged}
    scores = {query: {document: _number(run, line[4]) for document, line in rows.items()} for query, rows in found}
    wanted = {text: _measure(text) for text in metrics}
    evaluator = pytrec_eval.RelevanceEvaluator(relevance, set(wanted.values()))
    values: Mapping[str, Mapping[str, float]] = evaluator.evaluate(scores)
    means = {
        text: sum(values.get(query, {}).get(measure.replace(".", "_"), 0.0) for query in relevance) / len(relevance)
        for text, measure in wanted.items()
    }
    return means, len(relevance), len(set(relevance) - set(scores))


def _measure(text: str) -> str:
    """pytrec_eval's name of a metric."""
    try:
        metric = Metric.parse(text)
    except ValueError as error:
        raise SpecError(f"--metric: {error}") from None
    return NAMES[metric.name] + (f".{metric.cutoff}" if metric.cutoff else "")


def _read(path: Path, fields: int, layout: str) -> list[tuple[str, dict[str, list[str]]]]:
    rows: dict[str, dict[str, list[str]]] = {}
    for number, line in enumerate(read_text(path).split("\n"), start=1):
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
    try:
        return int(text)
    except ValueError:
        raise DataError(f"{path}: grade {text!r}: expected a whole number") from None


def _number(path: Path, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value:
        raise DataError(f"{path}: score {text!r}: expected a number")
    return value
