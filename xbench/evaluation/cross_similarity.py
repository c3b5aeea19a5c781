"""Two languages' vectors of the same units, compared across: xSIM, mutual neighbours, hubness, the cosine gap.

Row i of `first` and row i of `second` are one unit in two languages, as unit vectors on the grid of 2^-24 that scores
are computed from (ranking.exact): cosines are exact, ties are ties, and each is resolved by its expectation. Blocks of
rows, never the whole matrix of cosines. Knows arrays only: no text, no model, no language.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xbench.arrays import Floats, Vectors, blocks

NEAREST = 4  # neighbours in the margin of xSIM (LASER)
LISTED = 10  # neighbours in the lists of hubness (Radovanovic et al. 2010)
SAMPLE = 100  # units that mutual neighbours are sought among (MEXA)
CELLS = 2**19  # cosines held at once


@dataclass(frozen=True)
class Neighbourhood:
    """What the rows of one language see of the other. All are [n] float64.

    `nearness`: mean cosine of a row's NEAREST targets. `occurrences`: in how many rows' LISTED nearest a target stands.
    `distances`: mean Euclidean distance of a row to all targets.
    """

    nearness: Floats
    occurrences: Floats
    distances: Floats


@dataclass(frozen=True)
class CrossSimilarity:
    """What both languages see, and by unit: `own` [n], the cosine of its two vectors; `rivals` [n], the units that are
    as near to one of its vectors, in the other language, as its own is."""

    forward: Neighbourhood
    backward: Neighbourhood
    own: Floats
    rivals: Floats


def cross_similarity(first: Vectors, second: Vectors) -> CrossSimilarity:
    """One pass over all cosines of two languages [n, dim], n above NEAREST."""
    sides = (first.astype(np.float64), second.astype(np.float64))
    count = len(first)
    squares = [np.einsum("ij,ij->i", side, side) for side in sides]
    own = np.einsum("ij,ij->i", *sides)
    seen = [Neighbourhood(np.empty(count), np.zeros(count), np.empty(count)) for _ in sides]
    rivals = np.empty(count)
    for rows in blocks(count, max(1, CELLS // count)):
        closer = np.zeros((len(own[rows]), count), np.bool_)
        for side, part in enumerate(seen):
            cosines = sides[side][rows] @ sides[1 - side].T
            _look(part, rows, cosines, squares[side][rows], squares[1 - side])
            closer |= cosines >= own[rows, None]
        rivals[rows] = closer.sum(axis=1) - 1  # the unit itself
    return CrossSimilarity(seen[0], seen[1], own, rivals)


def _look(seen: Neighbourhood, rows: slice, cosines: Floats, squares: Floats, target_squares: Floats) -> None:
    """Fill in what rows see; `cosines` [rows, n]."""
    count = cosines.shape[1]
    listed = min(LISTED, count)
    ranked = np.partition(cosines, (count - listed, count - NEAREST), axis=1)
    seen.nearness[rows] = ranked[:, -NEAREST:].mean(axis=1)
    threshold = ranked[:, count - listed, None]
    above, tied = cosines > threshold, cosines == threshold
    places = (listed - above.sum(axis=1)) / tied.sum(axis=1)
    seen.occurrences[:] += above.sum(axis=0) + places @ tied
    distances = squares[:, None] + target_squares - 2 * cosines
    seen.distances[rows] = np.sqrt(np.maximum(distances, 0)).mean(axis=1)


def xsim(sources: Vectors, targets: Vectors, near_sources: Floats, near_targets: Floats) -> float:
    """Share of `sources` whose best target is not their own: 0 good, 1 bad, random 1 - 1/n.

    Best by the ratio margin (Artetxe and Schwenk 2019, as in LASER's xSIM): cosine over the mean of both sides' mean
    cosine to their 4 nearest (`nearness`). LASER looks for the best among a source's 4 nearest alone, this among all.
    """
    wide, others = sources.astype(np.float64), targets.astype(np.float64)
    right = 0.0
    for rows in blocks(len(wide), max(1, CELLS // len(wide))):
        middle = (near_sources[rows, None] + near_targets) / 2
        margins = np.divide(wide[rows] @ others.T, middle, out=np.zeros(middle.shape), where=middle != 0)
        best = margins.max(axis=1)
        own = margins[np.arange(len(best)), np.arange(len(wide))[rows]]
        right += float(((own == best) / (margins == best[:, None]).sum(axis=1)).sum())
    return 1 - right / len(wide)


def mutual_neighbours(compared: CrossSimilarity, sample: int = SAMPLE) -> float:
    """Share of units whose two vectors are each other's nearest: 0 bad, 1 good, random 1 / (2 sample - 1).

    MEXA (arXiv 2410.05873): S_ii above all others of its row and its column. The share depends on how many units there
    are, so it is the expectation over all samples of `sample` units: a unit with r rivals among n has none of them
    beside it with probability C(n-1-r, sample-1) / C(n-1, sample-1). NaN for fewer units.
    """
    from scipy.special import gammaln

    others, beside = len(compared.rivals) - 1, sample - 1
    if others < beside:
        return float("nan")
    free = others - compared.rivals
    possible = free >= beside
    free = free[possible]
    chance = gammaln(free + 1) - gammaln(free - beside + 1) - gammaln(others + 1) + gammaln(others - beside + 1)
    return float(np.exp(chance).sum() / len(possible))


def cosine_gap(first: Vectors, second: Vectors, own: Floats) -> float:
    """Mean cosine of a unit's two vectors, less that of two units' vectors: -2 to 2, random 0; higher is better."""
    count = len(own)
    every = float(first.sum(axis=0, dtype=np.float64) @ second.sum(axis=0, dtype=np.float64))
    return float(own.mean()) - (every - float(own.sum())) / (count * (count - 1))


def hubness_skew(occurrences: Floats) -> float:
    """Skewness of N_10, in how many lists of 10 nearest each target stands (Radovanovic et al., JMLR 2010): 0 where all
    are as often listed, above where a few targets are everybody's neighbours. Lower is better."""
    centred = occurrences - occurrences.mean()
    spread = float((centred**2).mean())
    return float((centred**3).mean()) / spread**1.5 if spread > 0 else 0.0


def robin_hood(occurrences: Floats) -> float:
    """The share of all places in lists that would have to change hands for all targets to stand in equally many
    (Feldbauer et al. 2018): 0 good, 1 bad."""
    return float(np.abs(occurrences - occurrences.mean()).sum() / (2 * occurrences.sum()))
