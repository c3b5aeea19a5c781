"""The tables of docs/recipes.md that rest on shipped results are what benchmarks/shipped_tables.py prints."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = ["bm25/none", "static-idf/none", "none", "monolingual", "cross-lingual", "hybrid", "mixed"]
NAMES = {"bm25/none": "bm25", "static-idf/none": "static-idf, untrained", "none": "static, untrained"}
SHARES = ["cross-lingual", *(f"mono-{share}" for share in (10, 20, 30, 40)), "hybrid"]


@pytest.mark.parametrize(
    "words",
    [
        ["facts", "monolingual", *ROWS],
        ["xquad-r", "hybrid", "--differences", *ROWS[:5]],
        ["mlqa-r", "hybrid", *SHARES, *(f"mono-{share}" for share in (60, 70, 80, 90)), "monolingual"],
    ],
    ids=["levels", "differences", "shares"],
)
def test_the_tables_in_the_documentation_are_printed(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = importlib.util.spec_from_file_location("shipped_tables", ROOT / "benchmarks/shipped_tables.py")
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["shipped_tables.py", *words])
    script.main()
    printed = [_named(line) for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert len(printed) == 2 + sum(not word.startswith("-") for word in words[2:])
    assert set(printed) <= set((ROOT / "docs/recipes.md").read_text(encoding="utf-8").splitlines())


def _named(line: str) -> str:
    """A printed row as the page names it."""
    row = line.split(" ", 2)[1]
    return line.replace(row, NAMES.get(row, row), 1)
