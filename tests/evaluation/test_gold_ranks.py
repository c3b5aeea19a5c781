"""What metrics promise: their closed forms are the mean over all orders of ties, as pytrec_eval scores them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
import pytrec_eval
from build import METRICS, Written, directions, draw_golds, orders, positions, ranked, referee, small_case, written
from hypothesis import given
from hypothesis import strategies as st

from xbench.evaluation.gold_ranks import GoldRanks, gold_ranks
from xbench.metrics import Metric

SETTINGS = [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]]


def tiny() -> GoldRanks:
    """Scores 5 3 3 1; the second and the last document are relevant: ranks 2 or 3, and 4."""
    return gold_ranks(written({"en": [[5, 3, 3, 1]]}, [[(0, 1), (0, 3)]]).ranking, [0])


def value(name: str, golds: GoldRanks) -> float:
    (found,) = Metric.parse(name).of(golds)
    return float(found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AP", ((1 / 2 + 1 / 3) / 2 + 2 / 4) / 2),
        ("RR", (1 / 2 + 1 / 3) / 2),
        ("AP@2", (1 / 2) / 2 / 2),
        ("AP@3", (1 / 2 + 1 / 3) / 2 / 2),
        ("S@1", 0),
        ("S@2", 1 / 2),
        ("S@3", 1),
        ("R@1", 0),
        ("R@2", 1 / 4),
        ("R@3", 1 / 2),
        ("R@4", 1),
        ("R@99", 1),
        ("nDCG@1", 0),
        ("nDCG@2", (1 / math.log2(3)) / 2 / (1 + 1 / math.log2(3))),
        ("nDCG@4", ((1 / math.log2(3) + 1 / math.log2(4)) / 2 + 1 / math.log2(5)) / (1 + 1 / math.log2(3))),
    ],
)
def test_metrics_of_a_case_worked_by_hand(name: str, expected: float) -> None:
    assert value(name, tiny()) == pytest.approx(expected, abs=1e-12)


def test_ranks_of_a_case_worked_by_hand() -> None:
    assert tiny().best_rank().tolist() == [2.5]
    assert tiny().worst_rank().tolist() == [4.0]
    assert [tiny().complete(k).tolist() for k in (1, 2, 3, 4)] == [[0.0], [0.0], [0.0], [1.0]]


def test_two_golds_that_tie_with_each_other_share_their_block() -> None:
    golds = gold_ranks(written({"en": [[2, 2, 2]]}, [[(0, 0), (0, 2)]]).ranking, [0])
    assert value("AP", golds) == pytest.approx(((1 + 1) + (1 + 2 / 3) + (1 / 2 + 2 / 3)) / 6)
    assert value("RR", golds) == pytest.approx((1 + 1 + 1 / 2) / 3)
    assert golds.complete(2)[0] == pytest.approx(1 / 3)
    assert (golds.best_rank()[0], golds.worst_rank()[0]) == pytest.approx((4 / 3, 8 / 3))


def test_a_setting_counts_only_its_own_languages_and_queries() -> None:
    made = written({"en": [[3, 1], [1, 2]], "de": [[2, 4], [9, 9]]}, [[(0, 1), (1, 0)], [(0, 0)]])
    german = gold_ranks(made.ranking, [1])
    assert (german.queries.tolist(), german.above.tolist(), german.relevant.tolist()) == ([0], [1], [1])
    pool = gold_ranks(made.ranking, [0, 1])
    assert (pool.queries.tolist(), pool.relevant.tolist()) == ([0, 1], [2, 1])
    assert value("RR", german) == 1 / 2
    assert Metric.parse("AP").of(pool).tolist() == pytest.approx([(1 / 3 + 2 / 4) / 2, 1 / 4])


def cases(made: Written) -> Iterator[tuple[GoldRanks, list[np.ndarray], list[list[int]]]]:
    """(setting, scores and golds by query) for every set of document languages in which a query has a gold."""
    offsets = np.append(0, np.cumsum(made.sizes))
    for languages in SETTINGS:
        golds = gold_ranks(made.ranking, languages)
        columns = np.concatenate([np.arange(offsets[one], offsets[one + 1]) for one in languages])
        place = {column: number for number, column in enumerate(columns.tolist())}
        kept = [[place[gold] for gold in made.pool_golds(query) if gold in place] for query in golds.queries]
        assert [bool(found) for found in kept] == [True] * len(golds.queries)
        if kept:
            yield golds, list(made.scores()[golds.queries][:, columns]), kept


def assert_is_the_mean_over_orders(golds: GoldRanks, scores: Sequence[np.ndarray], kept: Sequence[list[int]]) -> None:
    found = np.array([metric.of(golds) for metric in METRICS]).T
    for query, (row, own) in enumerate(zip(scores, kept, strict=True)):
        ranks = [positions(order, own) for order in orders(row)]
        np.testing.assert_allclose(found[query], referee(ranks, len(row)).mean(axis=0), atol=1e-12)
        assert golds.best_rank()[query] == pytest.approx(np.mean([one[0] for one in ranks]), abs=1e-12)
        assert golds.worst_rank()[query] == pytest.approx(np.mean([one[-1] for one in ranks]), abs=1e-12)
        for k in range(1, len(row) + 2):
            share = np.mean([one[-1] <= k for one in ranks])
            assert golds.complete(k)[query] == pytest.approx(share, abs=1e-12), f"complete@{k}"


@pytest.mark.parametrize("seed", range(40))
def test_every_metric_is_the_mean_over_all_orders_of_tied_documents(seed: int) -> None:
    for golds, scores, kept in cases(small_case(seed)):
        assert_is_the_mean_over_orders(golds, scores, kept)


@given(st.lists(st.integers(0, 1), min_size=1, max_size=6), st.data())
def test_the_mean_over_orders_holds_for_whatever_hypothesis_finds(scores: list[int], data: st.DataObject) -> None:
    own = sorted(data.draw(st.sets(st.sampled_from(range(len(scores))), min_size=1)))
    golds = gold_ranks(written({"en": [scores]}, [[(0, gold) for gold in own]]).ranking, [0])
    assert_is_the_mean_over_orders(golds, [np.array(scores)], [own])


def test_scores_without_ties_are_those_of_pytrec_eval() -> None:
    random = np.random.default_rng(5)
    sizes = {"de": 90, "en": 140, "th": 20}
    documents = {name: directions(random, size) for name, size in sizes.items()}
    made = ranked(directions(random, 60), documents, draw_golds(random, 60, list(sizes.values()), most=9))
    for golds, scores, kept in cases(made):
        ranks = [
            positions(np.argsort(-row, kind="stable").tolist(), own) for row, own in zip(scores, kept, strict=True)
        ]
        found = np.array([metric.of(golds) for metric in METRICS]).T
        assert (golds.tied == 1).all()
        np.testing.assert_allclose(found, referee(ranks, len(scores[0])), atol=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_golds_that_are_not_kept_leave_the_ranking(seed: int) -> None:
    """One query at a time: its setting after `keep` is that of the ranking without those documents."""
    made = small_case(seed, documents=9, queries=1)
    golds = gold_ranks(made.ranking, [0, 1, 2])
    owners = sorted(range(len(made.golds[0])), key=lambda gold: -made.ranking.score[gold])
    kept = np.random.default_rng(seed).random(len(golds.query)) < 0.5
    gone = [made.golds[0][owner] for owner, stays in zip(owners, kept, strict=True) if not stays]
    stay = [gold for gold in made.golds[0] if gold not in gone]
    bounds = np.append(0, np.cumsum(made.sizes))
    scores = (made.scores() * 2**12).astype(int)[0]
    left = {
        str(one): [[int(scores[bounds[one] + d]) for d in range(size) if (one, d) not in gone] or [-9]]
        for one, size in enumerate(made.sizes)
    }
    moved = [(one, d - sum((one, lower) in gone for lower in range(d))) for one, d in stay]
    expected = gold_ranks(written(left, [moved]).ranking, [0, 1, 2])
    for name in ("queries", "first", "query", "language", "grade", "above", "tied", "rho", "r"):
        found = getattr(golds.keep(kept), name)
        np.testing.assert_array_equal(found, getattr(expected, name), err_msg=name)


def test_the_best_gold_of_each_language_is_kept() -> None:
    scores = {"en": [[3, 5, 1], [1, 1, 1]], "de": [[4, 0, 0], [0, 2, 2]]}
    golds = gold_ranks(written(scores, [[(0, 0), (0, 1), (1, 0)], [(1, 0), (1, 1)]]).ranking, [0, 1])
    best = golds.keep(golds.best_per_language())
    assert best.language.tolist() == [0, 1, 1]
    assert best.above.tolist() == [0, 1, 0]
    assert best.tied.tolist() == [1, 1, 2]


def test_a_setting_without_golds_has_no_scores() -> None:
    empty = gold_ranks(written({"en": [[1, 2]], "de": [[1, 2]]}, [[(0, 0)]]).ranking, [1])
    assert len(empty.queries) == 0
    for values in (*(metric.of(empty) for metric in METRICS), empty.best_rank(), empty.worst_rank()):
        assert len(values) == 0
    assert len(empty.complete(3)) == len(empty.best_per_language()) == len(empty.keep(np.empty(0, bool)).queries) == 0


# --- grades, judgements, documents that are not there ------------------------------------------------------------


def graded(seed: int) -> tuple[Written, list[int]]:
    """Scores 0..3 of 8 documents in two languages, 1 to 5 of them judged with grades 0..3, at least one above 0."""
    random = np.random.default_rng(seed)
    places = random.permutation(8)[: random.integers(1, 6)]
    grades = [int(grade) for grade in random.integers(0, 4, len(places))]
    grades[0] = max(grades[0], 1)
    scores = {name: random.integers(0, 4, (1, 4)).tolist() for name in ("de", "en")}
    made = written(scores, [[(int(place) // 4, int(place) % 4) for place in places]], grades=grades)
    return made, grades


@pytest.mark.parametrize("seed", range(30))
def test_graded_scores_are_the_mean_of_pytrec_eval_over_all_orders_of_tied_documents(seed: int) -> None:
    made, grades = graded(seed)
    judged = {str(place): grade for place, grade in zip(made.pool_golds(0), grades, strict=True)}
    lists = [{str(document): -float(rank) for rank, document in enumerate(order)} for order in orders(made.scores()[0])]
    evaluator = pytrec_eval.RelevanceEvaluator({"q": judged}, {"map", "ndcg_cut.1,3,10", "recall.3"})
    found = [evaluator.evaluate({"q": run})["q"] for run in lists]
    golds = gold_ranks(made.ranking, [0, 1])
    names = {"AP": "map", "nDCG@1": "ndcg_cut_1", "nDCG@3": "ndcg_cut_3", "nDCG@10": "ndcg_cut_10", "R@3": "recall_3"}
    for ours, theirs in names.items():
        assert value(ours, golds) == pytest.approx(np.mean([one[theirs] for one in found]), abs=1e-12), ours


@pytest.mark.parametrize("seed", range(10))
def test_judged_is_the_share_of_the_first_k_with_any_judgement(seed: int) -> None:
    made, grades = graded(seed)
    golds = gold_ranks(made.ranking, [0, 1])
    for k in (1, 3, 20):
        shares = [np.mean([one in made.pool_golds(0) for one in order[:k]]) for order in orders(made.scores()[0])]
        (found,) = Metric("Judged", k).of(golds)
        assert found == pytest.approx(np.mean(shares), abs=1e-12)
    assert len(golds.query) == sum(grade > 0 for grade in grades)


def test_a_relevant_document_that_is_not_there_is_found_at_no_rank_and_stays_in_every_divisor() -> None:
    made = written({"en": [[5, 3, 1]]}, [[(0, 1), (0, -1)]])
    golds = gold_ranks(made.ranking, [0])
    assert value("AP", golds) == (1 / 2) / 2
    assert value("RR", golds) == 1 / 2
    assert value("R@3", golds) == value("R@1000", golds) == 1 / 2
    assert value("nDCG@10", golds) == pytest.approx((1 / math.log2(3)) / (1 + 1 / math.log2(3)))
    assert value("S@1", golds) == 0
    lost = gold_ranks(written({"en": [[5, 3, 1]]}, [[(0, -1)]]).ranking, [0])
    assert [value(name, lost) for name in ("AP", "RR", "AP@2", "nDCG@3", "R@3", "S@3")] == [0] * 6


def test_huge_tie_blocks_stay_accurate() -> None:
    """1/n times the n-th harmonic number, and 1/n within the first."""
    size = 100_000
    one = np.array([0])
    golds = replace(tiny().keep(np.array([True, False])), above=one, tied=np.array([size]), rho=one, r=np.array([1]))
    harmonic = math.fsum(1 / n for n in range(1, size + 1))
    assert value("AP", golds) == pytest.approx(harmonic / size, rel=1e-10)
    assert value("RR", golds) == pytest.approx(harmonic / size, rel=1e-10)
    assert value("R@1", golds) == pytest.approx(1 / size, rel=1e-10)
