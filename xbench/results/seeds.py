"""The interval of a mean over seeds alone, by the Student's t of every test. Knows numbers only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xbench.evaluation.statistics import LEVEL, quantile


def seed_interval(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean over seeds, and half of its 95 % interval by Student's t; None for a single seed."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, None
    error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
    return mean, quantile(1 - LEVEL / 2, len(values) - 1) * error
