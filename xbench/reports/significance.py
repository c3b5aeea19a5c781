"""Is A better than B? Per-query values of two sides in; differences with intervals, p and claims of a margin out.

Questions of one paragraph share their text and difficulty, so clusters (`group`) are the units, not queries: a cluster
brings all its queries in all languages, for both sides. The test is that of evaluation/statistics.py, with Holm's
correction over the settings that are looked at together. Knows per-query values only; no file, no model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xbench.arrays import Floats, Ints
from xbench.errors import DataError
from xbench.evaluation.statistics import Margin, Sample, cluster_parts, difference, holm
from xbench.reports.claims import Claim


@dataclass(frozen=True)
class Difference:
    """A minus B in one setting. `detectable` is the smallest difference that these data would have shown, None of too
    few clusters; `claim` is of the margin that was asked for."""

    name: str
    first: float
    second: float
    low: float
    high: float
    error: float
    freedom: float
    clusters: int
    detectable: float | None
    p: float
    p_holm: float
    claim: Claim | None = None

    @property
    def value(self) -> float:
        """A minus B."""
        return self.first - self.second


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
    less: Mapping[str, Sequence[int]] | None = None,
    margin: Margin | None = None,
) -> list[Difference]:
    """The difference in each setting, a macro mean over its columns. Raises DataError where the sides do not match.

    `less`: columns by setting whose macro mean is taken off that of the setting (the gap is Mo less Cr), and which is
    therefore better the lower it is.
    """
    if not np.array_equal(first.count, second.count):
        raise DataError("the two runs do not score the same queries; compare runs of one task, languages and grid")
    less = less or {}
    sides = [(side, cluster_parts(side.total, side.count)) for side in (first, second)]
    found, claims = [], []
    for name, columns in settings.items():
        taken_off = list(less.get(name, ()))
        if _clusters(first, columns) < 2:
            raise DataError(f"{name}: all its queries stand in one cluster, so no interval can be given; see `group`")
        one, other = (_sample(side, parts, list(columns), taken_off) for side, parts in sides)
        estimate = difference(one, other)
        low, high = estimate.value - estimate.half, estimate.value + estimate.half
        measures = (estimate.error, estimate.freedom, estimate.clusters, estimate.detectable)
        found.append(Difference(name, one.value, other.value, low, high, *measures, estimate.p, estimate.p))
        claims.append(margin.p(estimate, lower_is_better=bool(taken_off)) if margin else 1.0)
    corrected = corrected_differences(found)
    if margin is None:
        return corrected
    return corrected_claims([replace(one, claim=Claim(p, p)) for one, p in zip(corrected, claims, strict=True)])


def corrected_differences(found: Sequence[Difference]) -> list[Difference]:
    """The same with Holm's correction over all of them."""
    corrected = holm([one.p for one in found]).tolist()
    return [replace(one, p_holm=p) for one, p in zip(found, corrected, strict=True)]


def corrected_claims(found: Sequence[Difference]) -> list[Difference]:
    """The same with Holm's correction over all claims of the margin."""
    known = [place for place, one in enumerate(found) if one.claim]
    out = list(found)
    claims = [one.claim for one in found if one.claim]
    for place, claim, p in zip(known, claims, holm([claim.p for claim in claims]).tolist(), strict=True):
        out[place] = replace(found[place], claim=Claim(claim.p, p))
    return out


def _sample(side: Sums, parts: Floats, columns: list[int], less: list[int]) -> Sample:
    """One side in one setting, over the clusters that have a query in it."""
    levels = side.total.sum(axis=1) / np.maximum(side.count.sum(axis=0), 1)
    present = side.count[:, columns + less].any(axis=1)
    means, influence = levels[:, columns].mean(axis=1), parts[:, present][..., columns].mean(axis=-1)
    if less:
        means, influence = means - levels[:, less].mean(axis=1), influence - parts[:, present][..., less].mean(axis=-1)
    return Sample(means, influence)


def _clusters(side: Sums, columns: Sequence[int]) -> int:
    """How many clusters have a query in one of these columns."""
    return int(np.count_nonzero(side.count[:, list(columns)].any(axis=1)))


def alone(side: Sums) -> Sums:
    """What to compare a side with to learn of its own mean and interval: nothing, over the same queries."""
    return Sums(np.zeros((1, *side.count.shape)), side.count)
