"""A table for a paper: result files in, rows with intervals, marks and ranks out. Knows no format and no model.

A row is a configuration (model x recipe x corpus), the mean of its seeds, or what it has more than the baseline. What a
row lacks (seeds, settings) is said in a note, and a value over fewer settings than other rows have never counts as
best. Intervals and tests are those of significance.py,
with Holm's correction over all differences of the table, and apart from them over all claims of a margin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xbench.errors import DataError, SpecError, near_miss
from xbench.evaluation.statistics import Margin
from xbench.reports.caveats import few_clusters, few_seeds_of_rows, knows_seeds
from xbench.reports.comparison import DISTANCE, half_of, is_contaminated, side_sums
from xbench.reports.data_versions import data_label, newest_data
from xbench.reports.sides import Side, comparable_results, make_side
from xbench.reports.significance import (
    Difference,
    Sums,
    alone,
    compare,
    corrected_claims,
    corrected_differences,
)
from xbench.reports.table_text import render
from xbench.reports.table_values import COLUMN_HALVES, GAP, RANK_DISTANCE, Cell, TableRow, TableValues, row_key
from xbench.results.result import Result
from xbench.results.settings import Setting, scored_settings

if TYPE_CHECKING:
    from pandas import DataFrame


class Table(TableValues):
    """A table that notebooks and programs can use."""

    def to_frame(self) -> DataFrame:
        """A pandas frame, a row per configuration and column: model, recipe, corpus, digest, seeds, metric, column,
        value, low, high (95 % interval), p (from the baseline, corrected), margin_p (of the margin's claim, corrected),
        partial (over fewer settings)."""
        from pandas import DataFrame

        rows = [
            {
                "model": row.model,
                "recipe": row.recipe,
                "corpus": row.corpus,
                "digest": row.digest,
                "seeds": row.seeds,
                "metric": self.metric,
                "column": name,
                "value": cell.value,
                "low": cell.low,
                "high": cell.high,
                "p": cell.p,
                "margin_p": cell.claim.p_holm if cell.claim else None,
                "partial": cell.partial,
            }
            for row in self.rows
            for name, cell in row.cells.items()
            if cell
        ]
        return DataFrame(rows)

    def __repr__(self) -> str:
        return f"<table {self.result.task}, {self.metric}: {len(self.rows)} rows>"

    def _repr_html_(self) -> str:
        """For notebooks: the table as a paper would have it."""
        return render(self, "html")


def make_table(
    paths: Sequence[Path],
    task: str | None,
    metric: str | None,
    baseline: str | None = None,
    differences: bool = False,
    margin: Margin | None = None,
    newest: bool = False,
) -> Table:
    """Raises DataError or SpecError where files are of several tasks, of other data, or lack the metric.

    `newest`: of results on several versions of the data those on the newest alone, which a note says.
    """
    results = _results(paths, task)
    sides = _sides(newest_data(results) if newest else results)
    run = next(iter(sides.values())).results[0]
    metric = metric or run.metrics[0]
    for side in sides.values():
        if metric not in side.results[0].metrics:
            raise SpecError(f"--metric {metric}: not in {side.name}{near_miss(metric, side.results[0].metrics)}")
    columns = {name: _columns(side.results[0]) for name, side in sides.items()}
    values = {name: side_sums(side, metric, columns[name]) for name, side in sides.items()}
    tests = _tests(sides, columns, values, baseline, margin)
    union = {name: column for settings in columns.values() for name, column in settings.items()}
    rows = tuple(_row(side, columns[name], values[name], union, tests.get(name, {})) for name, side in sides.items())
    notes = (*_left_out(results, sides), *_notes(rows, columns, union, sides))
    if baseline:
        notes += tuple(few_seeds_of_rows({row.key: sides[row.digest].results for row in rows}))
    seeds = tuple(sorted({number for row in rows for number in row.seeds}))
    if differences:
        rows = tuple(_less_baseline(row, tests.get(row.digest, {})) for row in rows if row.key != baseline)
        if not rows:
            raise SpecError(f"--differences: no row but the baseline {baseline}; name the results to compare it with")
        notes += tuple(_untested(rows, tests, baseline))
    clusters = len(np.unique(next(iter(sides.values())).arrays[0]["group"]))
    notes += tuple(note.rstrip(".") for note in few_clusters(clusters))
    tested = sum(map(len, tests.values()))
    return Table(run, metric, rows, seeds, baseline, tested, clusters, notes, differences, margin)


def _results(paths: Sequence[Path], task: str | None) -> list[Result]:
    """Those of one task, in the order of the files."""
    results = [result for path in paths for result in comparable_results(path) if task in (None, result.task)]
    if not results:
        raise DataError(f"no result{f' of task {task}' if task else ''} in {', '.join(map(str, paths))}")
    if len(tasks := sorted({result.task for result in results})) > 1:
        raise DataError(f"results of {', '.join(tasks)}; choose one with --task")
    return results


def _sides(results: Sequence[Result]) -> dict[str, Side]:
    """Every configuration by digest; a run that is named twice counts once."""
    first = results[0]
    for result in results:
        if result.provenance.collection_sha256 != first.provenance.collection_sha256:
            raise DataError(_other_data(result, first))
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.digest, []).append(result)
    return {digest: make_side(runs) for digest, runs in groups.items()}


def _other_data(result: Result, first: Result) -> str:
    about = [f"{', '.join(one.languages)}; {data_label([one])}" for one in (result, first)]
    same = set(result.languages) == set(first.languages)
    way = "choose the newest with --newest" if same else "name results of one task and its languages"
    return f"{result.path}: scored on other data ({about[0]}) than {first.path} ({about[1]}); {way}"


def _left_out(results: Sequence[Result], sides: Mapping[str, Side]) -> Iterator[str]:
    """Results on other versions of the data than those of the table."""
    chosen = [result for side in sides.values() for result in side.results]
    shown = {result.provenance.collection_sha256 for result in chosen}
    older = [result for result in results if result.provenance.collection_sha256 not in shown]
    if older:
        yield f"On the newest data: {data_label(chosen)}; left out: {len(older)} on {data_label(older)}"


def _columns(run: Result) -> dict[str, Setting]:
    distances = run.bias.distance.languages
    return scored_settings(run) | {f"{language} {DISTANCE}": (language, DISTANCE) for language in distances}


def _parts(columns: Mapping[str, Setting]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """(numbers of the columns behind each column of the table, those that are taken off)."""
    halves = [half_of(column) for column in columns.values()]
    parts = {name: [place for place, half in enumerate(halves) if half == part] for name, part in COLUMN_HALVES.items()}
    gap = {GAP: parts["Mo"]} if parts["Mo"] and parts["Cr"] else {}
    return {name: part for name, part in parts.items() if part} | gap, {GAP: parts["Cr"]}


def _tests(
    sides: Mapping[str, Side],
    columns: Mapping[str, Mapping[str, Setting]],
    values: Mapping[str, Sums],
    baseline: str | None,
    margin: Margin | None,
) -> dict[str, dict[str, Difference]]:
    """From the baseline, by configuration and column; Holm over all of them. A side of other settings is not tested."""
    if baseline is None:
        return {}
    runs = {digest: side.results[0] for digest, side in sides.items()}
    keys = {digest: row_key(run.shown_model, run.recipe, run.corpus) for digest, run in runs.items()}
    chosen = [digest for digest, key in keys.items() if key == baseline]
    if len(chosen) != 1:
        problem = near_miss(baseline, keys.values()) if not chosen else "; it stands for several configurations"
        raise SpecError(f"--baseline {baseline}: no row of that name{problem}" if not chosen else baseline + problem)
    base = chosen[0]
    differences: dict[tuple[str, str], Difference] = {}
    for digest in sides:
        if digest != base and columns[digest] == columns[base]:
            parts, less = _parts(columns[digest])
            for difference in compare(values[digest], values[base], parts, less, margin):
                in_points = difference.name != RANK_DISTANCE  # no margin of points there
                differences[digest, difference.name] = difference if in_points else replace(difference, claim=None)
    corrected: dict[str, dict[str, Difference]] = {}
    found = corrected_claims(corrected_differences(list(differences.values())))
    for (digest, name), difference in zip(differences, found, strict=True):
        corrected.setdefault(digest, {})[name] = difference
    return corrected


def _row(
    side: Side,
    columns: Mapping[str, Setting],
    values: Sums,
    union: Mapping[str, Setting],
    tests: Mapping[str, Difference],
) -> TableRow:
    run = side.results[0]
    parts, less = _parts(columns)
    every = _parts(union)[0]
    differences: dict[str, Difference] = {
        difference.name: difference for difference in compare(values, alone(values), parts, less)
    }
    cells: dict[str, Cell | None] = dict.fromkeys((*COLUMN_HALVES, GAP))
    for name, difference in differences.items():
        behind = ("Mo", "Cr") if name == GAP else (name,)
        partial = any(len(parts[part]) < len(every[part]) for part in behind)
        test = tests.get(name)
        p = test.p_holm if test else None
        cells[name] = Cell(difference.first, difference.low, difference.high, p, partial, test.claim if test else None)
    means = values.total.mean(axis=0).sum(axis=0) / values.count.sum(axis=0)
    settings = {
        name: (float(mean), int(count))
        for name, mean, count in zip(columns, means, values.count.sum(axis=0), strict=True)
        if columns[name][1] != DISTANCE
    }
    chance = run.model_spec.format == "random"
    seeds = tuple(result.seed for result in side.results)
    return TableRow(run.shown_model, run.recipe, run.corpus, run.digest, seeds, chance, cells, settings)


def _less_baseline(row: TableRow, tests: Mapping[str, Difference]) -> TableRow:
    """The row with its differences from the baseline for cells; none where it is not tested."""
    cells = {
        name: Cell(test.value, test.low, test.high, test.p_holm, False, test.claim)
        if (test := tests.get(name))
        else None
        for name in row.cells
    }
    return replace(row, cells=cells)


def _untested(
    rows: Sequence[TableRow], tests: Mapping[str, Mapping[str, Difference]], baseline: str | None
) -> Iterator[str]:
    for row in rows:
        if row.digest not in tests:
            yield f"{row.key} ({row.digest[:6]}) is not compared: it was scored in other settings than {baseline}"


def _notes(
    rows: Sequence[TableRow],
    columns: Mapping[str, Mapping[str, Setting]],
    union: Mapping[str, Setting],
    sides: Mapping[str, Side],
) -> Iterator[str]:
    """What is not whole: several configurations of one name, missing seeds, missing settings."""
    for key in dict.fromkeys(row.key for row in rows):
        digests = [row.digest[:6] for row in rows if row.key == key]
        if len(digests) > 1:
            yield f"{key} stands for {len(digests)} configurations, told apart by digest: {', '.join(digests)}"
    for row in rows:
        if any(is_contaminated(result) for result in sides[row.digest].results):
            yield f"{row.key} ({row.digest[:6]}) is contaminated: it saw the task's own data"
    seeded = [row for row in rows if knows_seeds(sides[row.digest].results[0])]
    seeds = {seed for row in seeded for seed in row.seeds}
    for row in seeded:
        if missing := sorted(seeds - set(row.seeds)):
            yield f"{row.key} ({row.digest[:6]}) lacks seeds {', '.join(map(str, missing))}"
    for row in rows:
        if missing_names := [name for name in union if name not in columns[row.digest]]:
            shown = ", ".join(missing_names[:6]) + (", ..." if len(missing_names) > 6 else "")
            yield f"{row.key} ({row.digest[:6]}) lacks {len(missing_names)} of {len(union)} settings: {shown}"
