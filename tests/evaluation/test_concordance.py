"""Agreement over tasks and metrics: against scipy and written-out formulas, and against simulations of known truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from xbench.arrays import Floats
from xbench.evaluation.concordance import (
    Interval,
    bootstrap,
    generalisability,
    kendall_w,
    label_permutation,
    split_half,
    tau_b,
    tau_table,
)


def tied_scores(seed: int, judges: int, systems: int) -> Floats:
    return np.random.default_rng(seed).integers(0, 4, (judges, systems)).astype(float)


def components(
    random: np.random.Generator, shape: tuple[int, int], systems: float, tasks: float, rest: float
) -> Floats:
    """Scores [systems, tasks] of normal components with these standard deviations."""
    return np.asarray(
        systems * random.standard_normal((shape[0], 1))
        + tasks * random.standard_normal(shape[1])
        + rest * random.standard_normal(shape)
    )


def covers(interval: Interval, truth: float) -> bool:
    return interval.low <= truth <= interval.high


# --- Kendall ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_w_is_friedmans_statistic_over_its_largest_ties_and_all(seed: int) -> None:
    scores = tied_scores(seed, 5, 9)
    friedman = stats.friedmanchisquare(*scores.T).statistic
    assert kendall_w(scores) == pytest.approx(friedman / (5 * 8), abs=1e-12)


def test_w_by_hand() -> None:
    one_order = np.array([[1, 2, 3], [10, 20, 30], [0, 5, 6]], float)
    assert kendall_w(one_order) == 1
    assert kendall_w(np.array([[1, 2, 3], [3, 2, 1]], float)) == 0
    assert kendall_w(np.array([[1, 1, 2], [1, 1, 2]], float)) == 1  # tied alike
    assert kendall_w(np.array([[1, 2, 3], [1, 3, 2]], float)) == 0.75
    assert math.isnan(kendall_w(np.ones((3, 4))))


def test_w_of_judges_who_know_nothing_is_one_over_their_number() -> None:
    random = np.random.default_rng(1)
    drawn = [kendall_w(random.standard_normal((6, 10))) for _ in range(2_000)]
    assert np.mean(drawn) == pytest.approx(1 / 6, abs=0.005)


@pytest.mark.parametrize("seed", range(4))
def test_tau_is_scipys(seed: int) -> None:
    first, second = tied_scores(seed, 2, 15)
    assert tau_b(first, second) == pytest.approx(stats.kendalltau(first, second).statistic, abs=1e-12)


def test_tau_by_hand_and_of_all_judges() -> None:
    assert tau_b(np.array([1.0, 2, 3]), np.array([1.0, 3, 2])) == pytest.approx(1 / 3)
    assert math.isnan(tau_b(np.ones(3), np.arange(3.0)))
    table = tau_table(tied_scores(2, 3, 12))
    assert table.shape == (3, 3) and np.array_equal(table, table.T) and np.allclose(np.diag(table), 1)


# --- generalisability ---------------------------------------------------------------------------------------------


def test_components_by_hand() -> None:
    """Brennan's arithmetic on a table of 3 systems and 2 tasks: mean squares 9.5, 1.5 and 0.5."""
    found = generalisability(np.array([[1, 2], [3, 3], [4, 6]], float))
    means = np.array([1.5, 3, 5])
    between = 2 * means.var(ddof=1)
    rest = np.array([[1, 2], [3, 3], [4, 6]]) - means[:, None] - np.array([8 / 3, 11 / 3]) + 19 / 6
    left = (rest**2).sum() / 2
    assert found.systems == pytest.approx((between - left) / 2)
    assert found.tasks == pytest.approx((3 * 0.5 - left) / 3)
    assert found.rest == pytest.approx(left)
    assert found.relative.value == pytest.approx(found.systems / (found.systems + left / 2))
    assert found.absolute.value == pytest.approx(found.systems / (found.systems + (found.tasks + left) / 2))


def test_the_relative_coefficient_is_cronbachs_alpha() -> None:
    scores = components(np.random.default_rng(3), (12, 7), 1, 0.5, 0.8)
    alpha = 7 / 6 * (1 - scores.var(axis=0, ddof=1).sum() / scores.sum(axis=1).var(ddof=1))
    assert generalisability(scores).relative.value == pytest.approx(alpha, abs=1e-12)


@pytest.mark.parametrize(("systems", "tasks", "rest"), [(1, 0.5, 1), (1, 1.5, 0.5), (0.3, 0.3, 1)])
def test_components_and_intervals_of_known_truth(systems: float, tasks: float, rest: float) -> None:
    random, shape, trials = np.random.default_rng(4), (15, 8), 800
    truth = systems**2 / (systems**2 + rest**2 / 8), systems**2 / (systems**2 + (tasks**2 + rest**2) / 8)
    found = [generalisability(components(random, shape, systems, tasks, rest)) for _ in range(trials)]
    assert np.mean([one.tasks for one in found]) == pytest.approx(tasks**2, rel=0.1)
    assert np.mean([one.rest for one in found]) == pytest.approx(rest**2, rel=0.05)
    for ends, true in (
        ([one.relative for one in found], truth[0]),
        ([one.absolute for one in found], truth[1]),
    ):
        assert 0.93 <= np.mean([covers(end, true) for end in ends]) <= 0.97


def test_systems_that_do_not_differ_generalise_to_nothing() -> None:
    scores = np.tile(np.array([0.2, 0.5, 0.9]), (4, 1))
    found = generalisability(scores)
    assert (found.systems, found.rest) == (0, pytest.approx(0, abs=1e-30))
    equal = [generalisability(components(np.random.default_rng(n), (10, 6), 0, 1, 1)).relative for n in range(40)]
    assert np.median([one.value for one in equal]) < 0.3
    assert min(one.low for one in equal) == 0


# --- split halves --------------------------------------------------------------------------------------------------


def test_split_halves_step_up_to_the_reliability_of_all_questions() -> None:
    """True scores with variance 1 and question noise of 200: 400 questions have reliability 1 / (1 + 200 / 400)."""
    found = []
    for seed in range(30):
        random = np.random.default_rng(seed)
        values = random.standard_normal((60, 1)) + math.sqrt(200) * random.standard_normal((60, 400))
        found.append(split_half(values, halvings=20).value)
    assert np.mean(found) == pytest.approx(2 / 3, abs=0.03)


def test_split_halves_of_one_seed_are_one_answer() -> None:
    values = np.random.default_rng(5).standard_normal((6, 31))
    assert split_half(values, seed=1) == split_half(values, seed=1) != split_half(values, seed=2)
    assert split_half(np.tile(np.arange(6.0)[:, None], (1, 10))) == Interval(1, 1, 1)


# --- bootstrap -----------------------------------------------------------------------------------------------------


def difference(scores: Floats) -> float:
    return float((scores[0] - scores[1]).mean())


def hierarchy(random: np.random.Generator, tasks: int, seeds: int, questions: int) -> list[Floats]:
    """Two systems whose true difference is 0, with noise of tasks, of runs and of questions."""
    runs = 0.3 * random.standard_normal((2, seeds, 1))
    return [
        0.3 * random.standard_normal((2, 1, 1)) + runs + random.standard_normal((2, seeds, questions))
        for _ in range(tasks)
    ]


def test_the_bootstrap_covers_what_is_true() -> None:
    random, trials = np.random.default_rng(6), 80
    found = [bootstrap(hierarchy(random, 10, 8, 20), difference, draws=120) for _ in range(trials)]
    assert 0.86 <= np.mean([covers(one, 0) for one in found]) <= 0.99


def test_the_bootstrap_draws_questions_seeds_and_tasks() -> None:
    still = [np.ones((2, 3, 5)) for _ in range(4)]
    assert bootstrap(still, difference, draws=50) == Interval(0, 0, 0)
    random = np.random.default_rng(7)
    parts = {
        "questions": [np.tile(random.standard_normal((2, 1, 40)), (1, 3, 1))] * 4,
        "seeds": [np.tile(random.standard_normal((2, 3, 1)), (1, 1, 40))] * 4,
        "tasks": [np.full((2, 3, 40), 0.0) + random.standard_normal((2, 1, 1)) for _ in range(4)],
    }
    for values in parts.values():
        interval = bootstrap(values, difference, draws=100)
        assert interval.low < interval.value < interval.high
    kept = bootstrap(parts["tasks"], difference, draws=50, redraw_tasks=False)
    assert kept.low == pytest.approx(kept.high)


def test_a_seed_that_is_drawn_is_drawn_in_every_task() -> None:
    """A run that is better everywhere moves all tasks at once, so its noise does not average out over tasks."""
    runs = np.tile(np.array([0.0, 1, 2, 3, 4])[None, :, None], (2, 1, 3))
    many, one = (bootstrap([runs] * count, difference, draws=800) for count in (20, 1))
    assert many.high - many.low == pytest.approx(one.high - one.low, rel=0.15)


def test_permuted_labels_find_what_is_there_and_little_else() -> None:
    random = np.random.default_rng(8)
    p = [label_permutation(random.standard_normal((2, 8)), difference, draws=99) for _ in range(300)]
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.03)
    apart = random.standard_normal((2, 8)) + np.array([[3.0], [0.0]])
    assert label_permutation(apart, difference, draws=999) < 0.02
