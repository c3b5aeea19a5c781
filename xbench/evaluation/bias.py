"""Language bias in the pool: how unequally an encoder treats parallel documents. Each number has bounds.

Rank distance is arXiv 2408.10536's (credited there to arXiv 2305.09025). All from the counts of the ranking, except
language share and consistency, which need the top of the list. Knows no text and no model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np

from xbench.arrays import Flags, Floats, Ints
from xbench.evaluation.bias_scores import Consistency, DistanceSummary, SameLanguage
from xbench.evaluation.gold_ranks import GoldRanks
from xbench.evaluation.ranking import Ranking
from xbench.evaluation.rankings import CONSISTENCY_DEPTH
from xbench.evaluation.scores import Means

TiedByLanguage: TypeAlias = Callable[[Ints, Ints], Ints]


@dataclass(frozen=True)
class Preference:
    """Who wins: how often the own language is first, and by document language the lift and the main effect."""

    same_language: SameLanguage
    lift: Means
    effect: Means


def rank_distance(golds: GoldRanks) -> Floats:
    """Expected rank of the worst minus the best relevant document [Q]. Perfect: R - 1."""
    return golds.worst_rank() - golds.best_rank()


def chance_distance(golds: GoldRanks, documents: int) -> Floats:
    """Rank distance of a random order [Q]: (N + 1)(R - 1)/(R + 1)."""
    relevant = golds.relevant
    return np.asarray((documents + 1) * (relevant - 1) / (relevant + 1))


def normalised_distance(golds: GoldRanks, documents: int) -> Floats:
    """Between perfect (0) and chance (1), not clipped; queries with one relevant document, or no other, left out."""
    several = (golds.relevant > 1) & (golds.relevant < documents)
    relevant = golds.relevant[several]
    spread = (relevant - 1) * (documents - relevant) / (relevant + 1)
    return np.asarray((rank_distance(golds)[several] - (relevant - 1)) / spread)


def distance_summary(golds: GoldRanks, documents: int, alone: Flags) -> DistanceSummary:
    """One query language: mean, median, normalised, mean log2(worst/best), chance, perfect, worst rank, complete@k.

    `alone` [Q]: the query has one gold per language. Others have no chance: the best of several is no random document.
    """
    distance = rank_distance(golds)
    ratio = np.log2(golds.worst_rank() / golds.best_rank())
    return DistanceSummary(
        mean=_mean(distance),
        median=float(np.median(distance)) if len(distance) else None,
        normalised=_mean(normalised_distance(golds.keep(alone[golds.query]), documents)),
        log2_ratio=_mean(ratio),
        perfect=_mean(golds.relevant.astype(np.float64) - 1),
        chance=_mean(chance_distance(golds, documents)[alone]),
        worst_rank=_mean(golds.worst_rank()),
        complete_20=_mean(golds.complete(20)),
        complete_100=_mean(golds.complete(100)),
    )


def first_gold(golds: GoldRanks, languages: int) -> tuple[Floats, Flags]:
    """([Q, L] probability that the first relevant document is of each language, [Q, L] whether it has one there)."""
    first = np.zeros((len(golds.queries), languages))
    present = np.zeros(first.shape, bool)
    present[golds.query, golds.language] = True
    top = golds.rho == 0
    np.add.at(first, (golds.query[top], golds.language[top]), 1 / golds.r[top])
    return first, present


def preference(by_language: Mapping[str, GoldRanks], documents: Sequence[str]) -> Preference:
    """Who wins: same-language preference and its chance, lift per language, main effect per document language.

    lift: P(first gold in d | query in d) - P(first gold in d | query in another language), over questions with a gold
    in d. effect: P(first gold in d) minus its chance 1/R, over all queries with a gold in d.
    """
    first: dict[str, Floats] = {}
    even: dict[str, Floats] = {}  # [Q, L] the chance of each language to come first: 1/R where there is a gold
    for language, golds in by_language.items():
        first[language], present = first_gold(golds, len(documents))
        even[language] = present / present.sum(axis=1, keepdims=True)
    own = [(language, documents.index(language)) for language in by_language if language in documents]
    lift: Means = {}
    effect: Means = {}
    for column, document in enumerate(documents):
        has_gold = {language: even[language][:, column] > 0 for language in even}
        wins = {language: first[language][rows, column] for language, rows in has_gold.items()}
        chance = [even[language][rows, column] for language, rows in has_gold.items()]
        others = [values for language, values in wins.items() if language != document]
        rest = _mean(np.concatenate(others)) if others else None
        same = _mean(wins[document]) if document in wins else None
        lift[document] = None if same is None or rest is None else same - rest
        effect[document] = _mean(np.concatenate(list(wins.values())) - np.concatenate(chance))
    same_language = SameLanguage(
        mean=_macro([_mean(first[language][:, column]) for language, column in own]),
        chance=_macro([_mean(even[language][:, column]) for language, column in own]),
    )
    return Preference(same_language, lift, effect)


def language_share(
    golds: GoldRanks, ranking: Ranking, sizes: Sequence[int], tied_at: TiedByLanguage
) -> tuple[Floats, Floats]:
    """([L] share of each document language in the top R of the pool, [L] the same for an ideal ranking).

    R is the query's number of relevant documents. A tie block that crosses the cut counts in proportion; `tied_at`
    gives its size by language [n, L] for (rows, scores), asked only where the list shows that the block goes on.
    """
    bounds = np.cumsum(sizes)
    cut = np.minimum(golds.relevant, sum(sizes))  # documents missed are relevant, and may outnumber those there
    last = ranking.top_score[golds.queries, cut - 1]
    listed = ranking.top_score[golds.queries]
    language = np.searchsorted(bounds, ranking.top_document[golds.queries], side="right")
    depth = np.arange(listed.shape[1])
    share = np.zeros((len(golds.queries), len(sizes)))
    crossing = listed[np.arange(len(cut)), np.minimum(cut, listed.shape[1] - 1)] == last
    crossing &= cut < bounds[-1]
    counted = np.where(crossing[:, None], listed > last[:, None], depth < cut[:, None])
    rows, columns = np.nonzero(counted)
    np.add.at(share, (rows, language[rows, columns]), 1.0)
    cross = np.flatnonzero(crossing)
    if len(cross):
        block = tied_at(golds.queries[cross], last[cross]).astype(np.float64)
        room = cut[cross] - counted[cross].sum(axis=1)
        share[cross] += room[:, None] * block / block.sum(axis=1, keepdims=True)
    ideal = np.zeros_like(share)
    np.add.at(ideal, (golds.query, golds.language), 1.0)
    return (share / cut[:, None]).mean(axis=0), (ideal / golds.relevant[:, None]).mean(axis=0)


def consistency(
    rankings: Mapping[str, Ranking], questions: Mapping[str, Sequence[str]], depth: int = CONSISTENCY_DEPTH
) -> Consistency:
    """Mean Spearman correlation between the top lists that two language versions of a question give.

    Over the union of both lists; a missing document stands below every listed one. Documents of a tie block that
    crosses the cut are not listed, so no id decides. Mean over questions, then over pairs of languages.
    """
    lists = {language: _top_list(ranking, depth) for language, ranking in rankings.items()}
    places = {language: {name: row for row, name in enumerate(names)} for language, names in questions.items()}
    means, count = [], 0
    for first, second in combinations(rankings, 2):
        both = [(row, places[second][name]) for name, row in places[first].items() if name in places[second]]
        if not both:
            continue
        rows = np.array(both)
        values = _spearman(*(part[rows[:, 0]] for part in lists[first]), *(part[rows[:, 1]] for part in lists[second]))
        values = values[np.isfinite(values)]
        count += len(values)
        if len(values):
            means.append(float(values.mean()))
    bound = _spearman(*_disjoint(depth, 0), *_disjoint(depth, depth))[0]
    return Consistency(mean=_macro(means), depth=depth, n=count, disjoint_lists=float(bound))


def _disjoint(depth: int, first: int) -> tuple[Ints, Floats]:
    return np.arange(first, first + depth)[None], np.arange(1.0, depth + 1)[None]


def _top_list(ranking: Ranking, depth: int) -> tuple[Ints, Floats]:
    """(documents [Q, depth], -1 where not listed; their expected ranks, 0 where not listed)."""
    score = ranking.top_score[:, : depth + 1]
    listed = score[:, :depth]
    level = (listed[:, :, None] < listed[:, None, :]).sum(axis=2)
    block = (listed[:, :, None] == listed[:, None, :]).sum(axis=2)
    whole = ranking.top_document[:, :depth] >= 0
    if score.shape[1] > depth:
        whole &= listed > score[:, depth:]
    ranks = np.where(whole, level + (block + 1) / 2, 0.0)
    return np.where(whole, ranking.top_document[:, :depth], -1), ranks


def _spearman(first: Ints, first_rank: Floats, second: Ints, second_rank: Floats) -> Floats:
    """Spearman over the union of two lists per row; NaN where a list orders nothing. Shapes [P, k]."""
    match = (first[:, :, None] == second[:, None, :]) & (first[:, :, None] >= 0)
    in_both = match.any(axis=2)
    partner = np.einsum("pij,pj->pi", match, second_rank)
    one, other = (first >= 0).sum(axis=1), (second >= 0).sum(axis=1)
    union = one + other - in_both.sum(axis=1)
    missing_one, missing_other = (one + 1 + union) / 2, (other + 1 + union) / 2
    mean = (union + 1) / 2
    shared_one = (first_rank * in_both).sum(axis=1)
    shared_other = partner.sum(axis=1)
    product = (first_rank * partner).sum(axis=1)
    product += missing_other * (first_rank.sum(axis=1) - shared_one)
    product += missing_one * (second_rank.sum(axis=1) - shared_other)
    covariance = product - union * mean**2
    spread_one = (first_rank**2).sum(axis=1) + (union - one) * missing_one**2 - union * mean**2
    spread_other = (second_rank**2).sum(axis=1) + (union - other) * missing_other**2 - union * mean**2
    spread = spread_one * spread_other
    out = np.full(len(union), np.nan)
    return np.asarray(np.divide(covariance, np.sqrt(spread), out=out, where=spread > 1e-9))


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None


def _macro(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
