"""Published runs as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.table import Table

from xbench.commands.terminal import number
from xbench.published.runs import PublishedRun
from xbench.published.task_facts import Pair

WIDEST = 14  # languages of a matrix
KEYS = ("task", "mteb_task", "text", "split", "models", "pairs", "metric", "source")


def task_records(runs: Iterable[PublishedRun]) -> list[dict[str, Any]]:
    """A record for every task, split and source."""
    groups: dict[tuple[str, str, str], list[PublishedRun]] = {}
    for run in runs:
        groups.setdefault((run.task.name, run.split, run.origin.source), []).append(run)
    return [_record(some) for _, some in sorted(groups.items(), key=lambda item: item[0])]


def _record(runs: Sequence[PublishedRun]) -> dict[str, Any]:
    task, first = runs[0].task, runs[0]
    values = (task.name, task.mteb, task.text, first.split, len({run.model for run in runs}), task.grid, task.metric)
    return dict(zip(KEYS, (*values, first.origin.source), strict=True)) | {"note": task.note}


def tasks_table(records: Sequence[dict[str, Any]]) -> Table:
    """A row for every task, split and source."""
    table = _empty(KEYS, right=("models", "pairs"))
    for record in records:
        table.add_row(*(f"{value:,}" if isinstance(value, int) else value for value in (record[key] for key in KEYS)))
    return table


def models_table(runs: Sequence[PublishedRun]) -> Table:
    """A row for every run, by Cr and then Mo, the best first."""
    table = _empty(("model", "revision", "Mo", "Cr", "pairs", "parameters", "source"), right=("Mo", "Cr", "pairs"))
    for run in sorted(runs, key=_order):
        alone, crossing = run.mean(False), run.mean(True)
        facts = run.facts.n_parameters if run.facts else None
        size = "-" if facts is None else f"{facts:,}"
        pairs = f"{run.n:,}" if run.complete else f"{run.n:,} of {run.task.grid:,}"
        means = number(alone.value, 5), number(crossing.value, 5)
        table.add_row(run.model, run.revision[:8], *means, pairs, size, run.origin.source)
    return table


def _order(run: PublishedRun) -> tuple[bool, float, float, str]:
    """Runs on the whole grid first: means over other pairs are not comparable."""
    alone, crossing = run.mean(False).value or 0.0, run.mean(True).value or 0.0
    return not run.complete, -crossing, -alone, run.model


def show_run(run: PublishedRun, metric: str) -> Iterator[str | Table]:
    """Where it comes from, its means, and its pairs: a matrix, or a row for every language."""
    of = run.versions
    yield f"{run.model} at {run.revision}: {metric} on {run.task.name} (mteb's {run.task.mteb}, {run.split})"
    yield (
        f"source {run.origin.source}, commit {run.origin.commit or 'not stated'}; data {of.dataset_revision or '?'}; "
        f"mteb {of.mteb_version or '?'}"
    )
    if run.task.note:
        yield run.task.note
    alone, crossing = run.mean(False, metric), run.mean(True, metric)
    yield f"Mo {number(alone.value, 5)} (n = {alone.n}), Cr {number(crossing.value, 5)} (n = {crossing.n})"
    if not run.complete:
        yield f"{run.n:,} of the {run.task.grid:,} pairs that mteb has: no mean to rank by"
    scores = run.scores(metric)
    queries, documents = (sorted({pair[side] for pair in scores}) for side in (0, 1))
    matrix = crossing.n and len(queries) <= WIDEST and len(documents) <= WIDEST
    yield _matrix(scores, queries, documents) if matrix else _by_language(scores)


def _matrix(scores: dict[Pair, float], queries: Sequence[str], documents: Sequence[str]) -> Table:
    table = _empty(("query \\ document", *documents), right=documents)
    for query in queries:
        table.add_row(query, *(number(scores.get((query, document)), 5) for document in documents))
    return table


def _by_language(scores: dict[Pair, float]) -> Table:
    """Alone; as the language of queries, and of documents, the mean over the others; and with English, where it is."""
    languages = sorted({language for pair in scores for language in pair})
    headings = ("alone", "asks others", "others ask", "asks en", "en asks")
    table = _empty(("language", *headings), right=headings)
    for code in languages:
        asks = [value for (query, document), value in scores.items() if query == code != document]
        asked = [value for (query, document), value in scores.items() if document == code != query]
        english = (scores.get(pair) if code != "en" else None for pair in ((code, "en"), ("en", code)))
        row = (scores.get((code, code)), _mean(asks), _mean(asked), *english)
        table.add_row(code, *(number(value, 5) for value in row))
    return table


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _empty(headings: Sequence[str], right: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", no_wrap=heading in right)
    return table
