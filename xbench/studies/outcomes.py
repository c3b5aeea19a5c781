"""An outcome of a study as a function of the means of columns, with its slope: one way to an error for all of them.

A macro mean is a weight for each column. The worst language and the spread over languages are no weighted sums; their
error follows from their slope at the means (the delta method). Knows settings and numbers; no file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xbench.arrays import Floats
from xbench.errors import DataError
from xbench.evaluation.statistics import Sample, cluster_parts
from xbench.reports.comparison import DISTANCE, half_of
from xbench.reports.significance import Sums
from xbench.results.settings import POOL, Setting
from xbench.specs.study_outcomes import DISTANCE as DISTANCE_NAME
from xbench.specs.study_outcomes import GAP, SEEN, SPREAD, UNSEEN, WORST, OutcomeName

HALF_OF = {"mono": "Mo", "cross": "Cr", POOL: "Mul", DISTANCE: DISTANCE_NAME}


@dataclass(frozen=True)
class Parts:
    """Which languages belong to a part: those that training saw, and the groups of queries that the study names."""

    seen: Collection[str]
    groups: Mapping[str, Collection[str]]

    def holds(self, part: str, column: Setting) -> bool:
        """Whether a column is of a part; of the whole where it is "". A pair is seen where both its languages are."""
        if not part:
            return True
        if part not in (SEEN, UNSEEN):
            return column[0] in self.groups[part]
        languages = {column[0]} | ({column[1]} - {POOL, DISTANCE})
        return (languages <= set(self.seen)) == (part == SEEN)


@dataclass(frozen=True)
class Outcome:
    """`weights` [groups, columns]: each row the macro mean of a group; `kind`: what is taken of the groups' means."""

    name: OutcomeName
    weights: Floats

    def value(self, means: Floats) -> float:
        """Of the columns' means."""
        groups = self.weights @ means
        if self.name.kind == WORST:
            return float(groups.min())
        return float(groups.std() if self.name.kind == SPREAD else groups.sum())

    def slope(self, means: Floats) -> Floats:
        """[columns] how the value moves with each column's mean."""
        groups = self.weights @ means
        if self.name.kind == WORST:
            return np.asarray(self.weights[int(groups.argmin())])
        if self.name.kind != SPREAD:
            return np.asarray(self.weights.sum(axis=0))
        spread = float(groups.std())
        pull = (groups - groups.mean()) / (len(groups) * spread) if spread > 0 else np.zeros(len(groups))
        return np.asarray(pull @ self.weights)

    def sample(self, side: Sums) -> Sample:
        """The outcome of each seed, and each cluster's part in it."""
        means = side.total.sum(axis=1) / np.maximum(side.count.sum(axis=0), 1)
        used = (self.weights != 0).any(axis=0)
        present = side.count[:, used].any(axis=1)
        parts = cluster_parts(side.total, side.count)[:, present]
        levels = np.array([self.value(one) for one in means])
        return Sample(levels, np.stack([part @ self.slope(one) for part, one in zip(parts, means, strict=True)]))


def outcome_of(name: OutcomeName, columns: Sequence[Setting], parts: Parts, task: str) -> Outcome:
    """The outcome over the columns that a task scored. Raises DataError where it has none for it."""
    if name.kind in (WORST, SPREAD):
        asked = list(dict.fromkeys(column[0] for column in columns))
        rows = [_mean(name, name.half, "", columns, parts, language) for language in asked]
        weights = np.array([row for row in rows if row.any()])
        if len(weights) < 2:
            raise DataError(f"task {task}: {name.text}: fewer than two languages have {name.half} scored")
        return Outcome(name, weights)
    halves = {"Mo": 1.0, "Cr": -1.0} if name.kind == GAP else {name.kind: 1.0}
    rows = []
    for half, sign in halves.items():
        for part, factor in ((name.part, sign), (name.less, -sign)):
            if part or factor == sign:
                row = _mean(name, half, part, columns, parts)
                if not row.any():
                    named = f"{half} {part}".strip()
                    raise DataError(
                        f"task {task}: {name.text}: it scores nothing that is {named}; leave the outcome out"
                    )
                rows.append(factor * row)
    return Outcome(name, np.array(rows))


def _mean(
    name: OutcomeName, half: str, part: str, columns: Sequence[Setting], parts: Parts, language: str = ""
) -> Floats:
    """[columns] the weights of the macro mean over a half, of a part, of queries in one language."""
    chosen = np.array(
        [
            HALF_OF[half_of(column)] == half and parts.holds(part, column) and language in ("", column[0])
            for column in columns
        ],
        np.float64,
    )
    return np.asarray(chosen / max(chosen.sum(), 1.0))
