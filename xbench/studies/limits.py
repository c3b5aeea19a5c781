"""What the design of a study cannot tell. Knows findings."""

from __future__ import annotations

from collections.abc import Iterator

from xbench.reports.caveats import few_clusters
from xbench.studies.findings import Findings

LITTLE = "Two seeds or fewer tell little of how much seeds differ; five are the least that a claim should rest on."


def limits(findings: Findings) -> Iterator[str]:
    """What the study says of itself, and what follows from its design."""
    spec = findings.study.spec
    yield from spec.limits
    tested = [verdict.test for verdict in findings.verdicts if verdict.test.estimate]
    clusters = min((test.estimate.clusters for test in tested if test.estimate), default=0)
    if tested:
        yield from few_clusters(clusters)
    if any(0 < min(test.seeds) <= 2 for test in tested):
        yield LITTLE
    for name, levels in spec.levels().items():
        if len(levels) == 1:
            yield f"Only {levels[0].name} stands for {name}: nothing is said of another."
    for kind in ("model", "corpus"):
        if kind not in spec.factors and (only := getattr(spec.fixed, kind)):
            yield f"Only {only} stands for {kind}: nothing is said of another."
    tasks = ", ".join(findings.tasks)
    yield f"Questions are those of {tasks}: intervals are over questions like these, not over tasks."
    if any(verdict.word == "undecided" for verdict in findings.verdicts):
        yield "Undecided is no finding of sameness: that needs a margin, and data that rule out more than it."
