"""Two checkouts in one run, turn by turn: start, a scored task with kept vectors, a board of 1,000 results.

    python benchmarks/side_by_side.py BEFORE AFTER [--only WORD] [--repeats N]

Prints a Markdown table: seconds of each (the median of the repeats, and the least), and AFTER / BEFORE: the median of
the pairs, that of the least, and that of the least time of the processor, which a busy machine changes least. Each
command is a whole process with that checkout's code, a cache and a scratch folder of its own. The scored task is
XQuAD-R with `static`, untrained, on vectors that an unmeasured run has kept (XBENCH_DATA has lareqa/).
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

TOP = Path(__file__).parents[1]
START = "import sys; sys.path.insert(0, {top!r}); import {module}"
RUN = "import sys; sys.path.insert(0, {top!r}); from xbench.cli import main; main()"
SCORED = ["run", "--model", "static", "--corpus", "facts", "--task", "xquad-r", "--json", "--out", "results"]


class Cost(NamedTuple):
    """Seconds of a process: by the clock, and of the processor."""

    clock: float
    processor: float


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Checkout:
    """One side: its code, and folders that only it uses."""

    def __init__(self, top: Path, scratch: Path) -> None:
        self.top, self.scratch = top.resolve(), scratch
        scratch.mkdir()

    def python(self, code: str, *line: str) -> Cost:
        """What a process takes."""
        environment = {"XBENCH_DATA": str(TOP.parent / "shared" / "data"), **os.environ}
        environment["XBENCH_CACHE"] = str(self.scratch / "cache")
        used, started = _processor(), time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", code.format(top=str(self.top), module="xbench"), *line],
            cwd=self.scratch, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        cost = Cost(time.perf_counter() - started, _processor() - used)
        if done.returncode:
            sys.exit(f"{self.top}: {' '.join(line)}: {done.stderr[-800:]}")
        return cost

    def scored(self) -> Cost:
        shutil.rmtree(self.scratch / "results", ignore_errors=True)
        return self.python(RUN, *SCORED)

    def board(self) -> Cost:
        shutil.rmtree(self.scratch / "site", ignore_errors=True)
        return self.python(RUN, "leaderboard", "build", "--results", str(self.scratch.parent / "many"), "--out", "site")

    def rebuilt(self) -> Cost:
        return self.python(RUN, "leaderboard", "build", "--results", str(self.scratch.parent / "many"), "--out", "site")


CASES: dict[str, tuple[Callable[[Checkout], Cost], int]] = {  # and how many times the repeats
    "`import xbench`": (lambda side: side.python(START), 4),
    "`xbench --help`": (lambda side: side.python(RUN, "--help"), 4),
    "XQuAD-R scored, vectors kept": (Checkout.scored, 1),
    "a board of 1,000 results": (Checkout.board, 1),
    "the same board built again": (Checkout.rebuilt, 1),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    print(
        "| | before, s | after, s | after / before | of the least | of the processor |\n|---|---:|---:|---:|---:|---:|"
    )
    with tempfile.TemporaryDirectory() as folder:
        from board import write

        sides = [Checkout(top, Path(folder, name)) for name, top in (("b", asked.before), ("a", asked.after))]
        if any(asked.only in name for name in CASES if "board" in name):
            for number in range(1000):
                write(Path(folder, "many"), number)
        for name, (case, times) in CASES.items():
            if asked.only not in name:
                continue
            for side in sides:  # unmeasured: fills caches and compiles
                case(side)
            pairs = [[case(side) for side in sides] for _ in range(asked.repeats * times)]
            before, after = ([pair[number].clock for pair in pairs] for number in (0, 1))
            least = [min(pair[number].processor for pair in pairs) for number in (0, 1)]
            ratios = (
                statistics.median(pair[1].clock / pair[0].clock for pair in pairs),
                min(after) / min(before),
                least[1] / least[0],
            )
            shown = [f"{statistics.median(part):.3f} (least {min(part):.3f})" for part in (before, after)]
            shown += [f"{ratio:.2f}" for ratio in ratios]
            print(f"| {name} | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
