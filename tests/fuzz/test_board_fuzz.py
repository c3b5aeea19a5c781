"""Sixty hostile inputs of the board, the same in every run; `make fuzz` runs two thousand."""

from __future__ import annotations

from pathlib import Path

import board_fuzz
import pytest
from board_fuzz import BoardFuzzer
from boards import file_result
from oracle import ended

INPUTS, AT_ONCE = 60, 20


@pytest.mark.parametrize("first", range(0, INPUTS, AT_ONCE))
def test_what_the_check_accepts_builds_and_what_it_rejects_is_named_and_left_out(tmp_path: Path, first: int) -> None:
    fuzzer = BoardFuzzer(tmp_path, seed=0)
    outcomes = {number: fuzzer.run(number)[0] for number in range(first, first + AT_ONCE)}
    assert {f"python -m board_fuzz --case {number}": one.fault for number, one in outcomes.items() if one.fault} == {}
    assert {one.accepted for one in outcomes.values()} == {True, False}


def test_one_number_gives_one_input(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        place, _ = BoardFuzzer(tmp_path / name, seed=3).make(5)
        made.append({path.relative_to(place): path.read_bytes() for path in place.rglob("*.json")})
    assert made[0] == made[1]


def test_a_broken_rule_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that shows what the check refuses, one that fails on what it accepts, and a page that leads nowhere."""
    from xbench.board import site, sources, submission
    from xbench.errors import DataError

    file_result(tmp_path / "results")

    def faults() -> list[str]:
        checked = ended(tmp_path, ["leaderboard", "check", "results", "--json"])
        built = ended(tmp_path, ["leaderboard", "build", "--results", "results", "--out", "site"])
        return list(board_fuzz._broken(tmp_path, "results", checked, built))

    assert faults() == []
    with monkeypatch.context() as patched:
        patched.setattr(submission, "_faults", lambda *_: [("value", "x")])
        assert faults() == ["rejected, and built with exit code 0"]
    with monkeypatch.context() as patched:
        patched.setattr(submission, "_left_out", lambda _: [])
        patched.setattr(site, "find_sources", lambda *_: sources.ResultSources([], []).without({}))
        patched.setattr(sources.ResultSources, "without", lambda *_: raises(DataError("x")))
        assert any(fault.startswith("accepted, and not built") for fault in faults())
    page = tmp_path / "site" / "index.html"
    page.write_text(page.read_text() + "<a href=nowhere.html>")
    assert list(board_fuzz._half(tmp_path / "site")) == ["index.html leads to nowhere.html, which is not there"]


def raises(error: Exception) -> object:
    raise error
