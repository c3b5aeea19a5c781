"""Contrasts: the verdict on each hypothesis with its effect, interval, p and margin; and the same sides in the study's
other outcomes, which nobody predicted and which are marked so."""

from __future__ import annotations

from collections.abc import Iterator

from xbench.errors import DataError
from xbench.evaluation.statistics import Estimate, difference
from xbench.reports.claims import probability
from xbench.specs.study_outcomes import parse_outcome
from xbench.studies.deviations import stated
from xbench.studies.document import Section, Table
from xbench.studies.findings import Findings
from xbench.studies.shown import amount, change, interval
from xbench.studies.sides import Contrast
from xbench.studies.verdicts import Verdict, detectable

HEAD = ("hypothesis", "claim", "effect", "95 % interval", "p (Holm)", "seeds", "verdict")


def sections(findings: Findings) -> list[Section]:
    """The verdicts, then the other outcomes."""
    return [verdict_section(findings), *_exploratory(findings)]


def verdict_section(findings: Findings) -> Section:
    """A row per hypothesis, and what each means."""
    if not findings.verdicts:
        return Section("Verdicts", ("The study has no hypothesis; everything below is a description.",))
    rows = [_row(verdict, stated(verdict, findings)) for verdict in findings.verdicts]
    note = (
        "Effects in points (metric x 100) or ranks, the first side less the second. A direction is tested on both "
        "tails, a margin on one, at 5 %, with Holm's correction within the family of hypotheses; intervals are of "
        "single effects."
    )
    points = tuple(_sentence(verdict, stated(verdict, findings)) for verdict in findings.verdicts)
    return Section("Verdicts", points=points, tables=(Table("", HEAD, rows, note),))


def claim(verdict: Verdict) -> str:
    """What a hypothesis claims, in words."""
    hypothesis, outcome = verdict.test.hypothesis, verdict.test.outcome
    if hypothesis.direction == "same":
        return f"{outcome.text} within {hypothesis.margin}"
    if hypothesis.direction is None:
        return f"{outcome.text} not worse by {hypothesis.margin}"
    more = f" by more than {hypothesis.margin}" if hypothesis.margin else ""
    return f"{outcome.text} {hypothesis.direction}{more}"


def _row(verdict: Verdict, word: str) -> tuple[str, ...]:
    test, outcome = verdict.test, verdict.test.outcome
    if test.estimate is None:
        return (test.name, claim(verdict), "-", "-", "-", "-", word)
    seeds = " and ".join(map(str, dict.fromkeys(test.seeds)))
    effect, around = change(test.estimate.value, outcome), interval(test.estimate, outcome)
    return (test.name, claim(verdict), effect, around, probability(verdict.p), seeds, word)


def _sentence(verdict: Verdict, word: str) -> str:
    test = verdict.test
    sides = test.hypothesis.contrast or test.hypothesis.interaction
    said = f"{test.name}: {word}. {sides}: {claim(verdict)}"
    if test.estimate is None:
        return f"{said}; not tested: {test.why}."
    smallest = detectable(test)
    what = "distance from the margin" if test.hypothesis.margin else "effect"
    if verdict.word == "undecided" and smallest is not None:
        shown = f"{amount(smallest, test.outcome)} {test.outcome.unit}"
        return f"{said}. Runs like these show a true {what} of {shown} with a power of 80 %."
    return f"{said}."


def _exploratory(findings: Findings) -> Iterator[Section]:
    tables = []
    seen = set()
    for verdict, contrast in zip(findings.verdicts, findings.contrasts, strict=True):
        hypothesis = verdict.test.hypothesis
        key = (hypothesis.contrast or hypothesis.interaction, verdict.test.task)
        if key in seen:
            continue
        seen.add(key)
        rows = list(_other_outcomes(findings, contrast, key[0]))
        if rows:
            title = f"{key[0]} ({verdict.test.task})" if verdict.test.task else key[0]
            tables.append(Table(title, ("outcome", "first side less second", "95 % interval", "p"), rows))
    if tables:
        words = "Outcomes that no hypothesis names, for the same sides. p is not corrected: these are no findings."
        yield Section("Exploratory", (words,), tables=tuple(tables))


def _other_outcomes(findings: Findings, contrast: Contrast, sides: str) -> Iterator[tuple[str, ...]]:
    claimed = {one.outcome for one in findings.study.spec.hypotheses if sides in (one.contrast, one.interaction)}
    for text in findings.study.spec.outcomes:
        if text in claimed:
            continue
        estimate = estimate_of(findings, contrast, text)
        if estimate is not None:
            name = parse_outcome(text)
            yield text, change(estimate.value, name), interval(estimate, name), probability(estimate.p)


def estimate_of(findings: Findings, contrast: Contrast, outcome: str) -> Estimate | None:
    """An outcome's difference between the sides; None where it cannot be had."""
    try:
        first, second = (findings.evidence.weighted(side, outcome) for side in (contrast.first, contrast.second))
    except DataError:
        return None
    return difference(first.sample, second.sample)
