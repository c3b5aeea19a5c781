"""What the comparison of two runs promises: honest intervals under clustered noise, pairing, Holm, margins."""

import numpy as np
import pytest

from xbench.errors import DataError, SpecError
from xbench.reports.caveats import few_clusters
from xbench.reports.claims import margin_of, probability
from xbench.reports.significance import Difference, Sums, compare, sums

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


def one(first: Sums, second: Sums) -> Difference:
    return compare(first, second, {"all": [0]})[0]


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
    both = compare(first, second, {"macro": [0, 1]})[0]
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


def few(clusters: int, silent: int, gain: float = 0.1) -> tuple[Sums, Sums]:
    """Clusters of one query each, of which the last `silent` do not score column 0; A is better by `gain` in all."""
    count = np.ones((clusters, 2))
    count[clusters - silent :, 0] = 0
    level = np.random.default_rng(9).random((1, clusters, 2))
    return Sums((level + gain) * count, count), Sums(level * count, count)


@pytest.mark.filterwarnings("error")
def test_clusters_without_a_query_of_a_setting_say_nothing_of_it() -> None:
    """Of 8 clusters 4 score it: the test has 3 degrees of freedom, not 7."""
    first, second = few(8, 4)
    noisy = Sums(first.total + np.linspace(-0.3, 0.3, 8)[None, :, None] * first.count, first.count)
    found = one(noisy, second)
    assert (found.clusters, found.freedom) == (4, pytest.approx(3))
    assert found.low <= found.value <= found.high


def test_clusters_that_agree_to_the_last_digit_are_no_surer_than_a_sign_test() -> None:
    assert one(*few(6, 3)).p == pytest.approx(1 / 4)
    assert one(*few(40, 0)).p == pytest.approx(2.0**-39)


def test_p_has_no_floor_that_a_large_grid_could_not_pass() -> None:
    """702 pairs of 27 languages, each clearly better: with 10,000 draws none could be found."""
    draw = np.random.default_rng(10)
    count = np.ones((60, 702))
    noise = draw.normal(size=(60, 702)) * 0.1
    found = compare(
        Sums((0.1 + noise)[None], count), Sums(0 * noise[None], count), {f"pair {n}": [n] for n in range(702)}
    )
    assert all(pair.p_holm < 0.05 for pair in found)
    assert probability(found[0].p) == "<.0001"


def test_one_cluster_gives_no_interval() -> None:
    with pytest.raises(DataError, match="all: all its queries stand in one cluster"):
        one(*few(3, 2))


def test_what_the_data_could_have_shown_is_not_told_of_fewer_than_six_clusters() -> None:
    def spread(clusters: int) -> Difference:
        first, second = few(clusters, 0)
        return one(Sums(first.total + np.linspace(-0.3, 0.3, clusters)[None, :, None], first.count), second)

    assert spread(5).detectable is None
    assert spread(6).detectable == pytest.approx((2.570582 + 0.919544) * spread(6).error, rel=1e-6)  # t of 5


def test_seeds_that_differ_question_by_question_are_not_counted_twice() -> None:
    """The clusters of the mean over seeds hold that already: one seed's interval is as wide as a seed's noise makes it,
    and four seeds halve it."""
    draw = np.random.default_rng(11)

    def side(seeds: int) -> Sums:
        return Sums(draw.normal(size=(seeds, 2000, 1)), np.ones((2000, 1)))

    assert one(side(4), side(4)).error == pytest.approx(one(side(1), side(1)).error / 2, rel=0.25)


# --- margins -----------------------------------------------------------------------------------------------------


def apart(lead: float) -> tuple[Sums, Sums]:
    """Forty clusters of one query; A is `lead` better, give or take a standard error of .001."""
    noise = np.where(np.arange(40) % 2, 1, -1) * 0.001 * np.sqrt(39)
    return Sums((0.5 + lead + noise)[None, :, None], np.ones((40, 1))), Sums(np.full((1, 40, 1), 0.5), np.ones((40, 1)))


@pytest.mark.parametrize(
    ("lead", "margin", "equivalent"),
    [(0.0, True, True), (-0.002, True, True), (-0.0049, False, False), (0.02, True, False), (-0.02, False, False)],
)
def test_a_margin_is_a_claim_of_its_own(lead: float, margin: bool, equivalent: bool) -> None:
    """Half a point, .005: at five standard errors from it a claim is shown, at a tenth of one it is not."""
    for asked, shown in ((margin_of(0.5, None), margin), (margin_of(None, 0.5), equivalent)):
        (found,) = compare(*apart(lead), {"all": [0]}, margin=asked)
        assert found.claim is not None and found.claim.shown == shown


def test_no_difference_found_is_not_a_claim_that_there_is_none() -> None:
    first, second = apart(0.0)
    noisy = Sums(0.5 + 20 * (first.total - 0.5), first.count)
    (found,) = compare(noisy, second, {"all": [0]}, margin=margin_of(None, 0.5))
    assert found.p > 0.9 and found.claim is not None and not found.claim.shown


def test_a_gap_is_worse_the_higher_it_is() -> None:
    """A's gap is .02 larger than B's: not shown to be worse by less than half a point; the other way round it is."""
    first, second = apart(0.02)
    both = [Sums(np.repeat(side.total, 2, axis=2), np.ones((40, 2))) for side in (first, second)]
    both[0].total[..., 1] = 0.5
    both[1].total[..., 1] = 0.5
    for sides, shown in ((both, False), (both[::-1], True)):
        (found,) = compare(*sides, {"gap": [0]}, less={"gap": [1]}, margin=margin_of(0.5, None))
        assert found.claim is not None and found.claim.shown == shown


def test_claims_of_several_settings_are_corrected_together() -> None:
    first, second = apart(-0.0031)  # 1.9 standard errors from the margin: p .032 alone
    (alone,) = compare(first, second, {"a": [0]}, margin=margin_of(0.5, None))
    pair = compare(first, second, {"a": [0], "b": [0]}, margin=margin_of(0.5, None))
    assert alone.claim is not None and alone.claim.shown
    assert [found.claim.p_holm for found in pair if found.claim] == pytest.approx([2 * alone.claim.p] * 2)


@pytest.mark.parametrize("points", [-1.0, 0.0, 101.0, float("nan"), float("inf")])
def test_a_margin_is_some_points_of_a_hundred(points: float) -> None:
    with pytest.raises(SpecError, match=r"--equivalent .*: expected points of the metric above 0"):
        margin_of(None, points)


def test_one_margin_is_asked_at_a_time() -> None:
    with pytest.raises(SpecError, match="found both, expected one"):
        margin_of(0.5, 0.5)


@pytest.mark.parametrize(("clusters", "lines"), [(5, 1), (6, 1), (29, 1), (30, 0)])
def test_few_clusters_are_said_and_below_six_that_nothing_is_told(clusters: int, lines: int) -> None:
    said = list(few_clusters(clusters))
    assert len(said) == lines
    assert any("could have shown is not told" in line for line in said) == (clusters < 6)
