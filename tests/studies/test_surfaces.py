"""Surfaces on a simplex: what was put in is found again, and a flat one is called flat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from xbench.arrays import Floats
from xbench.evaluation.statistics import Sample
from xbench.specs.study_factors import Simplex, levels
from xbench.specs.study_outcomes import parse_outcome
from xbench.studies.analyses.mixture import Mixtures, Optimum, optimum_of
from xbench.studies.surfaces import Law, Scheffe, error_of, fitting, left_out, simplex_grid

LEVELS = levels("mix", Simplex(of=("mono", "cross", "parallel"), lattice=3, interior=True))
SHARES = np.array([level.shares for level in LEVELS])


def mixtures(of: Callable[[Floats], float], outcome: str = "Cr", noise: float = 0.002) -> Mixtures:
    draw = np.random.default_rng(3)
    samples = [
        Sample(of(one) + draw.normal(size=5) * noise, np.tile(draw.normal(size=60) * noise / 60, (5, 1)))
        for one in SHARES
    ]
    return Mixtures(("mono", "cross", "parallel"), tuple(LEVELS), SHARES, tuple(samples), parse_outcome(outcome), "t")


def optimum(of: Callable[[Floats], float], outcome: str = "Cr") -> Optimum:
    return optimum_of(mixtures(of, outcome), draws=40)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_a_polynomial_is_found_again(degree: int) -> None:
    surface = Scheffe("it", degree)
    truth = np.arange(1.0, surface.parameters(3) + 1)
    assert surface.fit(SHARES, surface.at(truth, SHARES)) == pytest.approx(truth)


def test_a_law_is_found_again() -> None:
    law, truth = Law(), np.array([0.5, -1.0, -1.0, -3.0, -0.5])
    values = law.at(truth, SHARES)
    assert law.at(law.fit(SHARES, values), SHARES) == pytest.approx(values, abs=1e-3)


def test_left_out_means_left_out() -> None:
    """A constant's prediction of a mixture is the mean of the others."""
    values = np.arange(13.0)
    assert left_out(fitting(3, 13)[0], SHARES, values)[0] == pytest.approx(values[1:].mean())
    assert error_of(np.zeros(2), np.array([3.0, 4.0])) == pytest.approx(np.sqrt(12.5))


def test_no_surface_has_as_many_parameters_as_mixtures() -> None:
    assert [one.name for one in fitting(3, 6)] == ["constant", "linear", "exponential law"]


def test_a_peak_inside_an_edge_is_found() -> None:
    """.1 c + .2 m c on the edge m + c = 1 is best at c = 3/4."""
    found = optimum(lambda one: 0.3 + 0.1 * one[1] + 0.2 * one[0] * one[1])
    assert not found.flat
    assert found.best == pytest.approx([0.25, 0.75, 0.0], abs=0.05)
    assert all(low <= share <= high for share, (low, high) in zip(found.best, found.region, strict=True))


def test_what_is_better_lower_is_best_where_it_is_lowest() -> None:
    assert optimum(lambda one: 0.3 + 0.1 * one[1], "spread").best[1] == 0.0


def test_a_flat_outcome_is_called_flat_and_has_no_region() -> None:
    found = optimum(lambda one: 0.3)
    assert found.flat
    assert found.region.tolist() == [[0.0, 1.0]] * 3


def test_the_grid_covers_the_simplex() -> None:
    grid = simplex_grid(3, 4)
    assert len(grid) == 15 and grid.sum(axis=1) == pytest.approx(np.ones(15))
