"""The interval of a mean over seeds: the one Student's t of comparisons, tables and boards. Knows numbers only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def seed_interval(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean over seeds, and half of its 95 % interval by Student's t; None for a single seed."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, None
    from scipy.special import stdtrit

    return mean, float(stdtrit(len(values) - 1, 0.975) * np.std(values, ddof=1) / np.sqrt(len(values)))
