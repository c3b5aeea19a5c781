"""Claims beyond "no difference is found": that A is not worse than B by a margin, or within one. Knows no run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite

from xbench.errors import SpecError
from xbench.evaluation.statistics import LEVEL, Margin

POINT = 0.01  # of a metric
SMALLEST_SHOWN = 0.00005


@dataclass(frozen=True)
class Claim:
    """A claim of a margin in one setting: its p, and that after Holm's correction."""

    p: float
    p_holm: float

    @property
    def shown(self) -> bool:
        """Whether the data show it, at 5 %."""
        return self.p_holm < LEVEL


def margin_of(margin: float | None, equivalent: float | None) -> Margin | None:
    """The margin that is asked for, in points of the metric (0.5 is half a point of 100). Raises SpecError."""
    if margin is not None and equivalent is not None:
        raise SpecError(
            "--margin and --equivalent: found both, expected one; --margin asks whether A is not worse than B, "
            "--equivalent whether the two are alike"
        )
    for name, points in (("--margin", margin), ("--equivalent", equivalent)):
        if points is not None and not (isfinite(points) and 0 < points <= 100):
            raise SpecError(f"{name} {points:g}: expected points of the metric above 0 and up to 100, such as 0.5")
    points = equivalent if margin is None else margin
    return None if points is None else Margin(points * POINT, equivalent is not None)


def claim_lines(margin: Margin, metric: str, claims: Mapping[str, Claim]) -> Iterator[str]:
    """The margin in words, then what is shown and what is not, by setting."""
    size = f"{margin.size / POINT:g}"
    tests = "two one-sided tests" if margin.equivalent else "one-sided tests"
    words = f"A is within {size} of B" if margin.equivalent else f"A is not worse than B by {size} or more"
    yield f"Margin: {size} points of {metric} x 100, higher is better; {tests} at 5 %, Holm."
    for name, claim in claims.items():
        yield f"{name}: {words}: {'shown' if claim.shown else 'not shown'} (p {probability(claim.p_holm)})"


def probability(p: float) -> str:
    """A p value as people read it: never 0."""
    return f"{p:.4f}" if p >= SMALLEST_SHOWN else "<.0001"
