"""A small task beside many kept texts: the time and memory of one pair of facts, with and without them.

    python benchmarks/vector_store.py [--texts 60000]

Each figure is a whole process (`xbench run`, a result that is not there yet, the task's own vectors kept), so what a
store costs to open is in it; the ratio says what the texts of other tasks and corpora cost a task that needs none.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

TASK = ("--task", "facts", "--languages", "en", "--set", "model.dimension=384")
MEASURED = """
import resource, sys
from xbench.cli import main
try:
    main()
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""
FILLED = """
import sys
from pathlib import Path
from xbench.encoders.chance import RandomEncoder
from xbench.encoders.vectors import encode_all
from xbench.progress import Silent
from xbench.specs import registry
encoder = RandomEncoder(registry.load("model", "random").spec.model_copy(update={"dimension": 384}), 0)
texts = tuple(f"another text, number {number}" for number in range(int(sys.argv[1])))
for role in ("query", "document"):
    encode_all(encoder, {"en": texts}, role, Path(sys.argv[2]), Silent())
"""


def run(cache: Path, out: Path) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak MB of one run."""
    command = [sys.executable, "-c", MEASURED, "run", "--model", "random", *TASK, "--out", str(out), "--json"]
    environment = os.environ | {"XBENCH_CACHE": str(cache)}
    before, started = os.times(), time.perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    wall, after = time.perf_counter() - started, os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, spent, int(ended.stderr.split()[-1]) / 1024


def measured(cache: Path, repeats: int) -> list[tuple[float, float, float]]:
    with tempfile.TemporaryDirectory() as folder:
        run(cache, Path(folder) / "first")  # the task's own texts are kept from here on
        return [run(cache, Path(folder) / str(number)) for number in range(repeats)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=60_000, help="kept for each role beside those of the task")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, texts in (("alone", 0), ("full", options.texts)):
            cache = Path(folder) / name
            if texts:
                subprocess.run([sys.executable, "-c", FILLED, str(texts), str(cache)], check=True)
            figures[name] = measured(cache, options.repeats)
    medians = {
        name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in figures.items()
    }
    for name, (wall, spent, peak) in medians.items():
        kept = options.texts if name == "full" else 0
        print(f"{kept:>7,} other texts kept for each role: {wall:.2f} s, {spent:.2f} s of processors, {peak:.0f} MB")
    ratios = np.array(medians["full"]) / np.array(medians["alone"])
    print(f"full / alone: {ratios[0]:.2f} wall, {ratios[1]:.2f} processors, {ratios[2]:.2f} peak memory")


if __name__ == "__main__":
    main()
