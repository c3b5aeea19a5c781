"""What is made of a study's runs, one module an analysis: a function from findings to sections of the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xbench.studies.analyses import contrast, interaction, mixture, reliability, scaling
from xbench.studies.document import Section
from xbench.studies.findings import Findings

ANALYSES: Mapping[str, Callable[[Findings], list[Section]]] = {
    "contrast": contrast.sections,
    "mixture": mixture.sections,
    "reliability": reliability.sections,
    "scaling": scaling.sections,
}
"""By the name that a study gives under `analysis`."""


def sections_of(findings: Findings) -> list[Section]:
    """What the study's own analysis says, and its interactions where it has some."""
    name = findings.study.spec.analysis
    own = ANALYSES.get(name)
    said = own(findings) if own else [_absent(name), *contrast.sections(findings)]
    return [*said, *interaction.sections(findings)]


def _absent(name: str) -> Section:
    return Section(
        f"Analysis: {name}", (f"This version has no analysis of {name}; the contrasts are tested all the same.",)
    )
