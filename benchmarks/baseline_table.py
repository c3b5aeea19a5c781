"""The tables of docs/baselines.md from result files: `python benchmarks/baseline_table.py results`."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import mean
from typing import Any

from xbench.results.reading import read_result
from xbench.results.result import Result

TASKS = ("xquad-r", "mlqa-r")
MODELS = ("bm25", "random")
HEADINGS = ("X", "Mo", "Cr, queries in X", "Cr, documents in X", "Mul", "rank distance", "own share")


def rows(results: dict[str, Result]) -> list[list[str]]:
    """One row per language and one of means; each cell holds both models."""
    languages = results["bm25"].languages
    cells = {
        model: {language: numbers(result, language) for language in languages} for model, result in results.items()
    }
    for values in cells.values():
        values["mean"] = [mean(column) for column in zip(*(values[language] for language in languages), strict=True)]
    return [
        [name, *(" / ".join(both) for both in zip(*(shown(cells[model][name]) for model in MODELS), strict=True))]
        for name in (*languages, "mean")
    ]


def numbers(result: Result, language: str) -> list[float]:
    scores: Any = result.scores
    pairs = scores.cross_lingual.pairs
    share = result.bias.language_share.share[language]
    return [
        scores.monolingual.pairs[f"{language}-{language}"]["AP"],
        mean(entry["AP"] for pair, entry in pairs.items() if pair.startswith(f"{language}-")),
        mean(entry["AP"] for pair, entry in pairs.items() if pair.endswith(f"-{language}")),
        scores.multilingual.languages[language]["AP"],
        result.bias.rank_distance.languages[language].mean,
        share[language],
    ]


def shown(values: list[float]) -> list[str]:
    *scores, distance, share = values
    return [*(f"{score:.4f}".lstrip("0") for score in scores), f"{distance:,.0f}", f"{share:.3f}".lstrip("0")]


def main(folder: Path) -> None:
    for task in TASKS:
        results = {}
        for model in MODELS:
            (path,) = (folder / task / model / "none").glob("*-seed-0.json")
            results[model] = read_result(path)
        print(f"\n### {task}: bm25 / random\n")
        for line in (list(HEADINGS), ["---"] * len(HEADINGS), *rows(results)):
            print(f"| {' | '.join(line)} |")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "results"))
