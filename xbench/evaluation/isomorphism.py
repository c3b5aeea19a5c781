"""Whether two languages' vectors have one shape (debiased linear CKA, RSIM), and fill their space (IsoScore).

CKA and RSIM compare what happens inside each language alone. They do not change when one language is rotated, while
retrieval across languages dies: they measure isomorphism, not alignment. Row i of `first` and row i of `second` are one
unit in two languages. Sums over all pairs of units come from products of the vectors: n dim^2, no matrix of n x n where
n is the larger. Knows arrays only: no text, no model, no language.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xbench.arrays import Floats, Vectors

ROUNDING = 1e-13  # a variance of cosines that is none, and an HSIC beside the square of all variance


@dataclass(frozen=True)
class Spread:
    """What is known of one language alone: `power`, the sum of its squared cosines; n(n-3) HSIC_u of it with itself;
    mean and variance of the cosines of its centred vectors."""

    power: float
    hsic: float
    mean: float
    variance: float


def spread(vectors: Vectors) -> Spread:
    """Of one language [n, dim], n above 3."""
    centred, directions, pairs = _centred(vectors), _directions(vectors), len(vectors) * (len(vectors) - 1)
    mean = _cosine_sum(directions) / pairs
    squares = _product_sum(directions, directions) - _diagonal_product(directions, directions)
    hsic, largest = _unbiased(centred, centred), float(np.square(centred).sum()) ** 2
    wide = vectors.astype(np.float64)
    kept = hsic if hsic > ROUNDING * largest else 0.0
    return Spread(_product_sum(wide, wide), kept, mean, squares / pairs - mean**2)


def debiased_cka(first: Vectors, second: Vectors, spreads: tuple[Spread, Spread]) -> float:
    """Linear CKA from unbiased HSIC (Kornblith et al. 2019; Song et al. 2012; arXiv 2405.01012): -1 to 1, which is one
    shape; random 0.

    HSIC_u(K, L) = [tr KL + 1'K1 1'L1 / ((n-1)(n-2)) - 2 1'KL1 / (n-2)] / (n(n-3)) with zero diagonals, over the root of
    HSIC_u(K, K) HSIC_u(L, L). NaN where a language has no spread.
    """
    own = spreads[0].hsic * spreads[1].hsic
    return _unbiased(_centred(first), _centred(second)) / float(np.sqrt(own)) if own > 0 else float("nan")


def _unbiased(first: Floats, second: Floats) -> float:
    """n(n-3) HSIC_u of centred vectors: with zero diagonals, K1 is minus the diagonal that was taken out."""
    count = len(first)
    diagonals = [np.einsum("ij,ij->i", side, side) for side in (first, second)]
    shared = float(diagonals[0] @ diagonals[1])
    sums = float(diagonals[0].sum() * diagonals[1].sum())
    return _product_sum(first, second) - shared + sums / ((count - 1) * (count - 2)) - 2 * shared / (count - 2)


def rsim(first: Vectors, second: Vectors, spreads: tuple[Spread, Spread]) -> float:
    """Relational similarity (Vulic, Ruder and Sogaard 2020): Pearson's correlation of the cosines of all pairs of units
    within the one language and within the other, vectors centred: -1 to 1, random 0. NaN where cosines do not vary."""
    sides, pairs = (_directions(first), _directions(second)), len(first) * (len(first) - 1)
    products = (_product_sum(*sides) - _diagonal_product(*sides)) / pairs
    variances = [one.variance for one in spreads]
    if min(variances) <= ROUNDING:
        return float("nan")
    return (products - spreads[0].mean * spreads[1].mean) / float(np.sqrt(variances[0] * variances[1]))


def isoscore(first: Vectors, second: Vectors, spreads: tuple[Spread, Spread], power: float) -> float:
    """IsoScore (arXiv 2108.07344) of both languages' vectors together: 1 where all directions vary alike, 0 where one
    does; random about 2n / (2n + dim). A control: an isotropic space is no aligned one.

    The defect of the variances v of the principal components from equal ones, rescaled, is ((sum v)^2 / sum v^2 - 1) /
    (dim - 1). Both sums follow from the scatter G = X'X + Y'Y, whose squared norm is that of both languages and twice
    `power`, the sum of all squared cosines across, less what the mean has in it. NaN for one dimension or no spread.
    """
    sides = [side.astype(np.float64) for side in (first, second)]
    count, dimension = 2 * len(first), first.shape[1]
    mean = sum(side.sum(axis=0) for side in sides) / count
    along = sum(float(np.square(side @ mean).sum()) for side in sides)
    length = float(mean @ mean)
    total = sum(float(np.square(side).sum()) for side in sides) - count * length
    squares = sum(one.power for one in spreads) + 2 * power - 2 * count * along + (count * length) ** 2
    return (total**2 / squares - 1) / (dimension - 1) if squares > 0 and dimension > 1 else float("nan")


def _centred(vectors: Vectors) -> Floats:
    wide = vectors.astype(np.float64)
    return np.asarray(wide - wide.mean(axis=0))


def _directions(vectors: Vectors) -> Floats:
    """Centred vectors, of norm 1; one that is the mean stays zero."""
    centred = _centred(vectors)
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(np.divide(centred, norms, out=np.zeros(centred.shape), where=norms > 1e-12))


def _product_sum(first: Floats, second: Floats) -> float:
    """Sum over all i, j of (x_i x_j)(y_i y_j), which is the squared norm of X'Y."""
    count, dimension = first.shape
    if dimension <= count:
        return float((np.square(first.T @ second)).sum())
    return float(((first @ first.T) * (second @ second.T)).sum())


def _diagonal_product(first: Floats, second: Floats) -> float:
    return float((np.square(first).sum(axis=1)) @ (np.square(second).sum(axis=1)))


def _cosine_sum(vectors: Floats) -> float:
    """Sum of x_i x_j over i other than j."""
    total = vectors.sum(axis=0)
    return float(total @ total - np.square(vectors).sum())
