"""The settings that a result scores, by name: `en-de` (English queries, German documents), `en-pool`."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from xbench.evaluation.bias_scores import Bias
from xbench.evaluation.scores import Scores
from xbench.results.record import TextCounts

POOL = "pool"
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
