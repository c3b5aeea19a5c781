"""The one test, on a table of cases that pages answer too, by hand, and by simulation."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from xbench.evaluation.statistics import (
    Estimate,
    Margin,
    Sample,
    SeedParts,
    cluster_parts,
    difference,
    half_interval,
    holm,
    quantile,
    separated,
    tail,
)

CASES: dict[str, list[dict[str, Any]]] = json.loads(Path(__file__).with_name("statistics_cases.json").read_text())


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "error_rates", Path(__file__).parents[2] / "benchmarks" / "error_rates.py"
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def side(case: dict[str, Any], name: str) -> Sample:
    count, means = np.array(case["count"], float), np.array(case[name], float)
    columns = case["columns"]
    total = means * count
    levels = (total.sum(axis=1) / np.maximum(count.sum(axis=0), 1))[:, columns].mean(axis=1)
    present = count[:, columns].any(axis=1)
    return Sample(levels, cluster_parts(total, count)[:, present][..., columns].mean(axis=-1))


# --- the table of cases ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clusters", [10, 60, 240, 754])
@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_seeds_that_differ_in_one_cluster_add_nothing_whatever_the_rounding(clusters: int, seeds: int) -> None:
    """s^2 = r^2 by algebra, as R@1 has it where one seed finds one question more; the degrees of freedom hang on it."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        found, kept = rng.permutation(clusters)[:2]
        values = np.zeros((seeds, clusters))
        values[:, kept] = 1
        values[rng.integers(seeds), found] = 1
        parts = cluster_parts(values[..., None], np.ones((clusters, 1)))[..., 0]
        sample, other = Sample(values.mean(axis=1), parts), Sample(np.zeros(1), np.zeros((1, clusters)))
        assert sample.seeds.excess == 0
        assert difference(sample, other).freedom == pytest.approx(clusters - 1)


@pytest.mark.parametrize("case", CASES["tests"], ids=lambda case: case["name"])
def test_a_difference_is_that_of_the_case(case: dict[str, Any]) -> None:
    """Worked out with plain loops, and by hand: u of the first is (.1, -.1) / 2 / sqrt(1/2), so its error is .1."""
    first, second = side(case, "first"), side(case, "second")
    for sample, seeds in zip((first, second), case["seeds"], strict=True):
        found = (sample.seeds.excess, sample.seeds.variance, sample.seeds.freedom)
        assert found == pytest.approx((seeds["excess"], seeds["variance"], seeds["freedom"]), rel=1e-9, abs=1e-12)
    found = difference(first, second)
    assert found.clusters == case["clusters"]
    measures = (found.value, found.error, found.freedom, found.half, found.p)
    assert measures == pytest.approx(
        [case[name] for name in ("value", "error", "freedom", "half", "p")], rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize("case", CASES["tails"], ids=lambda case: f"{case['distance']}-{case['freedom']}")
def test_a_tail_of_t_is_that_of_the_case(case: dict[str, float]) -> None:
    assert float(tail(case["distance"], case["freedom"])) == pytest.approx(case["p"], rel=1e-9)


def test_quantiles_of_t_are_those_of_the_cases() -> None:
    found = [quantile(case["share"], case["freedom"]) for case in CASES["quantiles"]]
    assert found == pytest.approx([case["distance"] for case in CASES["quantiles"]], abs=1e-9)


def test_holms_correction_is_that_of_the_cases() -> None:
    for case in CASES["holm"]:
        assert holm(case["values"]).tolist() == pytest.approx(case["corrected"])


# --- by hand -----------------------------------------------------------------------------------------------------


def test_a_claim_is_one_sided_and_an_equivalence_is_the_weaker_of_two() -> None:
    """A difference of 1 with an error of 1 and so many degrees of freedom that t is normal."""
    estimate = Estimate(1.0, 1.0, 1e9, 100)
    assert estimate.above(0.0) == pytest.approx(0.158655, abs=1e-5)
    assert estimate.below(2.0) == pytest.approx(0.158655, abs=1e-5)
    assert estimate.p == pytest.approx(0.317311, abs=1e-5)
    assert Margin(1.0).p(estimate) == pytest.approx(0.022750, abs=1e-5)  # above -1: two errors away
    assert Margin(1.0).p(estimate, lower_is_better=True) == pytest.approx(0.5)  # below 1: none
    assert Margin(1.0, equivalent=True).p(estimate) == pytest.approx(0.5)


def test_one_cluster_has_an_interval_of_nothing_that_is_known() -> None:
    assert half_interval(0.0, 1) == 0.0
    assert half_interval(1.0, 2) == pytest.approx(12.706205, rel=1e-6)


def rows(levels: list[float], influence: list[list[float]]) -> tuple[np.ndarray, np.ndarray, SeedParts]:
    parts = np.array(influence)
    return np.array(levels), parts, SeedParts.of([Sample(np.zeros(1), part[None]).seeds for part in parts])


def test_rows_are_separated_as_their_pairwise_tests_with_holm_say() -> None:
    draw = np.random.default_rng(3)
    for seeds in (1, 3):
        noise = draw.normal(size=(7, seeds, 20)) / 150
        samples = [Sample(draw.normal(size=seeds) * 0.03 - number / 10, part) for number, part in enumerate(noise)]
        levels = np.array([sample.value for sample in samples])
        order = np.argsort(-levels)
        chosen = [samples[place] for place in order]
        found = separated(
            levels[order], np.stack([one.influence for one in chosen]), SeedParts.of([one.seeds for one in chosen])
        )
        pairs = [(low, high) for high in range(7) for low in range(high + 1, 7)]
        corrected = holm([difference(chosen[high], chosen[low]).p for low, high in pairs])
        direct = {pair for pair, p in zip(pairs, corrected, strict=True) if p < 0.05}
        assert direct and direct <= set(zip(*map(list, np.nonzero(found)), strict=True))
        assert len(direct) < len(pairs)


def test_of_many_rows_those_pairs_are_found_that_holm_over_all_of_them_finds() -> None:
    """Most of 1,225 pairs are clear without their p; some need it. The chains of what Holm finds are all there is."""
    draw = np.random.default_rng(5)
    parts, levels = draw.normal(0, 0.004, (50, 30)), np.sort(draw.uniform(0.2, 0.4, 50))[::-1]
    samples = [Sample(np.array([level]), part[None]) for level, part in zip(levels, parts, strict=True)]
    pairs = [(low, high) for high in range(50) for low in range(high + 1, 50)]
    p = np.array([difference(samples[high], samples[low]).p for low, high in pairs])
    assert ((p < 0.05) & (p > 0.05 / len(pairs))).sum() > 100
    reached = np.zeros((50, 50), bool)
    for (low, high), corrected in zip(pairs, holm(p), strict=True):
        reached[low, high] = corrected < 0.05
    for middle in range(50):
        reached |= reached[:, middle, None] & reached[middle]
    found = separated(levels, parts, SeedParts.of([one.seeds for one in samples]))
    assert np.array_equal(found, reached)


def test_a_chain_of_findings_separates_its_ends() -> None:
    """A is better than B and B than C, each with much certainty; A and C alone vary too much against each other."""
    levels, parts, seeds = rows([0.3, 0.2, 0.1], [[0.02, 0.0, 0.02, 0.0] * 8, [0.0] * 32, [0.0, 0.02, 0.0, 0.02] * 8])
    found = separated(levels, parts * 0.4, seeds)
    assert found[1, 0] and found[2, 1] and found[2, 0]


def test_rows_that_nothing_separates_can_stand_in_one_place() -> None:
    """The ranges of two rows that are not separated overlap, whatever the others are."""
    draw = np.random.default_rng(4)
    for _ in range(200):
        count = int(draw.integers(2, 9))
        levels = -np.sort(-draw.normal(size=count)) * 0.1
        influence = draw.normal(size=(count, 12)) * draw.uniform(0.001, 0.05, size=(count, 1))
        better = separated(levels, influence, rows([0.0] * count, [[0.0]] * count)[2])
        best, worst = 1 + better.sum(axis=1), count - better.sum(axis=0)
        for low in range(count):
            for high in range(low):
                if not better[low, high]:
                    assert best[low] <= worst[high] and best[high] <= worst[low]


# --- by simulation -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seeds", "noise", "clusters"), [(1, 0.0, 10), (2, 9.0, 30), (3, 1.0, 30), (5, 0.0, 10)])
def test_it_errs_as_often_as_it_says(seeds: int, noise: float, clusters: int) -> None:
    """Where the bootstrap that seeds were drawn in found .26 to .33 (2 seeds, noise of nine clusters' errors)."""
    simulation = script()
    found, held = simulation.rates(simulation.World((seeds, seeds), (noise, noise), clusters), 1500)
    assert 0.03 <= found <= 0.07 and 0.93 <= held <= 0.97


ALIKE = [(seeds, noise, clusters, 0) for seeds in (2, 3, 5, 10) for noise in (0, 1, 9) for clusters in (10, 30, 240)]
SINGLE = [(1, 0, clusters, 0) for clusters in (10, 30, 240)]
BY_CLUSTER = [(seeds, noise, clusters, 1) for seeds in (5, 10) for noise in (0, 1, 9) for clusters in (30, 240)]


@pytest.mark.simulate
@pytest.mark.parametrize(("seeds", "noise", "clusters", "own"), [*ALIKE, *SINGLE, *BY_CLUSTER])
def test_type_one_error_and_coverage_are_near_what_they_are_called(
    seeds: int, noise: float, clusters: int, own: float
) -> None:
    simulation = script()
    found, held = simulation.rates(simulation.World((seeds, seeds), (noise, noise), clusters, own))
    assert 0.03 <= found <= 0.07 and 0.93 <= held <= 0.97
