"""The figures at the head of a run page: its means, and its language bias beside its bounds. Knows a result's keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from xbench.board.pages import decimal, percent, ranks, signed
from xbench.board.runs import HALVES, Number, look, real

TITLES = {"Mo": "monolingual", "Cr": "cross-lingual", "Mul": "multilingual pool"}
Figure = tuple[str, str, str]  # what, its value, what bounds it


def means(data: Mapping[str, Any], metrics: Sequence[str]) -> Iterator[tuple[str, str, str, int, list[Number]]]:
    """(column, setting, kind of mean, n, a value per metric) of the settings that were scored."""
    for column, half in HALVES.items():
        part = look(data, "scores", half)
        if part:
            entries = part.get("pairs") or part.get("languages") or {}
            count = int(sum(real(look(entry, "n")) or 0 for entry in entries.values()))
            for kind in ("macro", "micro"):
                yield column, TITLES[column], kind, count, [real(look(part, kind, name)) for name in metrics]


def bias(data: Mapping[str, Any]) -> list[Figure]:
    """Those that the result has."""
    distance = look(data, "bias", "rank_distance")
    same, agreement = look(data, "bias", "same_language"), look(data, "bias", "consistency")
    gap, without = look(data, "gap"), look(data, "scores", "multilingual", "without_own_language")
    spread = f"perfect {_of(distance, 'perfect', ranks)}, chance {_of(distance, 'chance', ranks)}"
    lists = f"1 same lists, {_of(agreement, 'disjoint_lists', decimal)} disjoint ones"
    metric = data["metrics"][0]
    pooling, cost = look(data, "pooling"), look(data, "pooling", "cost")
    judged = f"Judged@10 of the pool {_of(look(pooling, 'Judged@10'), 'macro', percent)} %"
    return [
        *_figure("Pooling cost", cost, metric, signed, " points", judged),
        *_figure("Gap, Mo − Cr", gap, "absolute", signed, " points", f"{_of(gap, 'relative', percent)} % of Mo"),
        *_figure("Rank distance", distance, "mean", ranks, "", f"{spread}, median {_of(distance, 'median', ranks)}"),
        *_figure("Rank distance, normalised", distance, "normalised", decimal, "", "0 perfect, 1 chance"),
        *_figure("log2 of worst over best rank", distance, "log2_ratio", decimal, "", _worst(distance)),
        *_figure("All relevant in the first 20", distance, "complete@20", percent, " %", _hundred(distance)),
        *_figure("Same language first", same, "mean", percent, " %", f"chance {_of(same, 'chance', percent)} %"),
        *_figure("Consistency", agreement, "mean", decimal, "", lists),
        *_figure(
            "Mul without own language", without, "macro", percent, "", "own-language relevant documents taken out"
        ),
    ]


def _figure(label: str, part: Any, key: str, show: Callable[[Number], str], unit: str, bound: str) -> Iterator[Figure]:
    value = real(look(part, key))
    if value is not None:
        yield label, show(value) + unit, bound


def _of(part: Any, key: str, show: Callable[[Number], str]) -> str:
    return show(real(look(part, key)))


def _worst(distance: Any) -> str:
    return f"worst rank {_of(distance, 'worst_rank', ranks)}"


def _hundred(distance: Any) -> str:
    return f"first 100: {_of(distance, 'complete@100', percent)} %"
