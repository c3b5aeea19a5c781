"""The figures at the head of a run page: its means, and its language bias beside its bounds. Knows a result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from xbench.board.pages import decimal, percent, ranks, signed
from xbench.evaluation.bias_scores import Consistency, JudgedShare, SameLanguage
from xbench.evaluation.scores import HALVES, Number
from xbench.results.result import Result
from xbench.results.settings import ONE_SCRIPT, TWO_SCRIPTS, script_means

TITLES = {"Mo": "monolingual", "Cr": "cross-lingual", "Mul": "multilingual pool"}
Figure: TypeAlias = tuple[str, str, str]  # what, its value, what bounds it


def means(result: Result) -> Iterator[tuple[str, str, str, int, list[Number]]]:
    """(column, setting, kind of mean, n, a value per metric) of the settings that were scored."""
    for column, half in HALVES.items():
        part = result.scores.halves.get(half)
        if part:
            count = int(sum(entry.get("n", 0) for entry in part.entries.values()))
            for kind, values in (("macro", part.macro), ("micro", part.micro)):
                yield column, TITLES[column], kind, count, [values.get(name) for name in result.metrics]


def bias(result: Result) -> list[Figure]:
    """Those that the result has."""
    distance, gap, pool = result.bias.distance, result.gap, result.scores.multilingual
    same = result.bias.same_language or SameLanguage()
    agreement = result.bias.consistency or Consistency()
    judged = result.pooling.judged or JudgedShare()
    split = script_means(result, {name: entry.get(result.metric) for name, entry in result.scores.pairs.items()})
    without = pool.without_own_language.macro if pool else None
    spread = f"perfect {ranks(distance.perfect)}, chance {ranks(distance.chance)}"
    every: list[tuple[str, Number, Callable[[Number], str], str, str]] = [
        (
            "Pooling cost",
            result.pooling.cost.get(result.metric),
            signed,
            " points",
            f"Judged@10 of the pool {percent(judged.macro)} %",
        ),
        ("Gap, Mo − Cr", gap.absolute, signed, " points", f"{percent(gap.relative)} % of Mo"),
        ("Rank distance", distance.mean, ranks, "", f"{spread}, median {ranks(distance.median)}"),
        ("Rank distance, normalised", distance.normalised, decimal, "", "0 perfect, 1 chance"),
        (
            "log2 of worst over best rank",
            distance.log2_ratio,
            decimal,
            "",
            f"worst rank {ranks(distance.worst_rank)}",
        ),
        (
            "All relevant in the first 20",
            distance.complete_20,
            percent,
            " %",
            f"first 100: {percent(distance.complete_100)} %",
        ),
        ("Same language first", same.mean, percent, " %", f"chance {percent(same.chance)} %"),
        (
            "Consistency",
            agreement.mean,
            decimal,
            "",
            f"1 same lists, {decimal(agreement.disjoint_lists)} disjoint ones",
        ),
        ("Mul without own", without, percent, "", "relevant documents in the query’s own language taken out"),
        ("Cr, one script", split[ONE_SCRIPT], percent, "", "pairs whose languages share a script, and so strings"),
        ("Cr, two scripts", split[TWO_SCRIPTS], percent, "", "the other pairs"),
    ]
    return [(label, show(value) + unit, bound) for label, value, show, unit, bound in every if value is not None]
