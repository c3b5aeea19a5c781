"""The verdict on a hypothesis: supported, refuted or undecided, by the project's one test, corrected in its family.

A direction alone is held against both tails at 5 %: supported where the difference is found and has the stated sign,
refuted where it is found with the other. A margin is held one-sided at 5 %: not worse by it (non-inferiority), beyond
it (with a direction), within it (`same`: two tests); refuted where the data show the contrary. Supporting and refuting
claims are corrected apart, each by Holm's rule. docs/studies.md has the error rates. Knows estimates; no run, no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from xbench.evaluation.statistics import LEVEL, Estimate, difference, holm, quantile
from xbench.specs import Hypothesis
from xbench.specs.study_outcomes import OutcomeName, parse_margin, parse_outcome
from xbench.studies.evidence import Weighted

Word: TypeAlias = Literal["supported", "refuted", "undecided"]


@dataclass(frozen=True)
class Test:
    """One hypothesis on what it is tested on. `estimate` is None where it cannot be tested, and `why` says why."""

    hypothesis: Hypothesis
    task: str
    estimate: Estimate | None
    seeds: tuple[int, int] = (0, 0)
    support: float = 1.0
    refute: float = 1.0
    why: str = ""

    __test__ = False  # no test of pytest

    @property
    def name(self) -> str:
        """The hypothesis, and the task where it is tested on several."""
        return f"{self.hypothesis.name} ({self.task})" if self.task else self.hypothesis.name

    @property
    def outcome(self) -> OutcomeName:
        """What it is about."""
        return parse_outcome(self.hypothesis.outcome)


@dataclass(frozen=True)
class Verdict:
    """`p`: of what decides it, after Holm's correction within the family."""

    test: Test
    word: Word
    p: float


def tested(hypothesis: Hypothesis, task: str, first: Weighted, second: Weighted) -> Test:
    """A hypothesis held against two sides."""
    estimate = difference(first.sample, second.sample)
    support, refute = claims(hypothesis, estimate)
    return Test(hypothesis, task, estimate, (len(first.seeds), len(second.seeds)), support, refute)


def claims(hypothesis: Hypothesis, estimate: Estimate) -> tuple[float, float]:
    """(p of the hypothesis, p of its contrary), before any correction."""
    size = margin_size(hypothesis)
    outcome = parse_outcome(hypothesis.outcome)
    if hypothesis.direction == "same":
        inside = max(estimate.above(-size), estimate.below(size))
        return inside, min(1.0, 2 * min(estimate.above(size), estimate.below(-size)))
    if hypothesis.direction is None:
        return _one_sided(estimate, outcome.lower_is_better, size if outcome.lower_is_better else -size)
    lower = hypothesis.direction == "lower"
    if hypothesis.margin is not None:
        return _one_sided(estimate, lower, -size if lower else size)
    below, above = (min(1.0, 2 * p) for p in (estimate.below(0.0), estimate.above(0.0)))
    return (below, above) if lower else (above, below)


def _one_sided(estimate: Estimate, lower: bool, bound: float) -> tuple[float, float]:
    below, above = estimate.below(bound), estimate.above(bound)
    return (below, above) if lower else (above, below)


def margin_size(hypothesis: Hypothesis) -> float:
    """The margin in what is measured; 0 where there is none."""
    if hypothesis.margin is None:
        return 0.0
    return parse_margin(hypothesis.margin).size * parse_outcome(hypothesis.outcome).scale


def verdicts(tests: Sequence[Test]) -> list[Verdict]:
    """The verdicts in order, each corrected within its family; what cannot be tested counts there too."""
    support, refute = [1.0] * len(tests), [1.0] * len(tests)
    for family in dict.fromkeys(test.hypothesis.family for test in tests):
        places = [place for place, test in enumerate(tests) if test.hypothesis.family == family]
        for values, corrected in (
            ([tests[p].support for p in places], support),
            ([tests[p].refute for p in places], refute),
        ):
            for place, p in zip(places, holm(values).tolist(), strict=True):
                corrected[place] = p
    return [_verdict(test, *pair) for test, pair in zip(tests, zip(support, refute, strict=True), strict=True)]


def _verdict(test: Test, support: float, refute: float) -> Verdict:
    if test.estimate is None:
        return Verdict(test, "undecided", 1.0)
    if support < LEVEL:
        return Verdict(test, "supported", support)
    if refute < LEVEL:
        return Verdict(test, "refuted", refute)
    return Verdict(test, "undecided", support)


def detectable(test: Test) -> float | None:
    """The smallest true effect, or distance from the margin, that would be found with a power of 80 %."""
    if test.estimate is None or test.estimate.detectable is None:
        return None
    if test.hypothesis.margin is None:
        return test.estimate.detectable
    one_sided = quantile(1 - LEVEL, test.estimate.freedom) + quantile(0.8, test.estimate.freedom)
    return one_sided * test.estimate.error


def untested(hypothesis: Hypothesis, task: str, why: str) -> Test:
    """A hypothesis that cannot be held against anything yet."""
    return Test(hypothesis, task, None, why=why)
