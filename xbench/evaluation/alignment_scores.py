"""Alignment of languages as values: which metrics there are, what they can be, and what a result holds of them.

docs/methods.md has the formulas. Knows no array and no file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import Field

from xbench.evaluation.scores import Count, Means, Number, OpenPart

Side: TypeAlias = Literal["queries", "documents"]
SIDES: tuple[Side, ...] = ("queries", "documents")


@dataclass(frozen=True)
class AlignmentMetric:
    """`meaning`: what it tells of two languages; isomorphism alone stays where one of them is rotated.
    `better`: the end of the range that is good, none where neither is. `low`, `high`: the range."""

    name: str
    meaning: Literal["alignment", "separation", "hubness", "isomorphism", "isotropy"]
    better: Literal["low", "high", "-"]
    low: float
    high: float


ALIGNMENT_METRICS = (
    AlignmentMetric("xsim", "alignment", "low", 0, 1),
    AlignmentMetric("mutual_nn", "alignment", "high", 0, 1),
    AlignmentMetric("cosine_gap", "alignment", "high", -2, 2),
    AlignmentMetric("centroid", "separation", "low", 0, math.inf),
    AlignmentMetric("silhouette", "separation", "low", -1, 1),
    AlignmentMetric("probe", "separation", "low", 0, 1),
    AlignmentMetric("hubness_skew", "hubness", "low", -math.inf, math.inf),
    AlignmentMetric("robin_hood", "hubness", "low", 0, 1),
    AlignmentMetric("cka", "isomorphism", "high", -1, 1),
    AlignmentMetric("rsim", "isomorphism", "high", -1, 1),
    AlignmentMetric("isoscore", "isotropy", "-", 0, 1),
)


class Alignment(OpenPart):
    """How the languages of a task lie beside each other, pair by pair."""

    side: Side | None = Field(None, description="whose vectors: the parallel questions, or their golds")
    questions: dict[str, Count] = Field({}, description='by pair, "en-de": units that both languages have')
    values: dict[str, Means] = Field({}, description="by metric and pair; null where there was nothing to measure")
    random: Means = Field({}, description="by metric: of random vectors, as many and as wide")
    perfect_copy: Means = Field({}, description="by metric: of a language's vectors beside themselves")
    seconds: Number = Field(None, description="what the metrics took, without encoding")

    def mean(self, metric: str) -> float | None:
        """Over the pairs that have a value; None where none has."""
        known = [value for value in self.values.get(metric, {}).values() if value is not None]
        return math.fsum(known) / len(known) if known else None
