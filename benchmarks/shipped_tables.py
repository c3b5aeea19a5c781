"""The tables of docs/recipes.md that rest on results that ship, whose arrays are packed to sums by cluster.

    python benchmarks/shipped_tables.py xquad-r monolingual bm25/none none monolingual cross-lingual hybrid mixed
    python benchmarks/shipped_tables.py xquad-r hybrid --differences none monolingual cross-lingual

First the task, then the row that the others are tested against, then the rows: recipes of `static`, or model/recipe.
The sums hold Mo, Cr and Mul, and so the gap; the rank distance is not in them, and stands in the last column as a mean
of seeds, untested, and not at all among differences.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from xbench.board.clusters import Clusters, read_clusters, settings
from xbench.board.summaries import summary_of
from xbench.reports.significance import Difference, Sums, alone, compare, corrected_differences
from xbench.results.array_files import ArrayFile
from xbench.results.reading import read_results
from xbench.results.result import Result

RESULTS = Path("leaderboard/results")
COLUMNS = ("Mo", "Cr", "Mul", "Gap")


def seeds_of(task: str, row: str) -> tuple[list[Result], Sums, dict[str, list[int]]]:
    """A row's results, their sums, and the columns of each macro mean."""
    results = read_results(RESULTS / task / (row if "/" in row else f"static/{row}"))
    runs = [summary_of(result, "") for result in results]
    files = [ArrayFile.open(result.path.with_suffix(".npz")) for result in results]
    every = [sums for file, run in zip(files, runs, strict=True) if (sums := read_clusters(file, run))]
    parts = {name: [every[0].columns.index(one) for one in names] for name, names in settings(runs[0]).items()}
    return results, _sums(every), parts | {"Gap": parts["Mo"]}


def _sums(every: list[Clusters]) -> Sums:
    return Sums(np.stack([one.mean * one.count for one in every]), every[0].count)


def differences(task: str, recipe: str, other: str | None) -> list[Difference]:
    """Of a recipe less another, or less nothing."""
    _, own, parts = seeds_of(task, recipe)
    against = seeds_of(task, other)[1] if other else alone(own)
    return compare(own, against, parts, {"Gap": parts["Cr"]})


def _leaders(rows: list[list[Difference]], name: str) -> tuple[str, str]:
    """The best and the second value of a column, as printed."""
    values = {f"{100 * one.first:.1f}" for row in rows for one in row if one.name == name}
    first, second, *_ = [*sorted(values, key=float, reverse=True), ""]
    return first, second


def _marked(value: str, best: str, second: str) -> str:
    return f"**{value}**" if value == best else f"<ins>{value}</ins>" if value == second else value


def main() -> None:
    task, baseline, *rows = sys.argv[1:]
    less = "--differences" in rows
    rows = [row for row in rows if not row.startswith("--")]
    tested = {row: differences(task, row, baseline) for row in rows if row != baseline}
    every = corrected_differences([one for row in tested.values() for one in row])
    found = {(row, one.name): one for row, one in zip([row for row in tested for _ in COLUMNS], every, strict=True)}
    headings = ["Recipe", *COLUMNS, *([] if less else ["Rank distance"])]
    print(f"| {' | '.join(headings)} |\n| --- |{' ---: |' * (len(headings) - 1)}")
    best = {name: _leaders([differences(task, row, None) for row in rows], name) for name in COLUMNS[:3]}
    for row in rows:
        shown = [found[row, name] for name in COLUMNS] if less else differences(task, row, None)
        marks = ["†" if (row, name) in found and found[row, name].p_holm < 0.05 else "" for name in COLUMNS]
        form = "{:+.2f}" if less else "{:.1f}"
        cells = []
        for one, mark in zip(shown, marks, strict=True):
            value = form.format(100 * (one.value if less else one.first))
            wrapped = value if less or one.name not in best else _marked(value, *best[one.name])
            cells.append(f"{wrapped}{mark} [{form.format(100 * one.low)}, {form.format(100 * one.high)}]")
        if not less:
            cells.append(f"{np.mean([result.bias.distance.mean or np.nan for result in seeds_of(task, row)[0]]):.1f}")
        print(f"| {' | '.join([row, *cells])} |")
    print(f"\nHolm over {len(every)} comparisons with {baseline}.")


if __name__ == "__main__":
    main()
