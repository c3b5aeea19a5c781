"""Every picture of a study, in the order of the report."""

from __future__ import annotations

from collections.abc import Iterator

from xbench.studies.factor_pictures import curves, triangles
from xbench.studies.findings import Findings
from xbench.studies.pictures import Named, effects, interactions, over_tasks, planes


def pictures_of(findings: Findings) -> Iterator[Named]:
    """Effects first, for a reader who looks at one."""
    for kind in (effects, over_tasks, interactions, planes, curves, triangles):
        yield from kind(findings)
