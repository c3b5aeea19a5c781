"""Where a study went another way than was decided before its runs. Knows decisions, records and verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pydantic import JsonValue

from xbench.files import digest
from xbench.specs import Hypothesis
from xbench.studies.declared import claimed, decided
from xbench.studies.findings import Findings
from xbench.studies.folder import Decision
from xbench.studies.status import changes, status_of
from xbench.studies.verdicts import Verdict


def decided_after(hypothesis: Hypothesis, decisions: Sequence[Decision]) -> int | None:
    """How many runs were done when a hypothesis was first declared as it is; None where it never was."""
    wanted = digest(claimed(hypothesis))
    for decision in decisions:
        if wanted in map(digest, decision.hypotheses):
            return decision.runs
    return None


def stated(verdict: Verdict, findings: Findings) -> str:
    """The verdict's word, and that it is exploratory where its hypothesis was not decided before the first run, or its
    family has lost hypotheses since."""
    hypothesis = verdict.test.hypothesis
    before = decided_after(hypothesis, findings.decisions) == 0
    return verdict.word if before and hypothesis.family not in _lost(findings) else f"{verdict.word} (exploratory)"


def _lost(findings: Findings) -> dict[str, tuple[int, int]]:
    """By family of fewer hypotheses than it once had: how many it had, and has."""
    now = Counter(hypothesis.family for hypothesis in findings.study.spec.hypotheses)
    most: Counter[str] = Counter()
    for decision in findings.decisions:
        most |= Counter(str(one.get("family")) for one in decision.hypotheses if isinstance(one, dict))
    return {family: (count, now[family]) for family, count in most.items() if now[family] < count}


def deviations(findings: Findings) -> list[str]:
    """Every deviation, in a sentence."""
    return [*_decisions(findings), *_hypotheses(findings), *_runs(findings)]


def _decisions(findings: Findings) -> Iterator[str]:
    decisions, total = findings.decisions, len(findings.runs)
    if not decisions:
        yield "Nothing was frozen before the report: `xbench study plan` or `run` writes down what is decided."
        return
    if decisions[0].runs:
        yield f"The plan was first frozen when {decisions[0].runs} of {total} runs were done."
    for before, now in pairwise(decisions):
        said = "; ".join(changes(_without_hypotheses(before.study), _without_hypotheses(now.study)))
        if said:
            yield f"After {now.runs} runs the study was changed: {said}."
    current = decided(findings.study.spec)
    if decisions[-1].digest != digest(current):
        said = "; ".join(changes(_without_hypotheses(decisions[-1].study), _without_hypotheses(current)))
        yield f"The file was changed since it was last frozen{f': {said}' if said else ', in its hypotheses'}."


def _without_hypotheses(study: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {key: value for key, value in study.items() if key != "hypotheses"}


def _hypotheses(findings: Findings) -> Iterator[str]:
    if not findings.decisions:
        return
    for hypothesis in findings.study.spec.hypotheses:
        after = decided_after(hypothesis, findings.decisions)
        if after is None:
            yield f"Hypothesis {hypothesis.name!r} was decided after the last run; its verdict is exploratory."
        elif after:
            yield f"Hypothesis {hypothesis.name!r} was decided after {after} runs; its verdict is exploratory."
    for family, (had, has) in _lost(findings).items():
        yield (
            f"The family {family!r} had {had} hypotheses and has {has}: p is corrected for fewer, and its verdicts are "
            "exploratory."
        )
    now = {hypothesis.name for hypothesis in findings.study.spec.hypotheses}
    for decision in findings.decisions:
        for one in decision.hypotheses:
            name = one.get("name") if isinstance(one, dict) else None
            if name not in now:
                now.add(str(name))
                yield f"Hypothesis {str(name)!r} was declared and is no more."


def _runs(findings: Findings) -> Iterator[str]:
    status = status_of(findings.folder, findings.runs)
    for state in status.states:
        if state.state != "done":
            yield f"{state.label}: {state.state}{f' ({state.why})' if state.why else ''}."
    for label in status.dropped:
        yield f"{label}: made, and no part of the study any more."
