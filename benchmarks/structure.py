"""The house measured from its own imports and one run: `measure [CHECKOUT ...]` prints a table, a column for each.

An import counts wherever it stands, inside functions too; what stands under TYPE_CHECKING is no import of the program.
A room is a package of xbench/, and the flat files together are one. Two rooms that import each other have upward
imports: those of the direction that has fewer. The way of a query is taken from a run of a task: the files with a
function that hands the query on (gives back or yields its text, or an array with a row for every query), in the order
of their first such return, from the first reader until the result is written. It turns back where it goes on in an
earlier stage (read, encode, score, file) than the one before.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).parents[1]
STAGES = (  # by path inside xbench/, as it is and as it was when most files lay flat
    (1, r"data/|readers/|collection|download|fetches|facts|archives|hub"),
    (2, r"encoders/|encoder\.py"),
    (3, r"evaluation/|evaluate/"),
    (4, r"results/|results\.py|saved_runs|trec|settings"),
)
ENTRIES = ("xbench", "xbench.cli", "xbench.__main__")
TRACED = """
import json, os, sys, threading, numpy
_, root, line, part, rows, text = sys.argv
del sys.argv[1:]
root, rows = os.path.realpath(root) + os.sep, set(json.loads(rows))
sys.path.insert(0, os.path.dirname(root.rstrip(os.sep)))
from xbench.cli import cli
passed, looked = {}, {}
def carries(value, depth=4):
    if isinstance(value, str):
        return text in value
    if isinstance(value, numpy.ndarray):
        return value.ndim > 0 and len(value) in rows
    if depth and isinstance(value, dict):
        return any(carries(inner, depth - 1) for inner in list(value.values())[:8])
    if depth and isinstance(value, (list, tuple)):
        return any(carries(inner, depth - 1) for inner in value[:4])
    inside = getattr(value, "__dict__", None) if type(value).__module__.startswith("xbench") else None
    return bool(depth and inside) and any(carries(inner, depth - 1) for inner in list(inside.values()))
def watch(frame, event, argument):
    code = frame.f_code
    if event != "return" or not code.co_flags & 1 or not code.co_filename.startswith(root):
        return  # no function of xbench
    name = code.co_filename[len(root):]
    if name in passed or looked.setdefault(name, 0) > 2000:
        return
    looked[name] += 1
    if part == "all" or carries(argument):
        passed[name] = None
threading.setprofile(watch)
sys.setprofile(watch)
cli.main(json.loads(line), prog_name="xbench", standalone_mode=False)
sys.setprofile(None)
print("WAY" + json.dumps(list(passed)))
"""
RUN = ["run", "--model", "random", "--task", "asked.yaml", "--offline", "--json"]
QUESTIONS = 37
QUESTION = "which bridge is the longest of all"
TASK = """name: asked
languages: [de, en]
format: parallel
source: {path: asked.jsonl}
derived_from: []
"""
BUILD = ["leaderboard", "build", "--results", "results", "--out", "site"]


@dataclass(frozen=True)
class House:
    """The modules of a checkout: `files` by dotted name, `imports` of each."""

    files: Mapping[str, Path]
    imports: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, checkout: Path) -> House:
        """Read a checkout; nothing of it is run."""
        files = {}
        for path in sorted((checkout / "xbench").rglob("*.py")):
            name = ".".join(path.relative_to(checkout).with_suffix("").parts)
            files[name.removesuffix(".__init__")] = path
        return cls(files, {name: frozenset(_imports(path, set(files), name)) for name, path in files.items()})

    def room(self, name: str) -> str:
        """The package of a module; "" for a flat file, "entry" for those that start the program."""
        parts = name.split(".")
        if name in ENTRIES:
            return "entry"
        return parts[1] if len(parts) > 2 or (self.files[name].name == "__init__.py" and len(parts) > 1) else ""

    @property
    def rooms(self) -> dict[str, list[str]]:
        """The modules of each room, flat files under ""."""
        rooms: dict[str, list[str]] = {}
        for name in self.files:
            rooms.setdefault(self.room(name), []).append(name)
        return rooms

    def edges(self) -> Counter[tuple[str, str]]:
        """How many imports lead from one room to another."""
        pairs = ((self.room(name), self.room(other)) for name, others in self.imports.items() for other in others)
        return Counter(pair for pair in pairs if pair[0] != pair[1])

    def upward(self) -> int:
        """Imports between rooms that import each other, of the direction that has fewer."""
        edges = self.edges()
        return sum(min(count, edges[other, one]) for (one, other), count in edges.items() if one < other)

    def circles(self) -> list[list[str]]:
        """Modules that import one another, by any way round."""
        reach = {name: self._reach(name) for name in self.files}
        found: list[list[str]] = []
        for name in self.files:
            circle = sorted(other for other in reach[name] if name in reach[other])
            if len(circle) > 1 and circle not in found:
                found.append(circle)
        return found

    def _reach(self, name: str) -> set[str]:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            for other in self.imports[waiting.pop()] - seen:
                seen.add(other)
                waiting.append(other)
        return seen


def _imports(path: Path, known: set[str], own: str) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in _running(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in known else node.module for name in names]
        yield from (name for name in names if name in known and name not in (own, "xbench"))


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but those under `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _running(child)


def anys(house: House) -> int:
    """Uses of the name Any."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in house.files.values())
    return sum(isinstance(node, ast.Name) and node.id == "Any" for tree in trees for node in ast.walk(tree))


def untested(checkout: Path, house: House) -> list[str]:
    """Modules with code that no test imports by name."""
    imported: set[str] = set()
    for path in (checkout / "tests").rglob("*.py"):
        imported |= set(_imports(path, set(house.files), ""))
        imported |= {name for name in house.files if name in path.read_text(encoding="utf-8")}
    return [name for name, path in house.files.items() if path.name != "__init__.py" and name not in imported]


@dataclass(frozen=True)
class Way:
    """Files in the order of their first call: from a reader to the filed result, and from the result to the pages."""

    scored: list[str]
    shown: list[str]

    @classmethod
    def of(cls, checkout: Path) -> Way:
        """Run a task and build a board with a checkout's code."""
        with tempfile.TemporaryDirectory() as scratch:
            rows = [
                {
                    "id": str(number),
                    "query": {code: f"{QUESTION} {code} {number}" for code in ("de", "en")},
                    "positive": {code: f"the answer {code} {number}" for code in ("de", "en")},
                }
                for number in range(QUESTIONS)
            ]
            Path(scratch, "asked.yaml").write_text(TASK)
            Path(scratch, "asked.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
            return cls(_traced(checkout, scratch, RUN, ""), _traced(checkout, scratch, BUILD, "all"))

    def turns(self) -> list[str]:
        """The files at which the way to the number turns back to an earlier stage."""
        before, back = 0, []
        for name in self.scored:
            stage = next((number for number, pattern in STAGES if re.match(pattern, name)), before)
            if stage < before:
                back.append(name)
            before = stage
        return back


def _traced(checkout: Path, scratch: str, line: Sequence[str], part: str) -> list[str]:
    environment = {**os.environ, "XBENCH_CACHE": f"{scratch}/cache", "PYTHONPATH": str(checkout)}
    command = [
        sys.executable,
        "-c",
        TRACED,
        str(checkout / "xbench"),
        json.dumps(line),
        part,
        json.dumps([QUESTIONS, 2 * QUESTIONS]),
        QUESTION,
    ]
    done = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True, check=True)
    (found,) = (line for line in done.stdout.splitlines() if line.startswith("WAY"))
    passed: list[str] = json.loads(found.removeprefix("WAY"))
    return passed


def measure(checkouts: Sequence[Path]) -> str:
    """A Markdown table, a column for each checkout."""
    columns: list[dict[str, str]] = []
    for checkout in checkouts:
        house = House.of(checkout)
        sizes = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in house.files.items()}
        flat = [name for name in house.files if name.count(".") == 1 and house.files[name].name != "__init__.py"]
        way = Way.of(checkout)
        columns.append(
            {
                "modules": f"{len(house.files)}",
                "flat files": f"{len(flat)}",
                "files in the largest room": f"{max(len(part) for room, part in house.rooms.items() if room)}",
                "lines of the median module": f"{sorted(sizes.values())[len(sizes) // 2]}",
                "circles (modules in them)": f"{len(house.circles())} ({sum(map(len, house.circles()))})",
                "upward imports": f"{house.upward()}",
                "uses of `Any`": f"{anys(house)}",
                "files a query passes to its number": f"{len(way.scored)}",
                "times it turns back": f"{len(way.turns())}",
                "files from a result to its pages": f"{len(way.shown)}",
                "modules no test imports": f"{len(untested(checkout, house))}",
            }
        )
    names = [checkout.name for checkout in checkouts]
    lines = [f"| | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    lines += [f"| {key} | {' | '.join(column[key] for column in columns)} |" for key in columns[0]]
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["measure", "way", "untested", "circles"])
    parser.add_argument("checkouts", nargs="*", type=Path, default=[TOP])
    asked = parser.parse_args()
    places = [place.resolve() for place in asked.checkouts]
    if asked.what == "measure":
        print(measure(places))
    for place in places if asked.what != "measure" else ():
        if asked.what == "way":
            way = Way.of(place)
            back = way.turns()
            print("\n".join(f"{'<- ' if name in back else '   '}{name}" for name in way.scored))
            print("\n".join(["", *(f"   {name}" for name in way.shown)]))
        elif asked.what == "untested":
            print("\n".join(untested(place, House.of(place))))
        else:
            print(House.of(place).circles())
