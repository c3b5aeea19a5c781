"""Mixtures."""

from __future__ import annotations

from xbench.studies.document import Section
from xbench.studies.findings import Findings


def sections(findings: Findings) -> list[Section]:
    """Nothing yet."""
    return []
