"""The Python of the documentation is run: docs/python.md block by block, docs/notebook.py as a program."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XBENCH_PATH", "XBENCH_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def test_the_blocks_of_the_page_run_in_their_order() -> None:
    page = DOCS / "python.md"
    text = page.read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for block in re.finditer(r"```python\n(.*?)```", text, re.DOTALL):
        line = text[: block.start(1)].count("\n")
        exec(compile("\n" * line + block[1], page, "exec"), names)
    assert names["site"].files[0].is_file() and not names["site"].skipped
    assert {result.model for result in names["results"]} == {"letters"}


def test_the_notebook_runs_and_draws(tmp_path: Path) -> None:
    names = runpy.run_path(str(DOCS / "notebook.py"))
    assert names["drawing"].count("<rect") == len(names["LANGUAGES"]) ** 2
    assert "<script" not in names["drawing"]
    assert [difference.name for difference in names["comparison"].macros] == ["Mo", "Cr", "Mul"]
