"""A plan in words, for people, and as a record, for programs. Knows plans of studies only."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from xbench.specs.study_outcomes import parse_outcome
from xbench.studies.duration import spoken
from xbench.studies.planning import StudyPlan
from xbench.studies.shown import amount

SHOWN = 12  # arms that are named
DIGITS = 12  # of a digest


def plan_lines(plan: StudyPlan) -> Iterator[str]:
    """What people read."""
    spec, costs = plan.study.spec, plan.costs
    yield f"{spec.name}: {spec.question}"
    names = [arm.arm.name for arm in plan.arms]
    more = [f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    yield f"arms: {len(names)} ({', '.join([*names[:SHOWN], *more])})"
    yield f"runs: {costs.runs:,}, {costs.done:,} done, {costs.encoders:,} encoders to make"
    yield f"tokens: {costs.tokens:,.0f} of training ({costs.how[0]})"
    yield f"time: {'not known' if costs.seconds is None else spoken(costs.seconds)} ({costs.how[1]})"
    yield f"to fetch: {f'{costs.gigabytes:.1f} GB, as far as sizes are known' if costs.fetches else 'nothing'}"
    yield from (f"  {words}" for words in costs.fetches)
    yield f"frozen: {len(spec.hypotheses)} hypotheses, digest {plan.decision.digest[:DIGITS]}, {_when(plan)}"
    yield from _smallest(plan)
    yield from (f"warning: {warning}" for warning in plan.warnings)


def _smallest(plan: StudyPlan) -> Iterator[str]:
    """A line per hypothesis; one for all tasks where they are alike."""
    lines: dict[tuple[str, str], list[str]] = {}
    for name, (hypothesis, smallest) in plan.smallest.items():
        outcome = parse_outcome(hypothesis.outcome)
        size = "not known" if smallest.effect is None else f"{amount(smallest.effect, outcome)} {outcome.unit}"
        what = "distance from its margin" if hypothesis.margin else "effect"
        said = f"smallest {what} in {outcome.text} that is shown with a power of 80 %: {size} ({smallest.how})"
        lines.setdefault((hypothesis.name, said), []).append(name)
    for (claim, said), names in lines.items():
        yield f"  {names[0] if len(names) == 1 else f'{claim} ({len(names)} tasks)'}: {said}"


def _when(plan: StudyPlan) -> str:
    return "before the first run" if not plan.decision.runs else f"after {plan.decision.runs} runs"


def plan_record(plan: StudyPlan) -> dict[str, JsonValue]:
    """What programs read."""
    costs = plan.costs
    return {
        "study": plan.study.spec.name,
        "arms": [arm.arm.name for arm in plan.arms],
        "runs": costs.runs,
        "done": costs.done,
        "encoders": costs.encoders,
        "tokens": costs.tokens,
        "hours": None if costs.seconds is None else costs.seconds / 3600,
        "gigabytes": costs.gigabytes,
        "fetches": list(costs.fetches),
        "digest": plan.decision.digest,
        "decided_after_runs": plan.decision.runs,
        "smallest": {
            name: {"effect": smallest.effect, "unit": "as measured", "how": smallest.how}
            for name, (_, smallest) in plan.smallest.items()
        },
        "warnings": list(plan.warnings),
    }
