"""The grid of settings: every pair, the pool and the bias of one encoder on one collection, from one ranking pass.

Takes exact vectors and golds, gives plain numbers (JSON-ready) and per-query arrays. Knows no model and no file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from xbench.collection import Collection
from xbench.evaluate import bias, ranking
from xbench.evaluate.metrics import Floats, Metric, Setting, best_rank, setting
from xbench.evaluate.perquery import PerQuery
from xbench.evaluate.ranking import Advance, Blocks, Ranking, Vectors

Pair: TypeAlias = tuple[str, str]
CrossLingual: TypeAlias = str | Literal[False] | Sequence[Pair]


@dataclass(frozen=True)
class Plan:
    """Which settings are scored, and by what. The first metric is the primary one."""

    monolingual: bool
    cross_lingual: CrossLingual
    multilingual: bool
    metrics: tuple[Metric, ...]

    def pairs(self, queries: Sequence[str], documents: Sequence[str]) -> dict[str, list[Pair]]:
        """The pairs (query language, document language) of each half of the grid."""
        every = [(query, document) for query in queries for document in documents]
        chosen = self.cross_lingual
        cross = [pair for pair in every if pair[0] != pair[1]]
        if chosen == "en-x":
            cross = [pair for pair in cross if pair[0] == "en"]
        elif chosen == "x-en":
            cross = [pair for pair in cross if pair[1] == "en"]
        elif not isinstance(chosen, str):
            wanted = {tuple(pair) for pair in chosen} if chosen else set()
            cross = [pair for pair in cross if pair in wanted]
        return {
            "monolingual": [pair for pair in every if pair[0] == pair[1]] if self.monolingual else [],
            "cross-lingual": cross,
        }


@dataclass(frozen=True)
class Scores:
    """`scores`, `bias`, `gap`: JSON-ready. `per_query`: arrays [queries of all languages, ...] by name."""

    scores: dict[str, Any]
    bias: dict[str, Any]
    gap: dict[str, Any]
    per_query: dict[str, Any]


def evaluate(
    collection: Collection,
    queries: Mapping[str, Vectors],
    documents: Mapping[str, Vectors],
    plan: Plan,
    blocks: Blocks | None = None,
    advance: Advance = lambda queries: None,
) -> Scores:
    """Score all settings of the plan. Vectors are exact (ranking.exact), [texts, dim] per language."""
    rankings = rank_languages(collection, queries, documents, blocks, advance)
    names = collection.document_languages
    halves = plan.pairs(tuple(queries), names)
    scores: dict[str, Any] = {}
    per_query = PerQuery(collection, rankings, plan.metrics)
    for half, pairs in halves.items():
        if pairs:
            scores[half] = _pair_scores(rankings, names, pairs, plan.metrics, per_query)
    report: dict[str, Any] = {}
    if plan.multilingual:
        pools = {language: setting(found, range(len(names))) for language, found in rankings.items()}
        scores["multilingual"] = _pool_scores(pools, names, plan.metrics, per_query)
        report = _bias(collection, rankings, pools, queries, documents, per_query)
    return Scores(scores, report, _gap(scores, per_query, halves, plan), per_query.arrays)


def rank_languages(
    collection: Collection,
    queries: Mapping[str, Vectors],
    documents: Mapping[str, Vectors],
    blocks: Blocks | None = None,
    advance: Advance = lambda queries: None,
) -> dict[str, Ranking]:
    """One pass over all queries of all languages; the ranking of each query language."""
    sizes = np.array([len(vectors) for vectors in queries.values()])
    offsets = np.append(0, np.cumsum(sizes))
    golds = [collection.golds[language] for language in queries]
    shifted = np.concatenate([gold.query + offset for gold, offset in zip(golds, offsets, strict=False)])
    most = max((int(np.bincount(gold.query).max()) for gold in golds if len(gold.query)), default=1)
    whole = ranking.rank(
        np.concatenate(list(queries.values())),
        documents,
        shifted,
        np.concatenate([gold.language for gold in golds]),
        np.concatenate([gold.document for gold in golds]),
        top=min(max(most, bias.CONSISTENCY_DEPTH) + 1, sum(map(len, documents.values()))),
        blocks=blocks,
        advance=advance,
    )
    return {
        language: _slice(whole, int(offsets[number]), int(offsets[number + 1]))
        for number, language in enumerate(queries)
    }


def _slice(whole: Ranking, first: int, last: int) -> Ranking:
    golds = slice(whole.start[first], whole.start[last])
    rows = slice(first, last)
    return Ranking(
        whole.start[first : last + 1] - whole.start[first],
        whole.language[golds],
        whole.document[golds],
        whole.score[golds],
        whole.above[golds],
        whole.tied[golds],
        whole.top_score[rows],
        whole.top_document[rows],
    )


def _pair_scores(
    rankings: Mapping[str, Ranking],
    names: Sequence[str],
    pairs: Sequence[Pair],
    metrics: Sequence[Metric],
    per_query: PerQuery,
) -> dict[str, Any]:
    scored: dict[str, dict[str, Any]] = {}
    values: dict[Metric, list[Floats]] = {metric: [] for metric in metrics}
    for query, document in pairs:
        column = names.index(document)
        golds = setting(rankings[query], [column])
        if not len(golds.queries):
            continue
        entry: dict[str, Any] = {"n": len(golds.queries)}
        for metric in metrics:
            found = metric.per_query(golds)
            per_query.of(str(metric), query)[golds.queries, column] = found
            values[metric].append(found)
            entry[str(metric)] = float(found.mean())
        scored[f"{query}-{document}"] = entry
    return {
        "macro": {str(metric): _mean([entry[str(metric)] for entry in scored.values()]) for metric in metrics},
        "micro": {str(metric): _mean(np.concatenate(found)) for metric, found in values.items() if found},
        "pairs": scored,
    }


def _pool_scores(
    pools: Mapping[str, Setting], names: Sequence[str], metrics: Sequence[Metric], per_query: PerQuery
) -> dict[str, Any]:
    """Mul and its weak-alignment views: without the own-language gold, and per target language (other golds gone)."""
    languages: dict[str, dict[str, Any]] = {}
    values: dict[Metric, list[Floats]] = {metric: [] for metric in metrics}
    without_own: dict[str, float] = {}
    targets: dict[str, list[float]] = {name: [] for name in names}
    for query, golds in pools.items():
        entry: dict[str, Any] = {"n": len(golds.queries)}
        for metric in metrics:
            scores = metric.per_query(golds)
            per_query.of(f"{metric}.multilingual", query)[golds.queries] = scores
            values[metric].append(scores)
            entry[str(metric)] = float(scores.mean())
        languages[query] = entry
        for number, name in enumerate(names):
            target = golds.keep(golds.language == number)
            if len(target.queries):
                targets[name].append(float(metrics[0].per_query(target).mean()))
                per_query.of("pool_rank", query)[target.queries, number] = best_rank(target)
        if query in names:
            others = golds.keep(golds.language != names.index(query))
            if len(others.queries):
                without_own[query] = float(metrics[0].per_query(others).mean())
    return {
        "macro": {str(metric): _mean([entry[str(metric)] for entry in languages.values()]) for metric in metrics},
        "micro": {str(metric): _mean(np.concatenate(found)) for metric, found in values.items()},
        "languages": languages,
        "without_own_language": {
            "metric": str(metrics[0]),
            "macro": _mean(list(without_own.values())),
            **without_own,
        },
        "targets": {"metric": str(metrics[0]), **{name: _mean(found) for name, found in targets.items()}},
    }


def _bias(
    collection: Collection,
    rankings: Mapping[str, Ranking],
    pools: Mapping[str, Setting],
    queries: Mapping[str, Vectors],
    documents: Mapping[str, Vectors],
    per_query: PerQuery,
) -> dict[str, Any]:
    names = collection.document_languages
    sizes = [len(vectors) for vectors in documents.values()]
    summaries: dict[str, dict[str, float | None]] = {}
    share: dict[str, dict[str, float]] = {}
    ideal: dict[str, dict[str, float]] = {}
    settings = {language: pool.keep(pool.best_per_language()) for language, pool in pools.items()}
    for language, golds in settings.items():
        per_query.of("rank_distance", language)[golds.queries] = bias.rank_distance(golds)
        alone = golds.relevant == pools[language].relevant
        summaries[language] = bias.distance_summary(golds, sum(sizes), alone)

        def tied_at(rows: Any, scores: Any, language: str = language) -> Any:
            return ranking.tied_with(queries[language][rows], scores, documents)

        shares = bias.language_share(golds, rankings[language], sizes, tied_at)
        share[language], ideal[language] = (dict(zip(names, map(float, values), strict=True)) for values in shares)
    keys = next(iter(summaries.values()))
    distance: dict[str, Any] = {
        key: _mean([value for summary in summaries.values() if (value := summary[key]) is not None]) for key in keys
    }
    distance["languages"] = summaries
    return {
        "rank_distance": distance,
        "language_share": {
            "depth": "R",
            "share": share,
            "ideal": ideal,
            "chance": dict(zip(names, (float(size / sum(sizes)) for size in sizes), strict=True)),
        },
        **bias.preference(settings, names),
        "consistency": bias.consistency(
            rankings, {language: collection.queries[language].questions for language in rankings}
        ),
    }


def _gap(
    scores: Mapping[str, Any], per_query: PerQuery, halves: Mapping[str, Sequence[Pair]], plan: Plan
) -> dict[str, Any]:
    """Mo - Cr of the primary metric, and per pair AP(d->d) - AP(q->d) over the same questions."""
    primary = str(plan.metrics[0])
    if "monolingual" not in scores or "cross-lingual" not in scores:
        return {"metric": primary, "absolute": None, "relative": None, "pairs": {}}
    mono, cross = (scores[half]["macro"][primary] for half in ("monolingual", "cross-lingual"))
    names = list(per_query.arrays["document_languages"])
    pairs: dict[str, float | None] = {}
    for query, document in halves["cross-lingual"]:
        if document not in per_query:
            continue
        column = names.index(document)
        asked = [per_query.of("question", language) for language in (document, query)]
        _, here, there = np.intersect1d(*asked, return_indices=True)
        own, other = (per_query.of(primary, language)[:, column] for language in (document, query))
        difference = own[here] - other[there]
        pairs[f"{query}-{document}"] = _mean(difference[np.isfinite(difference)])
    absolute = None if mono is None or cross is None else mono - cross
    relative = absolute / mono if absolute is not None and mono else None
    return {"metric": primary, "absolute": absolute, "relative": relative, "pairs": pairs}


def split_by_seen(
    scores: Mapping[str, Any], metric: str, languages: Sequence[str], trained_on: Sequence[str]
) -> dict[str, Any]:
    """Macro means over what training saw and over the rest: a pair is seen if both its languages are; in the pool, the
    query's language decides. None where a part is empty."""
    named = {f"{query}-{document}": {query, document} for query in languages for document in languages}
    named |= {language: {language} for language in languages}
    split: dict[str, Any] = {"trained_on": list(trained_on), "seen": {}, "unseen": {}}
    for half, part in scores.items():
        entries = part.get("pairs") or part["languages"]
        for group, wanted in (("seen", True), ("unseen", False)):
            chosen = [entry[metric] for name, entry in entries.items() if (named[name] <= set(trained_on)) == wanted]
            split[group][half] = _mean(chosen)
    return split


def _mean(values: Any) -> float | None:
    return float(np.mean(values)) if len(values) else None
