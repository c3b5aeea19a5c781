"""The grid of settings: every pair, the pool and the bias of one encoder on one collection.

Takes rankings and gives scores and per-query arrays. Knows no model and no file. What the collection's relevance
allows is scored, and nothing else: bias needs parallel golds; where only the query's language is judged, the pool is
reported as pooling cost and never as Mul.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from xbench.arrays import Array, Floats, Vectors
from xbench.data.collection import Collection
from xbench.evaluation import report
from xbench.evaluation.bias_scores import Bias, Pooling
from xbench.evaluation.gold_ranks import OUT_OF_REACH, gold_ranks
from xbench.evaluation.perquery import PerQuery
from xbench.evaluation.ranking import Advance, Blocks, Ranking
from xbench.evaluation.rankings import DenseRankings, Rankings
from xbench.evaluation.report import mean
from xbench.evaluation.scores import (
    Gap,
    PairScores,
    PooledScores,
    PoolScores,
    ScoredEntry,
    Scores,
    TargetScores,
    WithoutOwnLanguage,
)
from xbench.metrics import Metric
from xbench.specs import Grid

Pair: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class ScoringRule:
    """Which settings are scored, and by what. The first metric is the primary one; `relevance` as in the task."""

    grid: Grid
    metrics: tuple[Metric, ...]
    relevance: str = "parallel"


@dataclass(frozen=True)
class GridScores:
    """What one encoder reaches on one collection; `per_query`: arrays [queries of all languages, ...] by name."""

    scores: Scores
    bias: Bias
    gap: Gap
    pooling: Pooling
    per_query: Mapping[str, Array]


def evaluate(
    collection: Collection,
    queries: Mapping[str, Vectors],
    documents: Mapping[str, Vectors],
    rule: ScoringRule,
    blocks: Blocks | None = None,
    advance: Advance = lambda queries: None,
) -> GridScores:
    """Score all settings of the rule. Vectors are exact (ranking.exact), [texts, dim] per language."""
    return evaluate_rankings(collection, DenseRankings(collection, queries, documents, blocks, advance), rule)


def evaluate_rankings(collection: Collection, rankings: Rankings, rule: ScoringRule) -> GridScores:
    """Score all settings of the rule, wherever the counts come from."""
    names, metrics = collection.document_languages, rule.metrics
    sides = (tuple(collection.queries), names)
    alone, crossed = rule.grid.alone(*sides), rule.grid.pairs(*sides)
    pooled_languages = collection.queries if rule.grid.multilingual else ()
    pools = {language: rankings.of(language, range(len(names))) for language in pooled_languages}
    per_query = PerQuery(collection, pools)
    scores = Scores(
        monolingual=_pair_scores(rankings, names, alone, metrics, per_query) if alone else None,
        cross_lingual=_pair_scores(rankings, names, crossed, metrics, per_query) if crossed else None,
    )
    bias, pooling = Bias(), Pooling()
    if rule.grid.multilingual and rule.relevance == "same-language":
        pooled = _pooled_scores(pools, names, metrics, per_query, "pooled")
        pooling = report.pooling(collection, rankings, pools, pooled, scores.monolingual, metrics)
    elif rule.grid.multilingual:
        scores.multilingual = _pool_scores(pools, names, metrics, per_query)
        bias = report.bias(collection, rankings, pools, per_query, rule.relevance)
    gap = report.gap(scores, per_query, crossed, str(metrics[0]))
    return GridScores(scores, bias, gap, pooling, per_query.arrays)


def _pair_scores(
    rankings: Rankings,
    names: Sequence[str],
    pairs: Sequence[Pair],
    metrics: Sequence[Metric],
    per_query: PerQuery,
) -> PairScores:
    scored: dict[str, ScoredEntry] = {}
    values: dict[Metric, list[Floats]] = {metric: [] for metric in metrics}
    for query, document in pairs:
        column = names.index(document)
        ranking = rankings.of(query, [column])
        golds = gold_ranks(ranking, [column])
        if not len(golds.queries):
            continue
        entry: ScoredEntry = {"n": len(golds.queries)}
        for metric in metrics:
            scores = metric.of(golds)
            per_query.of(str(metric), query)[golds.queries, column] = scores
            values[metric].append(scores)
            entry[str(metric)] = float(scores.mean())
        scored[f"{query}-{document}"] = entry
    return PairScores(
        macro={str(metric): mean([entry[str(metric)] for entry in scored.values()]) for metric in metrics},
        micro={str(metric): mean(np.concatenate(scores)) for metric, scores in values.items() if scores},
        pairs=scored,
    )


def _pooled_scores(
    pools: Mapping[str, Ranking], names: Sequence[str], metrics: Sequence[Metric], per_query: PerQuery, kind: str
) -> PooledScores:
    """Every query language against the documents of all languages."""
    languages: dict[str, ScoredEntry] = {}
    values: dict[Metric, list[Floats]] = {metric: [] for metric in metrics}
    for query, ranking in pools.items():
        golds = gold_ranks(ranking, range(len(names)))
        entry: ScoredEntry = {"n": len(golds.queries)}
        for metric in metrics:
            scores = metric.of(golds)
            per_query.of(f"{metric}.{kind}", query)[golds.queries] = scores
            values[metric].append(scores)
            entry[str(metric)] = float(scores.mean())
        languages[query] = entry
    return PooledScores(
        macro={str(metric): mean([entry[str(metric)] for entry in languages.values()]) for metric in metrics},
        micro={str(metric): mean(np.concatenate(scores)) for metric, scores in values.items()},
        languages=languages,
    )


def _pool_scores(
    pools: Mapping[str, Ranking], names: Sequence[str], metrics: Sequence[Metric], per_query: PerQuery
) -> PoolScores:
    """The pool with its weak-alignment views in the primary metric."""
    pooled = _pooled_scores(pools, names, metrics, per_query, "multilingual")
    metric = metrics[0]
    targets = _targets(pools, names, metric, per_query)
    return PoolScores(
        macro=pooled.macro,
        micro=pooled.micro,
        languages=pooled.languages,
        without_own_language=_without_own_language(pools, names, metric),
        targets=targets,
    )


def _without_own_language(pools: Mapping[str, Ranking], names: Sequence[str], metric: Metric) -> WithoutOwnLanguage:
    values: dict[str, float] = {}
    for query, ranking in pools.items():
        if query in names:
            golds = gold_ranks(ranking, range(len(names)))
            others = golds.keep(golds.language != names.index(query))
            if len(others.queries):
                values[query] = float(metric.of(others).mean())
    macro = mean(list(values.values()))
    return WithoutOwnLanguage.model_validate({"metric": str(metric), "macro": macro, **values})


def _targets(pools: Mapping[str, Ranking], names: Sequence[str], metric: Metric, per_query: PerQuery) -> TargetScores:
    """Per target language, the other golds gone; and the rank that its best gold has in the pool."""
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
    means = {name: mean(values) for name, values in targets.items()}
    return TargetScores.model_validate({"metric": str(metric), **means})
