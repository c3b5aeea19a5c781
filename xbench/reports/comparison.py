"""Two configurations side by side: result files in, differences with intervals out. Knows files; no model, no data.

A side is one result file, or a folder whose results are the seeds of one configuration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xbench.arrays import Floats
from xbench.errors import DataError, SpecError, near_miss
from xbench.languages import canonical_names
from xbench.reports.significance import Difference, Sums, compare, sums
from xbench.results.result import DAMAGE, Result, read_result
from xbench.results.settings import POOL, Setting, scored_settings

SCORED_POOL = "multilingual"
DISTANCE = "rank distance"
BY_QUERY = {"query_language", "query_id", "group"}
NEEDED = BY_QUERY | {"document_languages"}


@dataclass(frozen=True)
class Side:
    """The runs of one configuration on one task, by seed, with their per-query arrays."""

    results: tuple[Result, ...]
    arrays: tuple[dict[str, Any], ...]
    files: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        run = self.results[0]
        seeds = ", ".join(str(result.seed) for result in self.results)
        return f"{run.shown_model} x {run.recipe}" + (f" on {run.corpus}" if run.corpus else "") + f", seed {seeds}"


@dataclass(frozen=True)
class Comparison:
    """`macros`: Mo, Cr and Mul as far as scored; `pairs`: those asked for; `notes`: what the reader must know."""

    task: str
    metric: str
    first: Side
    second: Side
    macros: list[Difference]
    pairs: list[Difference]
    notes: list[str]


def load_side(path: Path, task: str | None = None, corpus: str | None = None) -> Side:
    """Raises DataError where there is no result, several tasks, or more than one configuration."""
    found = [
        (file, result)
        for file, result in find_results(path)
        if task in (None, result.task) and (corpus is None or result.corpus in (None, corpus))
    ]
    if not found:
        wanted = (f" of task {task}" if task else "") + (f" on corpus {corpus}" if corpus else "")
        raise DataError(f"{path}: no result{wanted} there; make one with `xbench run`")
    if len(tasks := sorted({result.task for _, result in found})) > 1:
        raise DataError(f"{path}: results of {', '.join(tasks)}; choose one with --task")
    if len({result.digest for _, result in found}) > 1:
        raise DataError(f"{path}: results of several configurations; name files of one, or choose with --corpus")
    return make_side(found)


def find_results(path: Path) -> list[tuple[Path, Result]]:
    """The result at `path`, or every result in the folder, by name."""
    if not path.exists():
        raise DataError(f"{path}: no result there; name a result file, or a folder that `xbench run` wrote")
    files = sorted(path.rglob("[!.]*.json")) if path.is_dir() else [path]
    found = [(file, read_result(file)) for file in files]
    for file, result in found:
        for key, value, expected in _needed(result):
            if not isinstance(value, expected):
                kind = "text" if expected is str else "keys and values"
                raise DataError(f"{file}: {key}: found {value!r:.40}, expected {kind}; delete it and run again")
    return found


def _needed(result: Result) -> Iterator[tuple[str, Any, type]]:
    """What the schema leaves open and whoever reads results relies on: key, value, and its type."""
    task = result.specs.get("task")
    yield "specs.task", task, dict
    yield "specs.task.group", task.get("group") if isinstance(task, dict) else None, str
    yield "specs.model", result.specs.get("model"), dict
    yield "bias.rank_distance", result.bias.get("rank_distance", {}), dict
    yield "provenance.collection_sha256", result.provenance.get("collection_sha256"), str


def make_side(found: Sequence[tuple[Path, Result]]) -> Side:
    """The seeds of one configuration together, with their per-query arrays."""
    ordered = sorted(found, key=lambda item: item[1].seed)
    files = tuple(file for file, _ in ordered)
    arrays = tuple(_arrays(file.with_suffix(".npz")) for file in files)
    return Side(tuple(result for _, result in ordered), arrays, files)


def _arrays(path: Path) -> dict[str, Any]:
    try:
        with np.load(path) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except DAMAGE as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise DataError(f"{path}: per-query values cannot be read ({reason}); run again without the result") from None
    if lacking := NEEDED - arrays.keys():
        packed = "are packed to sums for a board" if "cluster_mean" in arrays else f"lack {', '.join(sorted(lacking))}"
        raise DataError(f"{path}: per-query values {packed}; name results as `xbench run` wrote them")
    if len({arrays[name].shape for name in BY_QUERY}) > 1:
        raise DataError(f"{path}: per-query values of different lengths; run again without the result")
    return arrays


def compare_sides(
    first: Side, second: Side, metric: str | None = None, pairs: Sequence[str] = (), seed: int = 0
) -> Comparison:
    """Compare two sides on their common task. `pairs`: such as `en-de`, `en-pool`, or `all` (pairs of languages)."""
    run, other = first.results[0], second.results[0]
    if run.task != other.task or run.provenance["collection_sha256"] != other.provenance["collection_sha256"]:
        raise DataError(f"{run.task} and {other.task}: not the same data; compare runs of one task and its languages")
    metric = metric or run.metrics[0]
    if metric not in run.metrics or metric not in other.metrics:
        raise SpecError(f"--metric {metric}: not in both runs{near_miss(metric, run.metrics)}")
    columns = scored_settings(run)
    one, two = side_sums(first, metric, columns), side_sums(second, metric, columns)
    names = list(columns)
    macros = {
        "Mo": [number for number, name in enumerate(names) if half_of(columns[name]) == "mono"],
        "Cr": [number for number, name in enumerate(names) if half_of(columns[name]) == "cross"],
        "Mul": [number for number, name in enumerate(names) if half_of(columns[name]) == POOL],
    }
    chosen = {name: [names.index(name)] for name in chosen_settings(pairs, names)}
    scored = {name: numbers for name, numbers in macros.items() if numbers}
    return Comparison(
        run.task,
        metric,
        first,
        second,
        compare(one, two, scored, seed),
        compare(one, two, chosen, seed) if chosen else [],
        list(_notes(first, second, run)),
    )


Column = Setting  # query language; document language, POOL or DISTANCE


def half_of(column: Column) -> str:
    """What a column is part of: mono, cross, the pool, or the rank distance."""
    if column[1] in (POOL, DISTANCE):
        return column[1]
    return "mono" if column[0] == column[1] else "cross"


def chosen_settings(asked: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """The settings of `--pair`, in codes or FLORES' names; `all` is every pair. Raises SpecError."""
    for name in map(canonical_names, asked):
        if name == "all":
            yield from (other for other in names if not other.endswith(f"-{POOL}"))
        elif name in names:
            yield name
        else:
            raise SpecError(f"--pair {name}: not scored in these runs{near_miss(name, names)}")


def column_values(arrays: dict[str, Any], metric: str, column: Column) -> Floats:
    """A metric of every query in one setting [queries], NaN where it is not scored there."""
    query, document = column
    asked = arrays["query_language"] == query
    pooled = {POOL: f"{metric}.{SCORED_POOL}", DISTANCE: "rank_distance"}
    name = pooled.get(document, metric)
    if name not in arrays:  # this run's grid has no such setting
        return np.full(len(asked), np.nan)
    column_of = arrays["document_languages"].tolist()
    values: Floats = arrays[name] if document in pooled else arrays[name][:, column_of.index(document)]
    return np.where(asked, values, np.nan)


def side_sums(side: Side, metric: str, columns: Mapping[str, Column]) -> Sums:
    """One side's values by cluster, for `compare`."""
    values = np.stack(
        [
            np.stack([column_values(arrays, metric, column) for column in columns.values()], axis=1)
            for arrays in side.arrays
        ]
    )
    return sums(values, np.unique(side.arrays[0]["group"], return_inverse=True)[1])


def is_contaminated(result: Result) -> bool:
    return result.zero_shot.get("verdict") == "contaminated"


def _notes(first: Side, second: Side, run: Result) -> Iterator[str]:
    clusters = len(np.unique(first.arrays[0]["group"]))
    yield f"{clusters:,} clusters of queries ({run.specs['task']['group']}) were drawn, with all their languages."
    for side in (first, second):
        if any(map(is_contaminated, side.results)):
            yield f"{side.name}: contaminated, it saw the task's own data."
    if len(first.results) == len(second.results) == 1:
        trained = any(side.results[0].training for side in (first, second))
        yield "One run a side: this tests the questions" + (
            ", not the training; add seeds to tell a recipe from its luck." if trained else "."
        )
