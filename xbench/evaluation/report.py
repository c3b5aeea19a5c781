"""What is read off the settings together: bias over the pool, the cost of pooling, the gap, seen and unseen languages.

Knows rankings and scores; no vector, no model and no file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from xbench.arrays import Floats, Ints
from xbench.data.collection import Collection
from xbench.evaluation import bias as measures
from xbench.evaluation.bias_scores import Bias, DistanceSummary, JudgedShare, LanguageShare, Pooling, RankDistance
from xbench.evaluation.gold_ranks import GoldRanks, gold_ranks
from xbench.evaluation.perquery import PerQuery
from xbench.evaluation.ranking import Ranking
from xbench.evaluation.rankings import Rankings
from xbench.evaluation.scores import Gap, Means, PairScores, PooledScores, Scores
from xbench.metrics import Metric

JUDGED = Metric("Judged", 10)


def bias(
    collection: Collection, rankings: Rankings, pools: Mapping[str, Ranking], per_query: PerQuery, relevance: str
) -> Bias:
    """Language bias of the pool. Where golds are not parallel, their languages differ by nature, and only the language
    share is given, beside that of an ideal ranking. A pool of one language prefers none: there is only what the
    language versions of a question have in common."""
    names = collection.document_languages
    questions = {language: collection.queries[language].questions for language in pools}
    if len(names) < 2:
        return Bias(consistency=measures.consistency(pools, questions)) if relevance == "parallel" else Bias()
    settings = {language: gold_ranks(ranking, range(len(names))) for language, ranking in pools.items()}
    if relevance != "parallel":
        return Bias(language_share=_language_share(collection, rankings, pools, settings))
    best = {language: golds.keep(golds.best_per_language()) for language, golds in settings.items()}
    total = sum(map(len, collection.documents.values()))
    summaries: dict[str, DistanceSummary] = {}
    for language, golds in best.items():
        per_query.of("rank_distance", language)[golds.queries] = measures.rank_distance(golds)
        alone = golds.relevant == settings[language].relevant
        summaries[language] = measures.distance_summary(golds, total, alone)
    preference = measures.preference(best, names)
    return Bias(
        rank_distance=_rank_distance(summaries),
        language_share=_language_share(collection, rankings, pools, best),
        same_language=preference.same_language,
        lift=preference.lift,
        document_language_effect=preference.effect,
        consistency=measures.consistency(pools, questions),
    )


def _rank_distance(summaries: Mapping[str, DistanceSummary]) -> RankDistance:
    """Means over query languages, of those that have a value."""
    values = [summary.model_dump() for summary in summaries.values()]
    means = {key: mean([value[key] for value in values if value[key] is not None]) for key in values[0]}
    return RankDistance(**means, languages=dict(summaries))


def _language_share(
    collection: Collection, rankings: Rankings, pools: Mapping[str, Ranking], settings: Mapping[str, GoldRanks]
) -> LanguageShare:
    names = collection.document_languages
    sizes = [len(texts) for texts in collection.documents.values()]
    share: dict[str, Means] = {}
    ideal: dict[str, Means] = {}
    for language, golds in settings.items():

        def tied_at(rows: Ints, scores: Ints, language: str = language) -> Ints:
            return rankings.tied_at(language, rows, scores)

        shares = measures.language_share(golds, pools[language], sizes, tied_at)
        share[language], ideal[language] = (_by_name(names, values) for values in shares)
    chance: Means = dict(zip(names, (float(size / sum(sizes)) for size in sizes), strict=True))
    return LanguageShare(depth="R", share=share, ideal=ideal, chance=chance)


def _by_name(names: Sequence[str], values: Floats) -> Means:
    return dict(zip(names, map(float, values), strict=True))


def pooling(
    collection: Collection,
    rankings: Rankings,
    pools: Mapping[str, Ranking],
    pooled: PooledScores,
    alone: PairScores | None,
    metrics: Sequence[Metric],
) -> Pooling:
    """What searching all languages at once costs where only the query's own language is judged.

    cost: monolingual minus pooled. A part of it is no fault: relevant documents of other languages are unjudged, which
    Judged@10 of the pool, the share of judged documents among its first ten, makes visible.
    """
    names = collection.document_languages
    settings = {language: gold_ranks(ranking, range(len(names))) for language, ranking in pools.items()}
    judged = {language: mean(JUDGED.of(golds)) for language, golds in settings.items()}
    macro = mean([value for value in judged.values() if value is not None])
    return Pooling(
        macro=pooled.macro,
        micro=pooled.micro,
        languages=pooled.languages,
        cost={name: _less(alone.macro[name] if alone else None, pooled.macro[name]) for name in map(str, metrics)},
        judged=JudgedShare.model_validate({"macro": macro, **judged}),
        language_share=_language_share(collection, rankings, pools, settings) if len(names) > 1 else None,
    )


def _less(value: float | None, other: float | None) -> float | None:
    """The difference, where both are known."""
    return None if value is None or other is None else value - other


def gap(scores: Scores, per_query: PerQuery, pairs: Sequence[tuple[str, str]], primary: str) -> Gap:
    """Mo - Cr of the primary metric, and per pair AP(d->d) - AP(q->d) over the same questions."""
    if scores.monolingual is None or scores.cross_lingual is None:
        return Gap(metric=primary, absolute=None, relative=None, pairs={})
    mono, cross = scores.macro("Mo", primary), scores.macro("Cr", primary)
    names = per_query.document_languages
    differences: Means = {}
    for query, document in pairs:
        if document not in per_query:
            continue
        column = names.index(document)
        asked, other_asked = (per_query.questions(language) for language in (document, query))
        _, here, there = np.intersect1d(asked, other_asked, return_indices=True)
        own, other = (per_query.of(primary, language)[:, column] for language in (document, query))
        difference = own[here] - other[there]
        differences[f"{query}-{document}"] = mean(difference[np.isfinite(difference)])
    absolute = _less(mono, cross)
    relative = absolute / mono if absolute is not None and mono else None
    return Gap(metric=primary, absolute=absolute, relative=relative, pairs=differences)


def split_by_seen(
    gap: Gap,
    scores: Scores,
    languages: tuple[Sequence[str], Sequence[str]],
    trained_on: Sequence[str],
) -> Gap:
    """The gap with macro means of its metric over what training saw and over the rest; None where a part is empty.

    A pair is seen if both its languages are; in the pool, the query's language decides. `languages`: of queries and of
    documents.
    """
    (asked, answered), metric = languages, str(gap.metric)
    named = {f"{query}-{document}": {query, document} for query in asked for document in answered}
    named |= {language: {language} for language in asked}
    seen: Means = {}
    unseen: Means = {}
    for half, part in scores.halves.items():
        for means, within in ((seen, True), (unseen, False)):
            chosen = [
                entry[metric] for name, entry in part.entries.items() if (named[name] <= set(trained_on)) == within
            ]
            means[half] = mean(chosen)
    return gap.model_copy(update={"trained_on": list(trained_on), "seen": seen, "unseen": unseen})


def mean(values: Sequence[float] | Floats) -> float | None:
    """None for no values."""
    return float(np.mean(values)) if len(values) else None
