"""What is read off the settings together: bias over the pool, the cost of pooling, the gap, seen and unseen languages.

Knows rankings and scores; no vector, no model and no file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xbench.data.collection import Collection
from xbench.evaluation import bias as measures
from xbench.evaluation.gold_ranks import GoldRanks, gold_ranks
from xbench.evaluation.perquery import PerQuery
from xbench.evaluation.ranking import Ranking
from xbench.evaluation.rankings import Rankings
from xbench.metrics import Metric

JUDGED = Metric("Judged", 10)


def bias(
    collection: Collection, rankings: Rankings, pools: Mapping[str, Ranking], per_query: PerQuery, relevance: str
) -> dict[str, Any]:
    """Language bias of the pool. Where golds are not parallel, their languages differ by nature, and only the language
    share is given, beside that of an ideal ranking."""
    names = collection.document_languages
    settings = {language: gold_ranks(ranking, range(len(names))) for language, ranking in pools.items()}
    if relevance != "parallel":
        return {"language_share": _language_share(collection, rankings, pools, settings)}
    best = {language: golds.keep(golds.best_per_language()) for language, golds in settings.items()}
    total = sum(map(len, collection.documents.values()))
    summaries: dict[str, dict[str, float | None]] = {}
    for language, golds in best.items():
        per_query.of("rank_distance", language)[golds.queries] = measures.rank_distance(golds)
        alone = golds.relevant == settings[language].relevant
        summaries[language] = measures.distance_summary(golds, total, alone)
    keys = next(iter(summaries.values()))
    distance: dict[str, Any] = {
        key: mean([value for summary in summaries.values() if (value := summary[key]) is not None]) for key in keys
    }
    distance["languages"] = summaries
    questions = {language: collection.queries[language].questions for language in pools}
    return {
        "rank_distance": distance,
        "language_share": _language_share(collection, rankings, pools, best),
        **measures.preference(best, names),
        "consistency": measures.consistency(pools, questions),
    }


def _language_share(
    collection: Collection, rankings: Rankings, pools: Mapping[str, Ranking], settings: Mapping[str, GoldRanks]
) -> dict[str, Any]:
    names = collection.document_languages
    sizes = [len(texts) for texts in collection.documents.values()]
    share: dict[str, dict[str, float]] = {}
    ideal: dict[str, dict[str, float]] = {}
    for language, golds in settings.items():

        def tied_at(rows: Any, scores: Any, language: str = language) -> Any:
            return rankings.tied_at(language, rows, scores)

        shares = measures.language_share(golds, pools[language], sizes, tied_at)
        share[language], ideal[language] = (dict(zip(names, map(float, values), strict=True)) for values in shares)
    chance = dict(zip(names, (float(size / sum(sizes)) for size in sizes), strict=True))
    return {"depth": "R", "share": share, "ideal": ideal, "chance": chance}


def pooling(
    collection: Collection,
    rankings: Rankings,
    pools: Mapping[str, Ranking],
    pooled: Mapping[str, Any],
    alone: Mapping[str, Any] | None,
    metrics: Sequence[Metric],
) -> dict[str, Any]:
    """What searching all languages at once costs where only the query's own language is judged.

    cost: monolingual minus pooled. A part of it is no fault: relevant documents of other languages are unjudged, which
    Judged@10 of the pool, the share of judged documents among its first ten, makes visible.
    """
    names = collection.document_languages
    settings = {language: gold_ranks(ranking, range(len(names))) for language, ranking in pools.items()}
    judged = {language: mean(JUDGED.of(golds)) for language, golds in settings.items()}
    cost: dict[str, float | None] = {}
    for metric in map(str, metrics):
        mono = alone["macro"][metric] if alone else None
        cost[metric] = None if mono is None else mono - pooled["macro"][metric]
    return {
        **pooled,
        "cost": cost,
        str(JUDGED): {"macro": mean([value for value in judged.values() if value is not None]), **judged},
        "language_share": _language_share(collection, rankings, pools, settings),
    }


def gap(
    scores: Mapping[str, Any], per_query: PerQuery, pairs: Sequence[tuple[str, str]], primary: str
) -> dict[str, Any]:
    """Mo - Cr of the primary metric, and per pair AP(d->d) - AP(q->d) over the same questions."""
    if "monolingual" not in scores or "cross-lingual" not in scores:
        return {"metric": primary, "absolute": None, "relative": None, "pairs": {}}
    mono, cross = (scores[half]["macro"][primary] for half in ("monolingual", "cross-lingual"))
    names = list(per_query.arrays["document_languages"])
    differences: dict[str, float | None] = {}
    for query, document in pairs:
        if document not in per_query:
            continue
        column = names.index(document)
        asked = [per_query.of("question", language) for language in (document, query)]
        _, here, there = np.intersect1d(*asked, return_indices=True)
        own, other = (per_query.of(primary, language)[:, column] for language in (document, query))
        difference = own[here] - other[there]
        differences[f"{query}-{document}"] = mean(difference[np.isfinite(difference)])
    absolute = None if mono is None or cross is None else mono - cross
    relative = absolute / mono if absolute is not None and mono else None
    return {"metric": primary, "absolute": absolute, "relative": relative, "pairs": differences}


def split_by_seen(
    scores: Mapping[str, Any],
    metric: str,
    languages: tuple[Sequence[str], Sequence[str]],
    trained_on: Sequence[str],
) -> dict[str, Any]:
    """Macro means over what training saw and over the rest: a pair is seen if both its languages are; in the pool, the
    query's language decides. `languages`: of queries and of documents. None where a part is empty."""
    asked, answered = languages
    named = {f"{query}-{document}": {query, document} for query in asked for document in answered}
    named |= {language: {language} for language in asked}
    split: dict[str, Any] = {"trained_on": list(trained_on), "seen": {}, "unseen": {}}
    for half, part in scores.items():
        entries = part.get("pairs") or part["languages"]
        for group, wanted in (("seen", True), ("unseen", False)):
            chosen = [entry[metric] for name, entry in entries.items() if (named[name] <= set(trained_on)) == wanted]
            split[group][half] = mean(chosen)
    return split


def mean(values: Any) -> float | None:
    return float(np.mean(values)) if len(values) else None
