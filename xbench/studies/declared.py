"""From a file to a study: where it lies, and the folder that it keeps. Knows specs and files."""

from __future__ import annotations

from pathlib import Path

from pydantic import JsonValue

from xbench import specs
from xbench.specs import registry
from xbench.studies.machine import Declared

PROSE = {"title", "description", "cite", "limits", "budget", "assumed"}
PUBLISHED = ("source", "models")  # keys of studies that run nothing and decide nothing before a run
FOLDER = Path("studies")


def declared_study(source: str, out: Path | None = None) -> Declared:
    """The study of a name or a YAML's path; it keeps what it makes in `out`, or in studies/NAME. Raises SpecError."""
    entry = registry.load("study", source)
    return Declared(entry.spec, entry.base, source, out or FOLDER / entry.spec.name)


def decided(study: specs.Study) -> dict[str, JsonValue]:
    """What of a study is a decision: all but prose, and what it may cost."""
    exclude = {*PROSE, *PUBLISHED, "hypotheses"}
    plain: dict[str, JsonValue] = study.model_dump(mode="json", by_alias=True, exclude=exclude)
    return plain | {"hypotheses": [claimed(one) for one in study.hypotheses]}


def claimed(hypothesis: specs.Hypothesis) -> dict[str, JsonValue]:
    """What of a hypothesis is a decision: all but what is for published models alone."""
    plain: dict[str, JsonValue] = hypothesis.model_dump(mode="json", by_alias=True, exclude={"over"})
    return plain
