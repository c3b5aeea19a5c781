"""The grid of settings: every pair, the pool and the bias of one encoder on one collection.

Takes rankings and gives plain numbers (JSON-ready) and per-query arrays. Knows no model and no file. What the
collection's relevance allows is scored, and nothing else: bias needs parallel golds; where only the query's language is
judged, the pool is reported as pooling cost and never as Mul.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from xbench.arrays import Floats, Vectors
from xbench.data.collection import Collection
from xbench.evaluation import report
from xbench.evaluation.gold_ranks import OUT_OF_REACH, gold_ranks
from xbench.evaluation.perquery import PerQuery
from xbench.evaluation.ranking import Advance, Blocks, Ranking
from xbench.evaluation.rankings import DenseRankings, Rankings
from xbench.evaluation.report import mean
from xbench.metrics import Metric
from xbench.specs import Grid

Pair: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class Plan:
    """Which settings are scored, and by what. The first metric is the primary one; `relevance` as in the task."""

    grid: Grid
    metrics: tuple[Metric, ...]
    relevance: str = "parallel"


@dataclass(frozen=True)
class Scores:
    """All JSON-ready but `per_query`: arrays [queries of all languages, ...] by name."""

    scores: dict[str, Any]
    bias: dict[str, Any]
    gap: dict[str, Any]
    pooling: dict[str, Any]
    per_query: dict[str, Any] = field(default_factory=dict)


def evaluate(
    collection: Collection,
    queries: Mapping[str, Vectors],
    documents: Mapping[str, Vectors],
    plan: Plan,
    blocks: Blocks | None = None,
    advance: Advance = lambda queries: None,
) -> Scores:
    """Score all settings of the plan. Vectors are exact (ranking.exact), [texts, dim] per language."""
    return evaluate_rankings(collection, DenseRankings(collection, queries, documents, blocks, advance), plan)


def evaluate_rankings(collection: Collection, rankings: Rankings, plan: Plan) -> Scores:
    """Score all settings of the plan, wherever the counts come from."""
    names = collection.document_languages
    every = range(len(names))
    sides = (tuple(collection.queries), names)
    halves = {"monolingual": plan.grid.alone(*sides), "cross-lingual": plan.grid.pairs(*sides)}
    pooled_languages = collection.queries if plan.grid.multilingual else ()
    pools = {language: rankings.of(language, every) for language in pooled_languages}
    per_query = PerQuery(collection, pools)
    scores: dict[str, Any] = {}
    for half, pairs in halves.items():
        if pairs:
            scores[half] = _pair_scores(rankings, names, pairs, plan.metrics, per_query)
    found: dict[str, Any] = {}
    pooling: dict[str, Any] = {}
    if plan.grid.multilingual and plan.relevance == "same-language":
        pooled = _pool_scores(pools, names, plan.metrics, per_query, "pooled")
        pooling = report.pooling(collection, rankings, pools, pooled, scores.get("monolingual"), plan.metrics)
    elif plan.grid.multilingual:
        scores["multilingual"] = _pool_scores(pools, names, plan.metrics, per_query, "multilingual")
        scores["multilingual"] |= _targets(pools, names, plan.metrics[0], per_query)
        found = report.bias(collection, rankings, pools, per_query, plan.relevance)
    gap = report.gap(scores, per_query, halves["cross-lingual"], str(plan.metrics[0]))
    return Scores(scores, found, gap, pooling, per_query.arrays)


def _pair_scores(
    rankings: Rankings,
    names: Sequence[str],
    pairs: Sequence[Pair],
    metrics: Sequence[Metric],
    per_query: PerQuery,
) -> dict[str, Any]:
    scored: dict[str, dict[str, Any]] = {}
    values: dict[Metric, list[Floats]] = {metric: [] for metric in metrics}
    for query, document in pairs:
        column = names.index(document)
        ranking = rankings.of(query, [column])
        golds = gold_ranks(ranking, [column])
        if not len(golds.queries):
            continue
        entry: dict[str, Any] = {"n": len(golds.queries)}
        for metric in metrics:
            found = metric.of(golds)
            per_query.of(str(metric), query)[golds.queries, column] = found
            values[metric].append(found)
            entry[str(metric)] = float(found.mean())
        scored[f"{query}-{document}"] = entry
    return {
        "macro": {str(metric): mean([entry[str(metric)] for entry in scored.values()]) for metric in metrics},
        "micro": {str(metric): mean(np.concatenate(found)) for metric, found in values.items() if found},
        "pairs": scored,
    }


def _pool_scores(
    pools: Mapping[str, Ranking], names: Sequence[str], metrics: Sequence[Metric], per_query: PerQuery, kind: str
) -> dict[str, Any]:
    """Every query language against the documents of all languages."""
    languages: dict[str, dict[str, Any]] = {}
    values: dict[Metric, list[Floats]] = {metric: [] for metric in metrics}
    for query, ranking in pools.items():
        golds = gold_ranks(ranking, range(len(names)))
        entry: dict[str, Any] = {"n": len(golds.queries)}
        for metric in metrics:
            scores = metric.of(golds)
            per_query.of(f"{metric}.{kind}", query)[golds.queries] = scores
            values[metric].append(scores)
            entry[str(metric)] = float(scores.mean())
        languages[query] = entry
    return {
        "macro": {str(metric): mean([entry[str(metric)] for entry in languages.values()]) for metric in metrics},
        "micro": {str(metric): mean(np.concatenate(found)) for metric, found in values.items()},
        "languages": languages,
    }


def _targets(pools: Mapping[str, Ranking], names: Sequence[str], metric: Metric, per_query: PerQuery) -> dict[str, Any]:
    """The weak-alignment views: Mul without the own-language gold, and per target language (other golds gone)."""
    without_own: dict[str, float] = {}
    targets: dict[str, list[float]] = {name: [] for name in names}

    for query, ranking in pools.items():
        golds = gold_ranks(ranking, range(len(names)))
        for number, name in enumerate(names):
            target = golds.keep(golds.language == number)
            if len(target.queries):
                targets[name].append(float(metric.of(target).mean()))
                rank = target.best_rank()
                place = per_query.of("pool_rank", query)
                place[target.queries, number] = np.where(rank < OUT_OF_REACH, rank, np.nan)
        if query in names:
            others = golds.keep(golds.language != names.index(query))
            if len(others.queries):
                without_own[query] = float(metric.of(others).mean())
    return {
        "without_own_language": {"metric": str(metric), "macro": mean(list(without_own.values())), **without_own},
        "targets": {"metric": str(metric), **{name: mean(found) for name, found in targets.items()}},
    }
