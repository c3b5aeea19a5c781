"""Laws of size: what is put in comes out, and few points support no more than they can."""

from __future__ import annotations

import numpy as np
import pytest

from xbench.studies.laws import fit, fits, largest_held_out, per_doubling

SIZES = 2.0 ** np.arange(8) * 1e7


def test_a_power_law_with_a_floor_comes_back() -> None:
    losses = 0.3 * (SIZES / SIZES[0]) ** -0.5 + 0.2
    found = fits(SIZES, losses)[0]
    assert found.law == "power with floor"
    assert found.exponent == pytest.approx(0.5, abs=0.01) and found.floor == pytest.approx(0.2, abs=0.005)
    predicted, measured = largest_held_out(found.law, SIZES, losses)
    assert predicted == pytest.approx(measured, abs=1e-3)


def test_a_power_law_needs_no_floor() -> None:
    noise = np.random.default_rng(0).normal(0, 1e-3, 8)
    found = fits(SIZES, 0.4 * (SIZES / SIZES[0]) ** -0.2 + noise)[0]
    assert found.law == "power" and found.floor == 0 and found.exponent == pytest.approx(0.2, abs=0.02)


def test_losses_that_do_not_fall_are_constant() -> None:
    assert fits(SIZES, 0.4 + np.random.default_rng(1).normal(0, 0.01, 8))[0].law == "constant"
    assert fits(SIZES, np.linspace(0.3, 0.4, 8))[0].scale == 0  # rising: a law can only fall


def test_five_sizes_never_support_a_floor() -> None:
    losses = 0.3 * (SIZES[:5] / SIZES[0]) ** -1.5 + 0.2
    assert np.isinf(fit("power with floor", SIZES[:5], losses).aicc)
    assert fits(SIZES[:5], losses)[0].law != "power with floor"


def test_a_slope_is_of_each_doubling() -> None:
    assert per_doubling(np.array([1.0, 2.0, 4.0]), np.array([0.1, 0.2, 0.3])) == pytest.approx(0.1)
