"""A small part of `make torture`, with the suite: that the torture tortures, and that what it tries holds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest


def test_killed_starved_and_damaged_commands_end_as_undisturbed_ones() -> None:
    asked = ["--kills", "4", "--damages", "2", "--full", "2", "--processes", "2", "--seed", "5"]
    command = [sys.executable, str(Path(__file__).parent), *asked, "--scenes", "random,download"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    counts = {what: int(count) for count, what in re.findall(r"^ *(\d+) (.+)$", ended.stdout, re.MULTILINE)}
    assert counts["faults"] == 0
    assert sum(counts.get(what, 0) for what in ("killed", "asked to end", "ended before")) == 4
    assert counts["2 at once"] == 2


@pytest.mark.parametrize("harm", ["half", "other"])
def test_what_a_command_left_half_done_or_otherwise_is_a_fault(tmp_path: Path, harm: str) -> None:
    """Of a command that writes as nothing here should: in place, and anew at each run."""
    here = Path(__file__).parent
    code = f"""
import random, signal, sys, types
from pathlib import Path
sys.path[:0] = [{str(here)!r}, {str(here.parent)!r}]
from findings import Findings
from kills import finish
from scenes import Scene, Stage
from victims import Fate, Victim
from world import World

def work():
    place = Path("out/t.txt")
    place.parent.mkdir(exist_ok=True)
    if not place.exists():
        with place.open("w") as stream:
            stream.write("whole")
            stream.flush() if {harm == "other"} else None
            (Path("out") / "then").touch()
    if {harm == "other"}:
        (Path("out") / "count").open("a").write("x")

Scene.command = lambda self, line="": work
stage = Stage(Scene("bad", ""), Path({str(tmp_path)!r}) / "stage", World(Path("hub"), 0))
folder, findings = stage.copy("struck"), Findings()
Victim(folder, work, Fate(signal.SIGKILL, name="then" if {harm == "half"} else "never")).run()
finish(stage, folder, ["a blow"], findings)
sys.exit(len(findings.faults))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 1 + (harm == "half"), ended.stdout + ended.stderr
    assert "is not as of an undisturbed run" in ended.stdout
