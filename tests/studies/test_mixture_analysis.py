"""The analysis of mixtures from a study's YAML to the words of its report, on encoders of chance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from study_files import machine, run, study

from xbench.jobs import run as job
from xbench.jobs.request import Request
from xbench.studies.findings import findings_of
from xbench.studies.report import write_report

MIXTURE: dict[str, Any] = {
    "factors": {"mix": {"of": ["mono", "cross", "parallel"], "lattice": 2}},
    "controls": [{"name": "mixed", "recipe": "mixed"}],
    "fixed": {
        "model": "static",
        "recipe": "hybrid",
        "corpus": "facts",
        "languages": ["de", "en"],
        "set": {"steps": 1, "batch_size": 16},
    },
    "seeds": 2,
    "outcomes": ["Cr", "rank distance"],
    "hypotheses": [{"name": "h", "contrast": "cross100 - mono100", "outcome": "Cr", "direction": "higher"}],
    "analysis": "mixture",
}


@pytest.fixture
def _chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of training, a random encoder of more dimensions for each mixture: chance, whatever the mixture."""
    real, mixes = job.run, list[str]()

    def drawn(request: Request, reporter: Any) -> list[Path]:
        mix = str(request.settings.get("recipe.mix", request.recipes))
        if mix not in mixes:
            mixes.append(mix)
        settings = {"model.dimension": 8 + mixes.index(mix), "task.options.kinds": ["official-language"]}
        changes: dict[str, Any] = {"models": ("random",), "recipes": ("none",), "corpus": None, "settings": settings}
        return real(replace(request, **changes), reporter)

    monkeypatch.setattr(job, "run", drawn)


@pytest.mark.usefixtures("_chance")
def test_a_report_tells_the_optimum_or_that_there_is_none(tmp_path: Path) -> None:
    declared = study(tmp_path, **MIXTURE)
    assert run(declared).done == 14
    paths = write_report(findings_of(declared, machine(tmp_path)), tmp_path / "there")
    said = paths[0].read_text(encoding="utf-8")
    assert "## Mixtures on facts" in said
    assert "- Cr: flat:" in said, "chance has no best mixture"
    assert "| mono50-cross50 | 50% | 50% | 0% |" in said and "| mixed |  |  |  |" in said
    assert "![Cr on facts. Means over seeds in points" in said and "](mixture-1-2.svg)" in said
    triangle = (tmp_path / "there" / "mixture-1-1.svg").read_text(encoding="utf-8")
    assert all(f">{corner}<" in triangle for corner in ("mono", "cross", "parallel"))


@pytest.mark.usefixtures("_chance")
def test_too_few_mixtures_are_not_analysed(tmp_path: Path) -> None:
    declared = study(tmp_path, **MIXTURE)
    run(declared, "1/4")
    paths = write_report(findings_of(declared, machine(tmp_path)), tmp_path / "there")
    assert "of 6 mixtures are done, expected 5 at least" in paths[0].read_text(encoding="utf-8")
