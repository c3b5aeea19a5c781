"""Which published runs a board is built with, by command and from Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from boards import file_result
from click.testing import CliRunner
from published_files import published, whole_grid, write_published

import xbench
from xbench.commands.board import leaderboard
from xbench.errors import SpecError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with results and a store that no place names."""
    monkeypatch.chdir(tmp_path)
    file_result(tmp_path / "results")
    write_published(published(tmp_path / "mteb", {"Mine": whole_grid(cross=0.99)}), tmp_path / "mine.jsonl")
    return tmp_path


def shown(folder: Path) -> tuple[bool, bool]:
    """Whether what ships is on the board, and whether the store is."""
    page = folder / "site" / "tasks" / "mlqa.html"
    text = page.read_text() if page.is_file() else ""
    return "BAAI/bge-m3" in text, "org/Mine" in text


def test_what_ships_is_shown_unless_nothing_is_asked_for(folder: Path) -> None:
    command = ["build", "--results", "results"]
    assert CliRunner().invoke(leaderboard, command).exit_code == 0 and shown(folder) == (True, False)
    assert CliRunner().invoke(leaderboard, [*command, "--published", "mine.jsonl"]).exit_code == 0
    assert shown(folder) == (True, True)
    assert CliRunner().invoke(leaderboard, [*command, "--no-published-runs"]).exit_code == 0
    assert shown(folder) == (False, False)


def test_a_store_with_a_fault_is_named_and_costs_the_exit_code(folder: Path) -> None:
    (folder / "bad.jsonl").write_text("{")
    done = CliRunner().invoke(leaderboard, ["build", "--published", "bad.jsonl", "--published", "mine.jsonl"])
    assert done.exit_code == 1 and "left out: bad.jsonl" in done.output and shown(folder)[1]


def test_both_options_at_once_are_refused(folder: Path) -> None:
    done = CliRunner().invoke(leaderboard, ["build", "--published", "mine.jsonl", "--no-published-runs"])
    assert isinstance(done.exception, SpecError) and not (folder / "site").exists()


def test_python_names_stores_too(folder: Path) -> None:
    xbench.build_leaderboard("results", "site", published="mine.jsonl")
    assert shown(folder) == (True, True)
    xbench.build_leaderboard("results", "site", published=None)
    assert shown(folder) == (False, False)
