"""What the bias numbers promise: their bounds, and the mean over all orders of tied documents."""

import itertools

import numpy as np
import pytest
from build import Written, coarse, draw_golds, orders, positions, ranked, small_case, written
from scipy.stats import rankdata, spearmanr

from xbench.evaluation import bias
from xbench.evaluation.bias import _disjoint, _spearman, _top_list
from xbench.evaluation.gold_ranks import GoldRanks, gold_ranks

Lists = list[list[int]]
SEEDS = range(40)


def pool(made: Written) -> GoldRanks:
    """The pool with the best gold of each language, as the grid passes it on."""
    whole = gold_ranks(made.ranking, range(len(made.sizes)))
    return whole.keep(whole.best_per_language())


def one_each(seed: int, documents: int = 6, queries: int = 1) -> Written:
    """A small case with at most one gold per language."""
    case = small_case(seed, documents, queries)
    golds = [list(dict(reversed(found)).items()) for found in case.golds]
    return ranked(case.queries, case.documents, golds)


def language_of(made: Written) -> list[int]:
    return [language for language, size in enumerate(made.sizes) for _ in range(size)]


# --- rank distance -----------------------------------------------------------------------------------------------


def test_rank_distance_by_hand() -> None:
    """Ranks 1, 4 and 5 or 6 of 7: from best to worst 4.5 places."""
    made = written({"en": [[9, 8]], "de": [[7, 6]], "th": [[5, 5, 1]]}, [[(0, 0), (1, 1), (2, 0)]])
    assert bias.rank_distance(pool(made)).tolist() == [4.5]
    summary = bias.distance_summary(pool(made), 7, np.array([True]))
    assert summary.plain() == pytest.approx(
        {
            "mean": 4.5,
            "median": 4.5,
            "normalised": (4.5 - 2) / (2 * 4 / 4),
            "log2_ratio": np.log2(5.5),
            "perfect": 2,
            "chance": 8 * 2 / 4,
            "worst_rank": 5.5,
            "complete@20": 1,
            "complete@100": 1,
        }
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_rank_distance_is_the_mean_over_orders(seed: int) -> None:
    made = one_each(seed)
    ranks = [positions(order, made.pool_golds(0)) for order in orders(made.scores()[0])]
    assert bias.rank_distance(pool(made))[0] == pytest.approx(np.mean([row[-1] - row[0] for row in ranks]))


def test_a_perfect_encoder_has_distance_0_and_an_average_order_1() -> None:
    golds = [[(0, 0), (1, 0), (2, 0)]]
    found = []
    for order in itertools.permutations(range(5)):
        scores = {"en": [order[:2]], "de": [order[2:4]], "th": [order[4:]]}
        found.append(bias.normalised_distance(pool(written(scores, golds)), 5)[0])
    assert min(found) == 0
    assert np.mean(found) == pytest.approx(1)
    assert max(found) > 1, "not clipped"


def test_one_relevant_document_has_no_normalised_distance() -> None:
    made = written({"en": [[1, 2], [1, 2]], "de": [[0, 0], [0, 3]]}, [[(0, 0)], [(0, 1), (1, 1)]])
    assert bias.normalised_distance(pool(made), 4).tolist() == [0]
    lone = written({"en": [[1, 2]], "de": [[0, 0]]}, [[(0, 0)]])
    assert bias.distance_summary(pool(lone), 4, np.array([True])).normalised is None


def test_a_pool_of_nothing_but_golds_has_no_normalised_distance() -> None:
    """Every order is perfect and chance at once."""
    made = written({"en": [[1]], "de": [[2]]}, [[(0, 0), (1, 0)]])
    assert bias.distance_summary(pool(made), 2, np.array([True])).normalised is None


def test_of_several_golds_in_a_language_the_best_one_counts() -> None:
    """en ranks 1 and 5 (the second leaves the ranking), de rank 3: distance 2."""
    made = written({"en": [[9, 1, 8]], "de": [[5, 4]]}, [[(0, 0), (0, 1), (1, 0)]])
    assert bias.rank_distance(pool(made)).tolist() == [2]


# --- language share ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_language_share_is_the_mean_over_orders(seed: int) -> None:
    made = one_each(seed, queries=3)
    share, ideal = bias.language_share(pool(made), made.ranking, made.sizes, made.tied_at)
    languages, expected, best = np.array(language_of(made)), [], []
    for query, scores in enumerate(made.scores()):
        golds = made.pool_golds(query)
        heads = [np.bincount(languages[order[: len(golds)]], minlength=3) for order in orders(scores)]
        expected.append(np.mean(heads, axis=0) / len(golds))
        best.append(np.bincount(languages[golds], minlength=3) / len(golds))
    np.testing.assert_allclose(share, np.mean(expected, axis=0), atol=1e-12)
    np.testing.assert_allclose(ideal, np.mean(best, axis=0), atol=1e-12)


def test_language_share_looks_beyond_the_list_where_ties_go_on() -> None:
    """40 tied documents, 12 listed: 1 above, then one place for 30 en and 9 de documents."""
    made = written({"en": [[1] * 30], "de": [[2] + [1] * 9]}, [[(0, 0), (1, 0)]], top=12)
    share, ideal = bias.language_share(pool(made), made.ranking, made.sizes, made.tied_at)
    assert share == pytest.approx([30 / 39 / 2, (1 + 9 / 39) / 2])
    assert ideal.tolist() == [0.5, 0.5]


def test_language_share_with_several_golds_in_a_language_is_that_of_the_top_languages() -> None:
    """Golds en, en, de: the first two places go to en."""
    made = written({"en": [[9, 8, 0]], "de": [[7, 1]]}, [[(0, 0), (0, 1), (1, 0)]])
    share, ideal = bias.language_share(pool(made), made.ranking, made.sizes, made.tied_at)
    assert (share.tolist(), ideal.tolist()) == ([1, 0], [0.5, 0.5])


def test_language_share_of_a_pool_of_nothing_but_golds() -> None:
    made = written({"en": [[1]], "de": [[1]]}, [[(0, 0), (1, 0)]], top=2)
    share, _ = bias.language_share(pool(made), made.ranking, made.sizes, made.tied_at)
    assert share.tolist() == [0.5, 0.5]


# --- preference --------------------------------------------------------------------------------------------------


def test_preference_by_hand() -> None:
    """en asks twice: its own gold first, then de's; de asks once: a tie. th has documents only."""
    english = written(
        {"en": [[9, 0], [1, 0]], "de": [[5, 0], [2, 0]], "th": [[1], [0]]}, [[(0, 0), (1, 0)], [(0, 0), (1, 0), (2, 0)]]
    )
    german = written({"en": [[3, 0]], "de": [[3, 0]], "th": [[0]]}, [[(0, 0), (1, 0)]])
    found = bias.preference({"en": pool(english), "de": pool(german)}, ["en", "de", "th"])
    assert found.same_language.plain() == pytest.approx({"mean": (1 / 2 + 1 / 2) / 2, "chance": (5 / 12 + 1 / 2) / 2})
    assert found.lift == {"en": 1 / 2 - 1 / 2, "de": 1 / 2 - 1 / 2, "th": None}
    effects = {"en": 1.5 / 3 - (1 / 2 + 1 / 3 + 1 / 2) / 3, "de": 1.5 / 3 - (1 / 2 + 1 / 3 + 1 / 2) / 3, "th": -1 / 3}
    assert found.effect == pytest.approx(effects)


def test_a_lift_uses_only_questions_with_a_gold_in_the_language() -> None:
    english = written({"en": [[9, 0], [9, 0]], "de": [[1], [1]]}, [[(0, 0), (1, 0)], [(0, 0)]])
    german = written({"en": [[9, 0], [9, 0]], "de": [[1], [1]]}, [[(1, 0)], [(0, 0), (1, 0)]])
    found = bias.preference({"en": pool(english), "de": pool(german)}, ["en", "de"])
    assert found.lift == {"en": 1 - 1, "de": (1 + 0) / 2 - 0}
    assert found.same_language.plain() == {"mean": (1 + 1 / 2) / 2, "chance": pytest.approx(3 / 4)}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_gold_is_that_of_the_mean_order(seed: int) -> None:
    made = one_each(seed)
    languages, golds = language_of(made), set(made.pool_golds(0))
    winners = [
        languages[next(document for document in order if document in golds)] for order in orders(made.scores()[0])
    ]
    first, present = bias.first_gold(pool(made), 3)
    np.testing.assert_allclose(first[0], np.bincount(winners, minlength=3) / len(winners), atol=1e-12)
    assert present[0].tolist() == [language in dict(made.golds[0]) for language in range(3)]


# --- consistency -------------------------------------------------------------------------------------------------


def referee_spearman(one: dict[int, float], other: dict[int, float]) -> float:
    """scipy's, on the union; a document that is not listed stands at k + 1."""
    union = sorted(one.keys() | other.keys())
    if min(len({*ranks.values()}) + (len(union) > len(ranks)) for ranks in (one, other)) < 2:
        return float("nan")
    columns = [[ranks.get(name, len(ranks) + 1) for name in union] for ranks in (one, other)]
    return float(spearmanr(*columns).statistic)


def lists_of(made: Written, depth: int) -> list[dict[int, float]]:
    """Documents that are in the first `depth` whatever the order of ties, with their mean ranks."""
    found = []
    for scores in made.scores():
        ranks, last = rankdata(-scores, "average"), rankdata(-scores, "max")
        found.append({int(document): float(ranks[document]) for document in np.flatnonzero(last <= depth)})
    return found


def arrays(ranks: dict[int, float], depth: int) -> tuple[np.ndarray, np.ndarray]:
    room = depth - len(ranks)
    return np.array([[*ranks, *[-1] * room]]), np.array([[*ranks.values(), *[0.0] * room]])


@pytest.mark.parametrize("seed", range(200))
def test_spearman_equals_scipys_on_the_union(seed: int) -> None:
    random = np.random.default_rng(seed)
    depth = int(random.integers(2, 11))
    lists = []
    for _ in range(2):
        names = random.choice(14, random.integers(2, depth + 1), replace=False).tolist()
        ranks = rankdata(random.integers(0, 6, len(names)) if seed % 2 else random.permutation(len(names)))
        lists.append(dict(zip(names, map(float, ranks), strict=True)))
    expected = referee_spearman(*lists)
    found = _spearman(*arrays(lists[0], depth), *arrays(lists[1], depth))[0]
    assert found == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_consistency_equals_scipys_mean_for_lists_that_ties_shorten(seed: int) -> None:
    random = np.random.default_rng(seed)
    documents = {"en": coarse(random, 9), "de": coarse(random, 7)}
    golds = draw_golds(random, 6, [9, 7])
    made = {language: ranked(coarse(random, 6), documents, golds) for language in ("en", "de", "th")}
    questions = {"en": list("abcdef"), "de": list("fedcba"), "th": list("abcxyz")}
    depth = int(random.integers(3, 11))
    means, count = [], 0
    for one, other in itertools.combinations(made, 2):
        pairs = [
            (row, questions[other].index(name)) for row, name in enumerate(questions[one]) if name in questions[other]
        ]
        lists = lists_of(made[one], depth), lists_of(made[other], depth)
        values = [referee_spearman(lists[0][here], lists[1][there]) for here, there in pairs]
        known = [found for found in values if np.isfinite(found)]
        count += len(known)
        means += [np.mean(known)] if known else []
    found = bias.consistency({name: case.ranking for name, case in made.items()}, questions, depth)
    assert found.n == count
    assert found.mean == pytest.approx(np.mean(means) if means else None, abs=1e-12)


def test_equal_lists_are_consistent_and_disjoint_lists_meet_the_stated_bound() -> None:
    scores = [list(range(30, 0, -1))]
    same = written({"en": scores}, [[(0, 0)]]).ranking
    other = written({"en": [[*range(10), *range(30, 10, -1)]]}, [[(0, 0)]]).ranking
    questions = {"en": ["q"], "de": ["q"]}
    equal = bias.consistency({"en": same, "de": same}, questions)
    assert (equal.mean, equal.n) == (pytest.approx(1), 1)
    disjoint = bias.consistency({"en": same, "de": other}, questions)
    assert disjoint.mean == pytest.approx(disjoint.disjoint_lists)
    assert disjoint.disjoint_lists == pytest.approx(-0.858, abs=5e-4)


def test_the_bound_of_disjoint_lists_is_scipys() -> None:
    for depth in (2, 5, 10, 20):
        one, other = (dict(zip(range(first, first + depth), range(1, depth + 1), strict=True)) for first in (0, depth))
        found = _spearman(*_disjoint(depth, 0), *_disjoint(depth, depth))[0]
        assert found == pytest.approx(referee_spearman(one, other), abs=1e-12)


def test_a_tie_block_that_crosses_the_cut_is_not_listed() -> None:
    found = written({"en": [[5, 4, 4, 3, 3, 3]]}, [[(0, 0)]]).ranking
    documents, ranks = _top_list(found, 4)
    assert sorted(documents[0].tolist()) == [-1, 0, 1, 2]
    assert ranks.tolist() == [[1, 2.5, 2.5, 0]]


def test_one_point_orders_nothing_so_no_consistency_is_claimed() -> None:
    flat = written({"en": [[1] * 20]}, [[(0, 0)]]).ranking
    found = bias.consistency({"en": flat, "de": flat}, {"en": ["q"], "de": ["q"]})
    assert (found.mean, found.n) == (None, 0)
