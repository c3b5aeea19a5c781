"""Two languages' vectors of the same units, compared across: xSIM, mutual neighbours, hubness, the cosine gap.

Row i of `first` and row i of `second` are one unit in two languages, as unit vectors on the grid of 2^-24 that scores
are computed from (ranking.exact): cosines are exact, ties are ties, and each is resolved by its expectation. Knows
arrays only: no text, no model, no language.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xbench.arrays import Floats, Vectors, blocks

NEAREST = 4  # neighbours in the margin of xSIM (LASER)
LISTED = 10  # neighbours in the lists of hubness (Radovanovic et al. 2010)
SAMPLE = 100  # units that mutual neighbours are sought among (MEXA)
CELLS = 2**19  # cosines worked on at once
KEPT = 2**24  # cosines of two languages up to here are computed once, more of them for each use


@dataclass(frozen=True)
class Neighbourhood:
    """What the rows of one language see of the other. All are [n] float64.

    `nearness`: mean cosine of a row's NEAREST targets. `occurrences`: in how many rows' LISTED nearest a target stands.
    `distances`: mean Euclidean distance of a row to all targets.
    """

    nearness: Floats
    occurrences: Floats
    distances: Floats


class Cosines:
    """All cosines of two languages [n, dim], in blocks of rows of the one or of the other."""

    def __init__(self, first: Vectors, second: Vectors) -> None:
        self.sides = (first.astype(np.float64), second.astype(np.float64))
        self._whole = self.sides[0] @ self.sides[1].T if len(first) ** 2 <= KEPT else None

    def __len__(self) -> int:
        return len(self.sides[0])

    def blocks(self, side: int) -> Iterator[tuple[slice, Floats]]:
        """Rows of a language, and their cosines [rows, n] to the other."""
        for rows in blocks(len(self), max(1, CELLS // len(self))):
            yield rows, self.block(side, rows)

    def block(self, side: int, rows: slice) -> Floats:
        """[rows, n]"""
        if self._whole is None:
            return np.asarray(self.sides[side][rows] @ self.sides[1 - side].T)
        return np.ascontiguousarray(self._whole[:, rows].T) if side else self._whole[rows]


@dataclass(frozen=True)
class CrossSimilarity:
    """What both languages see, and by unit: `own` [n], the cosine of its two vectors; `rivals` [n], the units that are
    as near to one of its vectors, in the other language, as its own is. `power`: sum of all squared cosines."""

    forward: Neighbourhood
    backward: Neighbourhood
    own: Floats
    rivals: Floats
    power: float


def cross_similarity(cosines: Cosines) -> CrossSimilarity:
    """One pass over all cosines of two languages of more than NEAREST units."""
    sides, count, power = cosines.sides, len(cosines), 0.0
    squares = [np.einsum("ij,ij->i", side, side) for side in sides]
    own = np.einsum("ij,ij->i", *sides)
    seen = [Neighbourhood(np.empty(count), np.zeros(count), np.empty(count)) for _ in sides]
    rivals = np.empty(count)
    for rows, forward in cosines.blocks(0):
        backward = cosines.block(1, rows)
        _look(seen[0], rows, forward, squares[0][rows], squares[1])
        _look(seen[1], rows, backward, squares[1][rows], squares[0])
        closer = (forward >= own[rows, None]) | (backward >= own[rows, None])
        rivals[rows] = closer.sum(axis=1) - 1  # the unit itself
        power += float(np.einsum("ij,ij->", forward, forward))
    return CrossSimilarity(seen[0], seen[1], own, rivals, power)


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


def xsim(cosines: Cosines, source: int, near_sources: Floats, near_targets: Floats) -> float:
    """Share of units whose vector in the language `source` (0 or 1) has a best target that is not its own: 0 good, 1
    bad, random 1 - 1/n.

    Best by the ratio margin (Artetxe and Schwenk 2019, as in LASER's xSIM): cosine over the mean of both sides' mean
    cosine to their 4 nearest (`nearness`). LASER looks for the best among a source's 4 nearest alone, this among all.
    """
    right = 0.0
    for rows, block in cosines.blocks(source):
        middle = (near_sources[rows, None] + near_targets) / 2
        margins = np.divide(block, middle, out=np.zeros(middle.shape), where=middle != 0)
        best = margins.max(axis=1)
        own = margins[np.arange(len(best)), np.arange(len(cosines))[rows]]
        right += float(((own == best) / (margins == best[:, None]).sum(axis=1)).sum())
    return 1 - right / len(cosines)


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
