"""Two configurations side by side: result files in, differences with intervals out. Knows files; no model, no data.

A side is one result file, or a folder whose results are the seeds of one configuration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xbench.arrays import Array, Floats
from xbench.errors import DataError, SpecError, near_miss
from xbench.languages import canonical_names
from xbench.reports.significance import Difference, Sums, compare, sums
from xbench.results.notebook import decimal, html_table
from xbench.results.reading import read_results
from xbench.results.result import Result
from xbench.results.settings import POOL, Setting, scored_settings

if TYPE_CHECKING:
    from pandas import DataFrame

SCORED_POOL = "multilingual"
DISTANCE = "rank distance"
HEADINGS = ("A", "B", "A - B", "95 % interval", "p", "p (Holm)", "detectable")


@dataclass(frozen=True)
class Side:
    """The runs of one configuration on one task, by seed, with their per-query arrays."""

    results: tuple[Result, ...]
    arrays: tuple[dict[str, Array], ...]

    def __repr__(self) -> str:
        return f"<side {self.name}>"

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

    def to_frame(self) -> DataFrame:
        """A pandas frame, a row per setting: setting, metric, first, second, difference, low, high (95 % interval), p,
        p_holm, detectable."""
        from pandas import DataFrame

        rows = [
            {
                "setting": setting.name,
                "metric": self.metric,
                "first": setting.first,
                "second": setting.second,
                "difference": setting.value,
                "low": setting.low,
                "high": setting.high,
                "p": setting.p,
                "p_holm": setting.p_holm,
                "detectable": setting.detectable,
            }
            for setting in (*self.macros, *self.pairs)
        ]
        return DataFrame(rows)

    def _repr_html_(self) -> str:
        """For notebooks: both sides and their difference, with what the reader must know."""
        caption = f"{self.task}, {self.metric}. A: {self.first.name}. B: {self.second.name}. {' '.join(self.notes)}"
        return html_table(("", *HEADINGS), self._rows(), caption)

    def __repr__(self) -> str:
        macros = ", ".join(f"{macro.name} {macro.value:+.4f}" for macro in self.macros)
        return f"<comparison {self.task}: {self.first.name} against {self.second.name}: {self.metric} {macros}>"

    def __str__(self) -> str:
        """The table in words, as the command shows it."""
        rows = [("setting", *HEADINGS), *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(text.rjust(width) if place else text.ljust(width) for place, (text, width) in enumerate(cells))
            for cells in (list(zip(row, widths, strict=True)) for row in rows)
        ]
        titles = (f"{self.task}, {self.metric}", f"A: {self.first.name}", f"B: {self.second.name}")
        return "\n".join([*titles, *self.notes, *lines])

    def _rows(self) -> list[list[str]]:
        return [
            [
                setting.name,
                decimal(setting.first),
                decimal(setting.second),
                f"{setting.value:+.4f}",
                f"{setting.low:+.4f} to {setting.high:+.4f}",
                decimal(setting.p),
                decimal(setting.p_holm),
                decimal(setting.detectable),
            ]
            for setting in (*self.macros, *self.pairs)
        ]


def load_side(path: Path, task: str | None = None, corpus: str | None = None) -> Side:
    """The results at `path` as a side; see side_of."""
    return side_of(comparable_results(path), str(path), task, corpus)


def side_of(results: Sequence[Result], source: str, task: str | None = None, corpus: str | None = None) -> Side:
    """Those of `results` that are of a task and a corpus, where these are named. `source` says where they are from.

    Raises DataError where there is no result, several tasks, or more than one configuration.
    """
    chosen = [
        result
        for result in results
        if task in (None, result.task) and (corpus is None or result.corpus in (None, corpus))
    ]
    if not chosen:
        wanted = (f" of task {task}" if task else "") + (f" on corpus {corpus}" if corpus else "")
        raise DataError(f"{source}: no result{wanted} there; make one with `xbench run`")
    if len(tasks := sorted({result.task for result in chosen})) > 1:
        raise DataError(f"{source}: results of {', '.join(tasks)}; choose one with --task")
    if len({result.digest for result in chosen}) > 1:
        raise DataError(f"{source}: results of several configurations; name files of one, or choose with --corpus")
    return make_side(chosen)


def comparable_results(path: Path) -> list[Result]:
    """The result at `path`, or every result in the folder, by name; each says what comparisons and tables rely on."""
    results = read_results(path)
    require_comparable(results)
    return results


def require_comparable(results: Sequence[Result]) -> None:
    """Raise DataError for a result that lacks what comparisons and tables rely on."""
    for result in results:
        for key, value in (
            ("specs.task", result.specs.task),
            ("specs.task.group", result.task_spec.group),
            ("specs.model", result.specs.model),
            ("provenance.collection_sha256", result.provenance.collection_sha256),
        ):
            if value is None:
                raise DataError(f"{result.path}: {key}: nothing there that can be used; delete it and run again")


def make_side(results: Sequence[Result]) -> Side:
    """The seeds of one configuration together, with their per-query arrays."""
    ordered = sorted(results, key=lambda result: result.seed)
    return Side(tuple(ordered), tuple(result.arrays() for result in ordered))


def compare_sides(
    first: Side, second: Side, metric: str | None = None, pairs: Sequence[str] = (), seed: int = 0
) -> Comparison:
    """Compare two sides on their common task. `pairs`: such as `en-de`, `en-pool`, or `all` (pairs of languages)."""
    run, other = first.results[0], second.results[0]
    if run.task != other.task or run.provenance.collection_sha256 != other.provenance.collection_sha256:
        raise DataError(f"{run.task} and {other.task}: not the same data; compare runs of one task and its languages")
    metric = metric or run.metrics[0]
    if metric not in run.metrics or metric not in other.metrics:
        raise SpecError(f"--metric {metric}: not in both runs{near_miss(metric, run.metrics)}")
    columns = scored_settings(run)
    own, others = side_sums(first, metric, columns), side_sums(second, metric, columns)
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
        compare(own, others, scored, seed),
        compare(own, others, chosen, seed) if chosen else [],
        list(_notes(first, second, run)),
    )


def half_of(column: Setting) -> str:
    """What a column is part of: mono, cross, the pool, or the rank distance (DISTANCE for a document language)."""
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


def column_values(arrays: Mapping[str, Array], metric: str, column: Setting) -> Floats:
    """A metric of every query in one setting [queries], NaN where it is not scored there."""
    query, document = column
    asked = arrays["query_language"] == query
    pooled = {POOL: f"{metric}.{SCORED_POOL}", DISTANCE: "rank_distance"}
    name = pooled.get(document, metric)
    if name not in arrays:  # this run's grid has no such setting
        return np.full(len(asked), np.nan)
    column_of = arrays["document_languages"].tolist()
    values = np.asarray(arrays[name], np.float64)
    return np.where(asked, values if document in pooled else values[:, column_of.index(document)], np.nan)


def side_sums(side: Side, metric: str, columns: Mapping[str, Setting]) -> Sums:
    """One side's values by cluster, for `compare`."""
    values = np.stack(
        [
            np.stack([column_values(arrays, metric, column) for column in columns.values()], axis=1)
            for arrays in side.arrays
        ]
    )
    return sums(values, np.unique(side.arrays[0]["group"], return_inverse=True)[1])


def is_contaminated(result: Result) -> bool:
    """Whether the encoder saw the task's own data."""
    return result.verdict == "contaminated"


def _notes(first: Side, second: Side, run: Result) -> Iterator[str]:
    clusters = len(np.unique(first.arrays[0]["group"]))
    yield f"{clusters:,} clusters of queries ({run.task_spec.group}) were drawn, with all their languages."
    for side in (first, second):
        if any(map(is_contaminated, side.results)):
            yield f"{side.name}: contaminated, it saw the task's own data."
    if len(first.results) == len(second.results) == 1:
        trained = any(side.results[0].training for side in (first, second))
        yield "One run a side: this tests the questions" + (
            ", not the training; add seeds to tell a recipe from its luck." if trained else "."
        )
