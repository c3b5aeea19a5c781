"""What the comparison of two runs promises: honest intervals under clustered noise, pairing, Holm."""

import numpy as np
import pytest

from xbench.errors import DataError
from xbench.reports.significance import Sums, compare, holm, sums

CLUSTERS, PER_CLUSTER = 80, 5
CLUSTER = np.repeat(np.arange(CLUSTERS), PER_CLUSTER)


def clustered(draw: np.random.Generator, effect: float, seeds: int = 1, seed_noise: float = 0.0) -> tuple[Sums, Sums]:
    """Two sides over the same questions: a shared difficulty, and a difference that varies by cluster and query."""
    shared = draw.normal(size=CLUSTERS)[CLUSTER] + draw.normal(size=len(CLUSTER))
    varies = 0.3 * draw.normal(size=CLUSTERS)[CLUSTER] + 0.3 * draw.normal(size=len(CLUSTER))

    def side(mean: float, part: float) -> Sums:
        values = [shared + mean + part * varies + seed_noise * draw.normal() for _ in range(seeds)]
        return sums(np.array(values)[:, :, None], CLUSTER)

    return side(effect, 1.0), side(0.0, 0.0)


def one(first: Sums, second: Sums, resamples: int = 1000):  # type: ignore[no-untyped-def]
    return compare(first, second, {"all": [0]}, resamples=resamples)[0]


def test_the_95_percent_interval_covers_a_known_effect_under_clustered_noise() -> None:
    draw = np.random.default_rng(1)
    trials = 1500
    found = [one(*clustered(draw, 0.1)) for _ in range(trials)]
    covered = np.mean([difference.low <= 0.1 <= difference.high for difference in found])
    assert 0.93 <= covered <= 0.97


def test_without_an_effect_one_comparison_in_twenty_is_significant() -> None:
    draw = np.random.default_rng(2)
    found = [one(*clustered(draw, 0.0)).p for _ in range(1500)]
    assert 0.035 <= np.mean(np.array(found) < 0.05) <= 0.065


def test_drawing_queries_instead_of_clusters_would_claim_too_much() -> None:
    draw = np.random.default_rng(3)
    first, _ = clustered(draw, 0.0)
    error = one(first, Sums(np.zeros_like(first.total), first.count)).error
    spread = Sums(np.repeat(first.total / PER_CLUSTER, PER_CLUSTER, axis=1), np.ones((len(CLUSTER), 1)))
    alone = one(spread, Sums(np.zeros_like(spread.total), spread.count)).error
    assert error > 1.5 * alone


def test_pairing_takes_out_the_difficulty_that_both_sides_share() -> None:
    first, second = clustered(np.random.default_rng(4), 0.1)
    unpaired = one(first, Sums(np.zeros_like(second.total), second.count)).error
    assert one(first, second).error < 0.5 * unpaired


def test_several_seeds_widen_the_interval_by_their_own_noise() -> None:
    still, noisy = (
        one(*clustered(np.random.default_rng(5), 0.1, seeds=3, seed_noise=noise)).error for noise in (0.0, 0.5)
    )
    assert noisy > 2 * still


def test_a_difference_is_that_of_the_macro_means() -> None:
    values = np.array([[[0.2, np.nan], [0.4, 0.9], [np.nan, 0.1]]])
    first = sums(values, np.array([0, 1, 1]))
    second = sums(np.where(np.isfinite(values), 0.0, np.nan), np.array([0, 1, 1]))
    found = one(first, second)
    assert found.value == pytest.approx(0.3)
    both = compare(first, second, {"macro": [0, 1]}, resamples=100)[0]
    assert both.value == pytest.approx((0.3 + 0.5) / 2)


def test_a_run_compared_with_itself_shows_nothing() -> None:
    first, _ = clustered(np.random.default_rng(6), 0.1)
    found = one(first, first)
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_a_comparison_is_the_same_again() -> None:
    sides = clustered(np.random.default_rng(7), 0.1)
    assert one(*sides) == one(*sides)


def test_runs_that_score_other_queries_are_refused() -> None:
    first, _ = clustered(np.random.default_rng(8), 0.1)
    with pytest.raises(DataError, match="do not score the same queries"):
        one(first, Sums(first.total, first.count + 1))


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.6]) == [1.0, 1.0]


def few(clusters: int, silent: int, gain: float = 0.1) -> tuple[Sums, Sums]:
    """Clusters of one query each, of which the last `silent` do not score column 0; A is better by `gain` in all."""
    count = np.ones((clusters, 2))
    count[clusters - silent :, 0] = 0
    level = np.random.default_rng(9).random((1, clusters, 2))
    return Sums((level + gain) * count, count), Sums(level * count, count)


@pytest.mark.filterwarnings("error")
def test_draws_without_any_query_of_a_setting_say_nothing_of_it() -> None:
    """Of 8 clusters 4 score it: one draw in 256 has none of them."""
    first, second = few(8, 4)
    noisy = Sums(first.total + np.linspace(-0.3, 0.3, 8)[None, :, None] * first.count, first.count)
    found = one(noisy, second)
    assert np.isfinite([found.low, found.high, found.error]).all()
    assert found.low <= found.value <= found.high and found.p > 0.05


def test_few_clusters_that_agree_are_no_surer_than_a_sign_test() -> None:
    assert one(*few(6, 3)).p == pytest.approx(1 / 4)
    assert one(*few(40, 0)).p == pytest.approx(1 / 1001)


def test_one_cluster_gives_no_interval() -> None:
    with pytest.raises(DataError, match="all: all its queries stand in one cluster"):
        one(*few(3, 2))
