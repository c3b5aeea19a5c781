"""Another set of clusters and seeds like those of some samples: a step of a bootstrap. Knows samples only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xbench.arrays import Floats
from xbench.evaluation.statistics import Sample


def redrawn(samples: Sequence[Sample], draw: np.random.Generator) -> Floats:
    """[samples] their values over other clusters, the same for all of them, and other seeds of each."""
    clusters = samples[0].parts.shape[1]
    weights = draw.multinomial(clusters, np.full(clusters, 1 / clusters)) - 1.0
    return np.array([sample.value + sample.influence @ weights + _seeds(sample, draw) for sample in samples])


def _seeds(sample: Sample, draw: np.random.Generator) -> float:
    """How far the mean of as many seeds, drawn anew, is from that of these; widened, for few seeds vary too little."""
    count = len(sample.levels)
    if count < 2:
        return 0.0
    chosen = draw.integers(count, size=count)
    return float((sample.levels[chosen] - sample.value).mean() * np.sqrt(count / (count - 1)))
