"""What all alignment metrics cost beside one scoring pass over the same vectors; docs/benchmarks.md keeps the figures.

    XBENCH_DATA=<folder with lareqa/> python benchmarks/alignment.py [--task xquad-r] [--repeats 5] [--minilm]

Of random vectors of 384 dimensions, for no cost depends on what vectors say, or of all-MiniLM-L6-v2 (`make encoder`),
which encodes for minutes first. A scoring pass is every pair, the pool, four metrics and the language bias.
"""

import argparse
import statistics
import time

import numpy as np
from speed import PLAN, load, minilm, seconds

from xbench.encoders.chance import RandomEncoder
from xbench.evaluation import grid
from xbench.evaluation.parallel_units import parallel_units
from xbench.jobs.alignment import measured_alignment
from xbench.progress import Silent
from xbench.specs import registry


class Kept:
    """A preparation whose vectors are there."""

    def __init__(self, sides: dict[str, dict[str, np.ndarray]]) -> None:
        self._sides = sides

    def vectors(self, collection, role, rows):
        return {language: self._sides[role][language][places] for language, places in rows.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", default="xquad-r")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--minilm", action="store_true")
    options = parser.parse_args()
    spec = registry.load("model", "random").spec.model_copy(update={"dimension": 384})
    encoder = minilm() if options.minilm else RandomEncoder(spec, 0)
    collection, queries, documents = load(options.task, encoder)
    kept = Kept({"query": queries, "document": documents})
    every = list(parallel_units(collection, "queries"))

    def align() -> None:
        measured_alignment(kept, collection, "queries", every, Silent())

    align()  # warms up
    rows = []
    for _ in range(options.repeats):
        before = time.process_time()
        whole = seconds(lambda: grid.evaluate(collection, queries, documents, PLAN))
        middle = time.process_time()
        aligned = seconds(align)
        rows.append((aligned / whole, (time.process_time() - middle) / (middle - before), aligned, whole))
    ratios, spent, aligned, whole = zip(*rows, strict=True)
    print(
        f"{options.task}, {2 * len(every)} pairs: alignment / scoring pass {statistics.median(ratios):.2f}"
        f" (min {min(ratios):.2f}, max {max(ratios):.2f}); of the processor {statistics.median(spent):.2f};"
        f" {statistics.median(aligned):.1f} s and {statistics.median(whole):.1f} s"
    )


if __name__ == "__main__":
    main()
