"""Numbers of a study as people read them: metrics in points (x 100), and ranks. Knows numbers and outcomes."""

from __future__ import annotations

import numpy as np

from xbench.evaluation.statistics import Estimate, Sample, difference
from xbench.specs.study_outcomes import OutcomeName

MINUS = "\u2212"


def amount(value: float | None, outcome: OutcomeName) -> str:
    """A value of an outcome in its unit."""
    return "-" if value is None else _signed(f"{value / outcome.scale:.{_digits(outcome)}f}")


def change(value: float | None, outcome: OutcomeName) -> str:
    """A difference, with its sign."""
    return "-" if value is None else _signed(f"{value / outcome.scale:+.{_digits(outcome)}f}")


def mean(sample: Sample, outcome: OutcomeName) -> str:
    """A mean over seeds with half of its 95 % interval, over questions and seeds."""
    return f"{amount(sample.value, outcome)} ± {amount(half(sample), outcome)}"


def half(sample: Sample) -> float:
    """Half of the 95 % interval of a mean, as it is measured: over questions and seeds."""
    return difference(sample, Sample(np.zeros(1), np.zeros((1, sample.parts.shape[1])))).half


def interval(estimate: Estimate, outcome: OutcomeName) -> str:
    """The 95 % interval of a difference."""
    low, high = estimate.value - estimate.half, estimate.value + estimate.half
    return f"{change(low, outcome)} to {change(high, outcome)}"


def _digits(outcome: OutcomeName) -> int:
    return 1 if outcome.unit == "ranks" else 2


def _signed(text: str) -> str:
    return text.replace("-", MINUS)
