"""Result files as the tables of docs/benchmarks.md: mean and, in brackets, lowest to highest over seeds.

python benchmarks/recipe_table.py results
"""

import sys
from collections import defaultdict
from pathlib import Path
from statistics import fmean

from xbench.results import Result, read_result

ORDER = ("none", "monolingual", "cross-lingual", "hybrid", "mixed")


def numbers(result: Result) -> list[float | None]:
    metric, scores = result.metrics[0], result.scores
    halves = (scores.monolingual, scores.cross_lingual, scores.multilingual)
    distance = result.bias["rank_distance"]
    macros = [half.macro[metric] if half else None for half in halves]
    return [*macros, result.gap["absolute"], distance["mean"], distance["normalised"]]


def cell(values: list[float | None], digits: int) -> str:
    known = [value for value in values if value is not None]
    span = f" ({min(known):.{digits}f} to {max(known):.{digits}f})" if len(known) > 1 else ""
    return f"{fmean(known):.{digits}f}{span}"


def main() -> None:
    rows: dict[tuple[str, str, str, str], list[Result]] = defaultdict(list)
    for path in sorted(Path(sys.argv[1]).rglob("*.json")):
        result = read_result(path)
        rows[result.task, result.corpus or "", result.model, result.recipe].append(result)
    before = None
    for key in sorted(rows, key=lambda key: (key[0], key[1], key[2], ORDER.index(key[3]))):
        task, corpus, model, recipe = key
        if (task, corpus) != before:
            print(f"\n{task}, corpus {corpus or 'none'}\n")
            print("| model | recipe | seeds | Mo | Cr | Mul | gap | rank distance | normalised |")
            print("|---|---|---|---|---|---|---|---|---|")
            before = (task, corpus)
        columns = zip(*map(numbers, rows[key]), strict=True)
        cells = [cell(list(column), 1 if place == 4 else 4) for place, column in enumerate(columns)]
        print(f"| {model} | {recipe} | {len(rows[key])} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
