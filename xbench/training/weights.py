"""How often each pair of languages is drawn: weights, and the parts of [0, 1) they take. Knows numbers and a recipe's
`pairs`."""

from __future__ import annotations

import numpy as np

from xbench.arrays import Floats, Ints
from xbench.errors import TrainingError, near_miss
from xbench.specs import Pairs


def edges(weights: Floats) -> Floats:
    """Upper edges of the parts of [0, 1) that the weights take; one of them at least is above 0."""
    total = np.cumsum(weights.ravel(), dtype=np.float64)
    upper = total / total[-1]
    upper[np.flatnonzero(weights.ravel())[-1] :] = 1.0  # rounding must not open a part after the last
    return np.asarray(upper)


def cross_weights(languages: tuple[str, ...], counts: Ints, weights: Floats, pairs: Pairs) -> Floats:
    """Weights [languages, languages] of the ordered pairs of different languages."""
    other = ~np.eye(len(counts), dtype=bool)
    if pairs == "tau":
        return np.where(other, weights, 0)
    if pairs == "uniform":
        return np.where(other & (counts > 0), 1.0, 0)
    if pairs == "size":
        return np.where(other, counts, 0).astype(np.float64)
    chosen = np.zeros_like(other)
    for pair in pairs:
        for language in pair:
            if language not in languages:
                raise TrainingError(f"pairs: the corpus lacks {language!r}{near_miss(language, languages)}")
        place = languages.index(pair[0]), languages.index(pair[1])
        if not counts[place]:
            raise TrainingError(f"pairs: no unit has a query in {pair[0]!r} and a passage in {pair[1]!r}")
        chosen[place] = True
    return np.where(chosen, weights, 0)
