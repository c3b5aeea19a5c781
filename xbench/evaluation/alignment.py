"""All alignment metrics of two languages, from vectors of the same units. docs/methods.md defines them.

What belongs to one language is computed once, however many pairs it stands in. Knows arrays only: no text, no model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property

import numpy as np

from xbench.arrays import Floats, Vectors
from xbench.errors import EncoderError
from xbench.evaluation.cross_similarity import (
    Cosines,
    cosine_gap,
    cross_similarity,
    hubness_skew,
    mutual_neighbours,
    robin_hood,
    xsim,
)
from xbench.evaluation.isomorphism import Spread, debiased_cka, isoscore, rsim, spread
from xbench.evaluation.language_separation import centroid_distance, inner_distances, probe_accuracy, silhouette
from xbench.evaluation.ranking import exact
from xbench.evaluation.scores import Number

FEWEST_UNITS = 20  # below, a share moves by more than a twentieth with one unit
SPREAD = 1e-9  # mean squared distance to the mean: less is rounding

Values = Mapping[str, Number]
"""By metric."""


class LanguageVectors:
    """One language's vectors of some units [n, dim], of any scale: each is normalised as for scores.

    Raises EncoderError where they are too few, have no direction, or are all the same; `where` names them.
    """

    def __init__(self, vectors: Vectors, where: str = "vectors") -> None:
        if vectors.ndim != 2 or len(vectors) < FEWEST_UNITS:
            raise EncoderError(f"{where}: found {len(vectors)} units, expected at least {FEWEST_UNITS}")
        self.vectors = exact(vectors)
        if vectors.shape[1] < 2:
            raise EncoderError(f"{where}: found vectors of 1 dimension, expected 2 or more: one has no directions")
        if float(self.vectors.astype(np.float64).var(axis=0).sum()) < SPREAD:
            raise EncoderError(f"{where}: all {len(vectors):,} vectors are the same; no alignment can be measured")

    @cached_property
    def inner_distances(self) -> Floats:
        """[n] Mean distance of each vector to the others."""
        return inner_distances(self.vectors)

    @cached_property
    def spread(self) -> Spread:
        """What CKA and RSIM know of this language alone."""
        return spread(self.vectors)


def pair_alignment(first: LanguageVectors, second: LanguageVectors) -> tuple[Values, Values]:
    """Every metric from `first` to `second`, and from `second` to `first`; row i of both is one unit. None where there
    is nothing to measure. Raises EncoderError where the two differ in size."""
    sides = (first.vectors, second.vectors)
    if sides[0].shape != sides[1].shape:
        raise EncoderError(f"vectors: found shapes {sides[0].shape} and {sides[1].shape}, expected the same units")
    cosines = Cosines(*sides)
    seen = cross_similarity(cosines)
    within = np.concatenate([first.inner_distances, second.inner_distances])
    across = np.concatenate([seen.forward.distances, seen.backward.distances])
    spreads = (first.spread, second.spread)
    near = (seen.forward.nearness, seen.backward.nearness)
    shared = {
        "mutual_nn": mutual_neighbours(seen),
        "cosine_gap": cosine_gap(*sides, seen.own),
        "centroid": centroid_distance(*sides),
        "silhouette": silhouette(within, across),
        "probe": probe_accuracy(*sides),
        "cka": debiased_cka(*sides, spreads),
        "rsim": rsim(*sides, spreads),
        "isoscore": isoscore(*sides, spreads, seen.power),
    }
    directed = (
        {"xsim": xsim(cosines, 0, *near), **_hubs(seen.forward.occurrences)},
        {"xsim": xsim(cosines, 1, *near[::-1]), **_hubs(seen.backward.occurrences)},
    )
    forward, backward = (_plain({**shared, **own}) for own in directed)
    return forward, backward


def random_alignment(count: int, dimension: int) -> Values:
    """Every metric of two languages whose vectors know nothing of each other: random directions, from one seed."""
    drawn = np.random.default_rng(0).standard_normal((2, count, dimension)).astype(np.float32)
    return pair_alignment(*map(LanguageVectors, drawn))[0]


def _hubs(occurrences: Floats) -> dict[str, float]:
    return {"hubness_skew": hubness_skew(occurrences), "robin_hood": robin_hood(occurrences)}


def _plain(values: Mapping[str, float]) -> Values:
    return {name: None if math.isnan(value) else value for name, value in values.items()}
