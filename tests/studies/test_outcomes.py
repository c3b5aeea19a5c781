"""Outcomes by hand, and their slopes against small steps."""

from __future__ import annotations

import numpy as np
import pytest

from xbench.errors import DataError
from xbench.reports.comparison import DISTANCE
from xbench.reports.significance import sums
from xbench.results.settings import POOL
from xbench.specs.study_outcomes import parse_outcome
from xbench.studies.outcomes import Parts, outcome_of

COLUMNS = [("de", "de"), ("en", "en"), ("de", "en"), ("en", "de"), ("de", POOL), ("en", POOL), ("de", DISTANCE)]
MEANS = np.array([0.8, 0.6, 0.5, 0.3, 0.4, 0.2, 12.0])
PARTS = Parts(seen=("en",), groups={"low": ("de",)})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Mo", 0.7),
        ("Cr", 0.4),
        ("Mul", 0.3),
        ("gap", 0.3),
        ("Mo seen", 0.6),
        ("Mo unseen", 0.8),
        ("Mo unseen - seen", 0.2),
        ("Cr low", 0.5),
        ("gap low", 0.3),
        ("rank distance", 12.0),
        ("worst language", 0.3),
        ("worst language Mo", 0.6),
        ("spread", 0.1),
        ("spread Mul", 0.1),
    ],
)
def test_an_outcome_is_what_it_says_and_its_slope_is_how_it_moves(text: str, value: float) -> None:
    outcome = outcome_of(parse_outcome(text), COLUMNS, PARTS, "toy")
    assert outcome.value(MEANS) == pytest.approx(value)
    step = 1e-6
    moved = [(outcome.value(MEANS + step * one) - outcome.value(MEANS)) / step for one in np.eye(len(MEANS))]
    assert outcome.slope(MEANS) == pytest.approx(moved, abs=1e-4)


def test_a_cross_lingual_pair_is_seen_where_both_languages_are() -> None:
    with pytest.raises(DataError, match="scores nothing that is Cr seen"):
        outcome_of(parse_outcome("Cr seen"), COLUMNS, PARTS, "toy")


def test_the_error_of_a_mean_is_that_of_comparisons() -> None:
    """Two clusters of one query each in one column, .2 and .4: parts (-.1, .1) / 2 * 2 / sqrt(1/2)."""
    side = sums(np.array([[[0.2], [0.4]]]), np.array([0, 1]))
    sample = outcome_of(parse_outcome("Mo"), [("de", "de")], PARTS, "toy").sample(side)
    assert sample.levels == pytest.approx([0.3])
    assert (sample.parts**2).sum() == pytest.approx(0.01)
