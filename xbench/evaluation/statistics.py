"""Is a difference more than chance? The one test of comparisons, tables and boards.

Two things are drawn from populations: clusters of questions, the same for both sides, and the seeds of each side. So

    variance = sum of squares of the clusters' parts in the difference of the seeds' means + both sides' seed parts

A cluster's part in a macro mean is linear: its share of each column's error, over sqrt(1 - share), which makes it
C / (C - 1) for equal clusters and unbiased for unequal ones (Bell and McCaffrey, 2002). A seed part is s^2 / n, of the
macro means of n seeds, less what seeds differ by cluster for cluster (r^2 / n), for the clusters of the mean hold that
already; never below 0. The difference over its error is held against Student's t with Satterthwaite's (1946) degrees of
freedom. static/statistics.js is the same for pages, and one table of cases holds both (tests/evaluation/
statistics_cases.json). Knows numbers only: no run, no file, no page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

import numpy as np

from xbench.arrays import Flags, Floats

LEVEL = 0.05
POWER = 0.80
FEWEST_CLUSTERS = 6  # below, nothing is said of what the data could have shown
FEW_CLUSTERS = 30  # below, the reader is warned
ROUNDING = 1e-12  # a difference, or an error, that is rounding alone is none
NO_EXCESS = 1e-9  # of a seed part: less is rounding, for two variances that are equal are subtracted

Value: TypeAlias = float | Floats


def quantile(share: float, freedom: float) -> float:
    """Below which Student's t with `freedom` degrees of freedom lies with this probability."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, share))


@lru_cache(maxsize=4096)
def critical(freedom: float) -> float:
    """How many standard errors are half of a 95 % interval."""
    return quantile(1 - LEVEL / 2, freedom)


def half_interval(error: float, clusters: int) -> float:
    """Half of the 95 % interval of a mean over so many clusters, at least two; of one nothing is known but 0."""
    return critical(clusters - 1) * error if clusters > 1 else 0.0


def tail(distance: Value, freedom: Value) -> Floats:
    """The probability of Student's t beyond `distance`, one-sided."""
    from scipy.special import stdtr

    return np.asarray(stdtr(freedom, -np.asarray(distance)))


def holm(values: Sequence[float] | Floats) -> Floats:
    """Holm's correction [values]: the chance of any false finding among these stays below the level."""
    p = np.asarray(values, np.float64)
    order = np.argsort(p, kind="stable")
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(1, np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order]))
    return corrected


def cluster_parts(total: Floats, count: Floats) -> Floats:
    """Each cluster's part in the error of each column's mean, like `total`.

    `total` [..., clusters, columns]: sums of values; `count` [clusters, columns]: of how many queries.
    """
    scored = np.maximum(count.sum(axis=0), 1)
    share = count / scored
    alone = np.sqrt(np.where(share < 1, 1 - share, 1))
    mean = total.sum(axis=-2, keepdims=True) / scored
    return np.asarray((total - count * mean) / scored / alone)


@dataclass(frozen=True)
class SeedPart:
    """What one side's seeds add to the variance of its mean.

    `variance`: of the mean over seeds. `excess`: what of it the clusters do not hold already. `freedom`: seeds less 1.
    """

    excess: float = 0.0
    variance: float = 0.0
    freedom: int = 0


ONE_SEED = SeedPart()


@dataclass(frozen=True)
class Sample:
    """One side in one setting: `levels` [seeds] its macro means, `parts` [seeds, clusters] of each cluster in them."""

    levels: Floats
    parts: Floats

    @property
    def value(self) -> float:
        """The mean over seeds."""
        return float(self.levels.mean())

    @property
    def influence(self) -> Floats:
        """[clusters] each cluster's part in the mean over seeds."""
        return np.asarray(self.parts.mean(axis=0))

    @cached_property
    def seeds(self) -> SeedPart:
        """What the seeds add; nothing that can be known of a single one."""
        count = len(self.levels)
        if count < 2:
            return ONE_SEED
        variance = float(self.levels.var(ddof=1)) / count
        shared = float(((self.parts - self.influence) ** 2).sum()) / (count - 1) / count
        excess = variance - shared
        return SeedPart(excess if excess > NO_EXCESS * variance else 0.0, variance, count - 1)


@dataclass(frozen=True)
class SeedParts:
    """The seed parts of many rows: arrays [rows]."""

    excess: Floats
    variance: Floats
    freedom: Floats

    @classmethod
    def of(cls, parts: Sequence[SeedPart]) -> SeedParts:
        """Side by side."""
        return cls(*(np.array([getattr(part, name) for part in parts], np.float64) for name in cls.__annotations__))


def combined(cluster: Floats, clusters: int, excess: Floats, counted: Floats) -> tuple[Floats, Floats]:
    """(variance of a difference, its degrees of freedom).

    `cluster`: the clusters' variance; `excess`: of both seed parts; `counted`: of both, see the function.
    """
    variance = np.asarray(cluster + excess)
    spread = np.asarray(cluster**2 / (clusters - 1) + counted)
    freedom = np.divide(variance**2, spread, out=np.full(variance.shape, float(clusters - 1)), where=spread > 0)
    return variance, np.maximum(freedom, 1.0)


def counted(part: SeedPart | SeedParts) -> Floats:
    """A seed part in Satterthwaite's denominator, variance^2 / freedom; nothing where it adds nothing."""
    weight = np.square(part.variance) / np.maximum(part.freedom, 1)
    return np.where(np.asarray(part.excess) > 0, weight, 0.0)


@dataclass(frozen=True)
class Estimate:
    """A difference with its standard error, degrees of freedom, and the clusters behind it."""

    value: float
    error: float
    freedom: float
    clusters: int

    def above(self, bound: float) -> float:
        """p of the claim that the difference is above `bound`, one-sided."""
        distance = self.value - bound
        if self.error > ROUNDING * (1 + abs(self.value)):
            return float(tail(distance / self.error, self.freedom))
        if abs(distance) <= ROUNDING * (1 + abs(self.value)):
            return 0.5
        return 0.5**self.clusters if distance > 0 else 1.0  # all clusters agree: a sign test is what remains

    def below(self, bound: float) -> float:
        """p of the claim that the difference is below `bound`, one-sided."""
        return Estimate(-self.value, self.error, self.freedom, self.clusters).above(-bound)

    @property
    def p(self) -> float:
        """Two-sided p of a difference from 0."""
        return min(1.0, 2 * min(self.above(0.0), self.below(0.0)))

    @property
    def half(self) -> float:
        """Half of the 95 % interval."""
        return critical(self.freedom) * self.error

    @property
    def detectable(self) -> float | None:
        """The smallest difference that is found at 5 % with a power of 80 %; None for too few clusters to say."""
        if self.clusters < FEWEST_CLUSTERS:
            return None
        return (critical(self.freedom) + quantile(POWER, self.freedom)) * self.error


def difference(first: Sample, second: Sample) -> Estimate:
    """First less second, over the same clusters."""
    clusters = first.parts.shape[1]
    cluster = np.asarray(((first.influence - second.influence) ** 2).sum())
    one, other = first.seeds, second.seeds
    excess = np.asarray(one.excess + other.excess)
    variance, freedom = combined(cluster, clusters, excess, counted(one) + counted(other))
    return Estimate(first.value - second.value, float(np.sqrt(variance)), float(freedom), clusters)


@dataclass(frozen=True)
class Margin:
    """A claim beyond "no difference was found": worse by less than `size`, or, if `equivalent`, apart by less."""

    size: float
    equivalent: bool = False

    def p(self, estimate: Estimate, lower_is_better: bool = False) -> float:
        """p of the claim: one test for not worse (non-inferiority), the weaker of two for equivalence (TOST)."""
        above, below = estimate.above(-self.size), estimate.below(self.size)
        return max(above, below) if self.equivalent else below if lower_is_better else above


def separated(levels: Floats, influence: Floats, seeds: SeedParts, level: float = LEVEL) -> Flags:
    """[rows, rows] whether the second is better than the first, Holm over all pairs; a chain of findings is one too.

    `levels` [rows], best first; `influence` [rows, clusters].
    """
    rows, clusters = influence.shape
    better = np.zeros((rows, rows), bool)
    if rows < 2:
        return better
    low, high = np.triu_indices(rows, 1)[::-1]  # the lower row of the pair, then the higher
    own = (influence**2).sum(axis=1)
    cluster = np.maximum(own[low] + own[high] - 2 * (influence @ influence.T)[low, high], 0)
    excess, weight = seeds.excess, counted(seeds)
    variance, freedom = combined(cluster, clusters, excess[low] + excess[high], weight[low] + weight[high])
    found = _found(_pair_values(levels[high] - levels[low], np.sqrt(variance), freedom, clusters, level), level)
    better[low[found], high[found]] = True
    return _closed(better)


def _found(values: Floats, level: float) -> Flags:
    """As `holm(values) < level`; only what may be found is put in order, for most pairs of many rows are clear."""
    found, near = values < level / len(values), np.flatnonzero((values >= level / len(values)) & (values < level))
    order = near[np.argsort(values[near], kind="stable")]
    corrected = (len(values) - found.sum() - np.arange(len(order))) * values[order]
    found[order] = np.logical_and.accumulate(corrected < level)
    return np.asarray(found)


def _pair_values(lead: Floats, error: Floats, freedom: Floats, clusters: int, level: float) -> Floats:
    """Two-sided p of many differences [pairs], as Estimate.p; 0 or 1 where it is far below what any correction asks
    for, or above `level`."""
    noisy = error > ROUNDING * (1 + np.abs(lead))
    distance = np.divide(np.abs(lead), error, out=np.zeros(len(lead)), where=noisy)
    p = np.where(np.abs(lead) > ROUNDING * (1 + np.abs(lead)), 2 * 0.5**clusters, 1.0)
    far = noisy & (distance > quantile(1 - level / 2, np.inf))  # nearer, p is above the level at any freedom
    p[noisy] = 1.0
    sure = far & (distance > quantile(1 - level / (2 * len(lead)), freedom[far].min(initial=np.inf)))
    p[sure] = 0.0
    near = far & ~sure
    p[near] = 2 * tail(distance[near], freedom[near])
    return p


def _closed(better: Flags) -> Flags:
    """With what follows: who is better than one that is better is better."""
    while True:
        wider = better | (better.astype(np.float32) @ better.astype(np.float32) > 0)
        if np.array_equal(wider, better):
            return better
        better = wider
