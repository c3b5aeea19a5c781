"""Is A better than B? A paired bootstrap over clusters of questions, and over seeds where there are several.

Questions of one paragraph share their text and difficulty, so clusters (`group`) are drawn, not queries: a cluster
brings all its queries in all languages, for both sides. Means are linear in the draws, so a resample is one row of a
matrix product. Knows per-query values only; no file, no model. Percentile intervals; p from the resamples centred on
the observed difference, and never below that of n clusters which all agree (2 to the power of 1 - n, a sign test);
Holm's correction over the settings that are looked at together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xbench.arrays import Flags, Floats, Ints
from xbench.errors import DataError

RESAMPLES = 10_000
ROUNDING = 1e-12  # a difference that is rounding alone is none
DETECTABLE = 1.959964 + 0.841621  # standard errors: found at 5 % (two-sided) with a power of 80 %


@dataclass(frozen=True)
class Difference:
    """A minus B in one setting. `detectable` is the smallest difference that these data would have shown."""

    name: str
    first: float
    second: float
    low: float
    high: float
    error: float
    p: float
    p_holm: float

    @property
    def value(self) -> float:
        """A minus B."""
        return self.first - self.second

    @property
    def detectable(self) -> float:
        """Found at 5 % with a power of 80 %."""
        return DETECTABLE * self.error


@dataclass(frozen=True)
class Sums:
    """Values of one side, by cluster: `total` [seeds, clusters, columns] and `count` [clusters, columns]."""

    total: Floats
    count: Floats


def sums(values: Floats, cluster: Ints) -> Sums:
    """Sum `values` [seeds, queries, columns] (NaN: not scored) within each query's `cluster` [queries]."""
    scored = np.isfinite(values[0])
    if not (np.isfinite(values) == scored).all():
        raise DataError("the seeds do not score the same queries; they are not runs of one task")
    clusters = int(cluster.max()) + 1
    count = np.zeros((clusters, values.shape[2]))
    np.add.at(count, cluster, scored.astype(np.float64))
    total = np.zeros((len(values), *count.shape))
    for seed, scores in enumerate(values):
        np.add.at(total[seed], cluster, np.where(scored, scores, 0.0))
    return Sums(total, count)


def compare(
    first: Sums,
    second: Sums,
    settings: Mapping[str, Sequence[int]],
    seed: int = 0,
    resamples: int = RESAMPLES,
    less: Mapping[str, Sequence[int]] | None = None,
) -> list[Difference]:
    """The difference in each setting, a macro mean over its columns. Raises DataError where the sides do not match.

    `less`: columns by setting whose macro mean is taken off that of the setting (the gap is Mo less Cr).
    """
    if not np.array_equal(first.count, second.count):
        raise DataError("the two runs do not score the same queries; compare runs of one task, languages and grid")
    less = less or {}
    for name, columns in settings.items():
        if _clusters(first, columns) < 2:
            raise DataError(f"{name}: all its queries stand in one cluster, so no interval can be given; see `group`")
    draw = np.random.default_rng(seed)
    clusters = len(first.count)
    weights = draw.multinomial(clusters, np.full(clusters, 1 / clusters), size=resamples).astype(np.float64)
    scored = weights @ first.count
    sides = [_resampled(side, weights, scored, draw) for side in (first, second)]
    observed = [side.total.mean(axis=0).sum(axis=0) / side.count.sum(axis=0) for side in (first, second)]
    differences = [
        _difference(name, list(columns), list(less.get(name, ())), observed, sides[0] - sides[1])
        for name, columns in settings.items()
    ]
    differences = [
        replace(difference, p=max(difference.p, 2.0 ** (1 - _clusters(first, columns))))
        for difference, columns in zip(differences, settings.values(), strict=True)
    ]
    corrected = holm([difference.p for difference in differences])
    return [replace(difference, p_holm=p) for difference, p in zip(differences, corrected, strict=True)]


def _clusters(side: Sums, columns: Sequence[int]) -> int:
    """How many clusters have a query in one of these columns."""
    return int(np.count_nonzero(side.count[:, list(columns)].sum(axis=1)))


def _resampled(side: Sums, weights: Floats, scored: Floats, draw: np.random.Generator) -> Floats:
    """Means of each column in each resample [resamples, columns]; seeds are drawn too where there are several."""
    seeds = len(side.total)
    chosen = draw.multinomial(seeds, np.full(seeds, 1 / seeds), size=len(weights)) / seeds
    totals = np.zeros_like(scored)
    for number, total in enumerate(side.total):
        totals += chosen[:, number, None] * (weights @ total)
    return np.divide(totals, scored, out=np.full_like(scored, np.nan), where=scored > 0)


def alone(side: Sums) -> Sums:
    """What to compare a side with to learn of its own mean and interval: nothing, over the same queries."""
    return Sums(np.zeros((1, *side.count.shape)), side.count)


def _difference(
    name: str, columns: list[int], less: list[int], observed: Sequence[Floats], drawn: Floats
) -> Difference:
    differences = _macro(drawn[_speaking(drawn, columns, less)], columns, less)
    first, second = (float(_macro(means[None], columns, less)[0]) for means in observed)
    low, high = np.percentile(differences, [2.5, 97.5])
    beyond = np.abs(differences - differences.mean()) >= abs(first - second) - ROUNDING
    p = float((1 + beyond.sum()) / (1 + len(differences)))
    return Difference(name, first, second, float(low), float(high), float(differences.std(ddof=1)), p, p)


def _speaking(drawn: Floats, *parts: list[int]) -> Flags:
    """Which resamples drew a query of each part [resamples]; of few clusters, some draw none, and say nothing."""
    drew = [np.isfinite(drawn[:, part]).any(axis=1) for part in parts if part]
    return np.asarray(np.logical_and.reduce(drew))


def _macro(means: Floats, columns: list[int], less: list[int]) -> Floats:
    """Mean over columns [n], of those that were drawn."""
    taken_off = np.nanmean(means[:, less], axis=1) if less else 0.0
    return np.asarray(np.nanmean(means[:, columns], axis=1) - taken_off)


def holm(values: Sequence[float]) -> list[float]:
    """Holm's correction: the chance of any false finding among these stays below the level."""
    order = np.argsort(values, kind="stable")
    corrected = np.empty(len(values))
    highest = 0.0
    for place, number in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - place) * values[number]))
        corrected[number] = highest
    return [float(value) for value in corrected]
