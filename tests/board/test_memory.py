"""What a build remembers of results, and what it does not believe."""

from __future__ import annotations

from pathlib import Path

import pytest

from xbench.board.memory import Memory


def test_what_is_kept_is_found_by_the_same_generator_alone(tmp_path: Path) -> None:
    Memory(tmp_path / "site", "g").keep({"a": {"run": 1.5}, "b": [None]})
    found = Memory(tmp_path / "site", "g")
    assert dict(found) == {"a": {"run": 1.5}, "b": [None]} and len(found) == 2
    assert dict(Memory(tmp_path / "site", "other")) == {} and dict(Memory(tmp_path / "another", "g")) == {}


def test_what_is_known_stays_as_it_was_and_what_is_gone_goes(tmp_path: Path) -> None:
    Memory(tmp_path / "site", "g").keep({"a": 1, "b": 2})
    Memory(tmp_path / "site", "g").keep({"b": "never looked at", "c": 3})
    assert dict(Memory(tmp_path / "site", "g")) == {"b": 2, "c": 3}


@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_spoilt_memory_says_nothing(tmp_path: Path, place: int) -> None:
    Memory(tmp_path / "site", "g").keep({"a": 1})
    path = tmp_path / ".site.runs"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert dict(Memory(tmp_path / "site", "g")) == {}


def test_without_a_place_nothing_is_kept_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / ".site.runs").mkdir()
    memory = Memory(tmp_path / "site", "g")
    memory.keep({"a": 1})
    assert dict(memory) == {}
