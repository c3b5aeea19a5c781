"""The settings that a result scores, by name: `en-de` (English queries, German documents), `en-pool`."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Protocol, TypeAlias

from xbench.evaluation.bias_scores import Bias
from xbench.evaluation.scores import Number, Scores
from xbench.languages import script
from xbench.results.record import TextCounts

POOL = "pool"
ONE_SCRIPT, TWO_SCRIPTS = "Cr one script", "Cr two scripts"
Setting: TypeAlias = tuple[str, str]  # query language; document language or POOL


class ScoredGrid(Protocol):
    """What a result says of its grid."""

    counts: TextCounts
    scores: Scores
    metrics: list[str]
    bias: Bias


def scored_settings(result: ScoredGrid) -> dict[str, Setting]:
    """Every scored setting of a result by name: pairs, then query languages against the pool."""
    halves = (result.scores.monolingual, result.scores.cross_lingual)
    scored = {name for half in halves if half for name in half.pairs}
    queries, documents = result.counts.queries, result.counts.documents
    pairs = {f"{query}-{document}": (query, document) for query in queries for document in documents}
    pool = result.scores.multilingual.languages if result.scores.multilingual else {}
    return {name: pair for name, pair in pairs.items() if name in scored} | {
        f"{query}-{POOL}": (query, POOL) for query in pool
    }


def script_means(result: ScoredGrid, values: Mapping[str, Number]) -> dict[str, Number]:
    """Cr split: macro means over the cross-lingual pairs whose languages share a script, and over those of two.

    `values` by pair. A pair with a language whose script is unknown is in neither; None where no pair has a value.
    """
    parts: dict[str, list[float]] = {ONE_SCRIPT: [], TWO_SCRIPTS: []}
    for query in result.counts.queries:
        for document in result.counts.documents:
            scripts, value = (script(query), script(document)), values.get(f"{query}-{document}")
            if query != document and all(scripts) and value is not None:
                parts[ONE_SCRIPT if scripts[0] == scripts[1] else TWO_SCRIPTS].append(value)
    return {name: fmean(known) if known else None for name, known in parts.items()}
