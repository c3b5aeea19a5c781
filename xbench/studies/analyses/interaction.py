"""Interactions: a difference of two differences, with the four means that it is made of, for it can come about in more
than one way."""

from __future__ import annotations

from collections.abc import Iterator

from xbench.errors import DataError
from xbench.studies.document import Section, Table
from xbench.studies.findings import Findings
from xbench.studies.shown import amount
from xbench.studies.sides import Contrast
from xbench.studies.verdicts import Verdict

HEAD = ("arm", "task", "weight", "mean", "seeds")


def sections(findings: Findings) -> list[Section]:
    """A table of cells per interaction; none where the study has no interaction."""
    tables = tuple(_tables(findings))
    if not tables:
        return []
    words = (
        "The value of an interaction is the weighted sum of these means. That it is not 0 says that one difference is "
        "larger than the other, not that either of them is there: read the means."
    )
    return [Section("Interactions", (words,), tables=tables)]


def _tables(findings: Findings) -> Iterator[Table]:
    for verdict, contrast in zip(findings.verdicts, findings.contrasts, strict=True):
        if verdict.test.hypothesis.interaction:
            yield Table(
                f"{verdict.test.name}: {verdict.test.outcome.text}", HEAD, list(_rows(findings, verdict, contrast))
            )


def _rows(findings: Findings, verdict: Verdict, contrast: Contrast) -> Iterator[tuple[str, ...]]:
    outcome = verdict.test.outcome
    for cells, sign in ((contrast.first, 1.0), (contrast.second, -1.0)):
        for cell in cells:
            try:
                sample = findings.evidence.sample(cell.arm, cell.task, outcome.text)
            except DataError:
                yield cell.arm.name, cell.task, f"{sign * cell.weight:+g}", "-", "0"
                continue
            mean = amount(sample.value, outcome)
            yield cell.arm.name, cell.task, f"{sign * cell.weight:+g}", mean, str(len(sample.levels))
