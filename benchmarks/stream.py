"""Cost of the stream of batches on a synthetic corpus: memory beside the map, time of a batch, by size of the corpus.

Run:    python benchmarks/stream.py --units 10000000 --folder <a folder with 12 GB free>

Documents of 20 sentences in every language, relation `next`: a sentence is the passage of one unit and the query of the
next. "Beside the map" is RssAnon of Linux: memory of the process that is no page of a mapped file, which the system
takes back whenever it likes. What the interpreter and its libraries hold before is subtracted.
"""

from __future__ import annotations

import argparse
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from xbench.data.loaders.relations import related
from xbench.specs import Mix
from xbench.specs.registry import load
from xbench.training.batches import BatchStream
from xbench.training.corpus_table import MANIFEST, open_table
from xbench.training.table_writer import TableWriter

LANGUAGES = ("ar", "de", "en", "zh")
SENTENCES = 20
MIX = Mix(mono=0.4, cross=0.4, mixed=0.1, parallel=0.1)


def beside_the_map() -> int:
    """Bytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    raise SystemExit("RssAnon is told by Linux only")


def measured(work: Callable[[], Any]) -> tuple[Any, float, int]:
    """The outcome, seconds, and the most memory beside the map above what there was before, in bytes."""
    before, most, done = beside_the_map(), 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.02):
            most = max(most, beside_the_map())

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    outcome = work()
    seconds = time.perf_counter() - started
    done.set()
    watcher.join()
    return outcome, seconds, max(most, beside_the_map()) - before


def sentences(units: int) -> Iterator[tuple[str, dict[str, str]]]:
    """A document of SENTENCES sentences gives one unit less."""
    for document in range(-(-units // (SENTENCES - 1))):
        for sentence in range(SENTENCES):
            yield str(document), {lang: f"sentence {sentence} of document {document} in {lang}" for lang in LANGUAGES}


def build(folder: Path, units: int) -> None:
    folder.mkdir(parents=True)
    writer = TableWriter(folder, LANGUAGES)
    for unit in related(sentences(units), "next"):
        writer.unit(unit.query, unit.passage)
    writer.finish(folder.name, "next")


def plan(folder: Path, batch: int, steps: int) -> tuple[int, list[float]]:
    """Units, and the seconds of each batch after the first ten."""
    corpus = open_table(folder, "next")
    stream = BatchStream(corpus, MIX, 0.5, batch, 0)
    times = []
    for step in range(steps + 10):
        started = time.perf_counter()
        stream[step]
        times.append(time.perf_counter() - started)
    return len(corpus), sorted(times[10:])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--units", type=int, nargs="+", default=[10_000, 1_000_000, 10_000_000])
    arguments.add_argument("--folder", type=Path, default=Path("stream-benchmark"))
    arguments.add_argument("--batch", type=int, default=512)
    arguments.add_argument("--steps", type=int, default=2000)
    asked = arguments.parse_args()
    load("recipe", "hybrid")  # what every command has in memory
    print("| units | table, GB | build, s | beside the map, MB | plan, steps | beside the map, MB | ms a batch |")
    print("|---|---|---|---|---|---|---|")
    for units in asked.units:
        folder = asked.folder / f"units-{units}"
        cost = ("kept", "kept")
        if not (folder / MANIFEST).is_file():
            shutil.rmtree(folder, ignore_errors=True)
            _, seconds, memory = measured(lambda folder=folder, units=units: build(folder, units))
            cost = (f"{seconds:.0f}", f"{memory / 1e6:.0f}")
        size = sum(path.stat().st_size for path in folder.iterdir())
        (count, times), _, memory = measured(lambda folder=folder: plan(folder, asked.batch, asked.steps))
        median = 1000 * times[len(times) // 2]
        print(
            f"| {count:,} | {size / 1e9:.2f} | {cost[0]} | {cost[1]} | {asked.steps:,} of {asked.batch} "
            f"| {memory / 1e6:.1f} | {median:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
