"""How words, bars and tables look: rich on a terminal, plain lines elsewhere. Words and bars go to standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from xbench.evaluation.scores import HALVES
from xbench.progress import Bar
from xbench.reports.examples import Example
from xbench.reports.significance import Difference, seed_interval
from xbench.results.result import Result

SHORTEST_TOLD = 1.0  # seconds; shorter work leaves no line behind
PLAIN_WIDTH = 10_000


def console(stderr: bool = False) -> Console:
    """A console that colours only terminals and does not fold lines elsewhere."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else PLAIN_WIDTH, highlight=False)


class Terminal:
    """A Reporter on standard error."""

    def __init__(self) -> None:
        self._console = console(stderr=True)

    def say(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def bar(self, label: str, total: int, unit: str = "") -> Iterator[Bar]:
        started = time.perf_counter()
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
        )
        hidden = not self._console.is_terminal
        with Progress(*columns, console=self._console, transient=True, disable=hidden) as progress:
            bar = _Bar(progress, progress.add_task(label, total=total, note="", rate=""), unit, started)
            yield bar
        seconds = time.perf_counter() - started
        if seconds >= SHORTEST_TOLD:
            self.say(f"{label}: {total:,} {unit}, {seconds:.1f} s" + (f", {bar.note}" if bar.note else ""))


class _Bar:
    """A bar that also shows how many units pass in a second."""

    def __init__(self, progress: Progress, task: TaskID, unit: str, started: float) -> None:
        self._progress, self._task = progress, task
        self._unit, self._started, self._done = unit, started, 0
        self.note = ""

    def advance(self, steps: int = 1, note: str = "") -> None:
        self._done += steps
        self.note = note or self.note
        rate = self._done / max(time.perf_counter() - self._started, 1e-9)
        self._progress.update(self._task, advance=steps, note=note, rate=f"{rate:,.0f} {self._unit}/s")


class DownloadBar:
    """pooch's progress protocol on a Reporter's terminal."""

    def __init__(self, label: str) -> None:
        self._label, self._done, self._total = label, 0, 0
        self._console = console(stderr=True)
        self._progress = Progress(console=self._console, transient=True)
        self._task = self._progress.add_task(label, total=None)
        if self._console.is_terminal:
            self._progress.start()

    @property
    def total(self) -> int:
        return self._total

    @total.setter
    def total(self, size: int) -> None:
        self._total = int(size)
        self._progress.update(self._task, total=self._total)

    def update(self, size: int) -> None:
        self._done += size
        self._progress.update(self._task, completed=self._done)

    def reset(self) -> None:
        self._done = 0
        self._progress.update(self._task, completed=0)

    def close(self) -> None:
        if self._console.is_terminal:
            self._progress.stop()
        if self._done:
            self._console.print(f"fetched {self._label}: {self._done / 1e6:.1f} MB", markup=False, soft_wrap=True)
            self._done = 0  # pooch closes it too


def results_table(results: Sequence[Result]) -> Table:
    """One row per configuration and task: Mo, Cr, Mul, rank distance, gap; over several seeds, mean and interval."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    configurations: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        key: tuple[str, ...] = (result.task, result.shown_model, result.recipe, result.corpus or "-", result.digest)
        configurations.setdefault(key, []).append(result)
    several = any(len(seeds) > 1 for seeds in configurations.values())
    for heading in ("task", "model", "recipe", "corpus", "seeds" if several else "seed"):
        table.add_column(heading, overflow="fold")
    for heading in ("Mo", "Cr", "Mul", "rank distance", "gap"):
        table.add_column(heading, justify="right", no_wrap=True)
    for key, seeds in configurations.items():
        columns = zip(*(_columns(result) for result in seeds), strict=True)
        shown = [mean_and_interval(values, digits) for values, digits in zip(columns, (4, 4, 4, 1, 4), strict=True)]
        table.add_row(*key[:4], ", ".join(str(result.seed) for result in seeds), *shown)
    if several:
        table.caption = "several seeds: mean \u00b1 half of its 95 % interval (Student's t)"
        table.caption_justify = "left"
    return table


def _columns(result: Result) -> tuple[float | None, ...]:
    means = (result.scores.macro(column, result.metric) for column in HALVES)
    return (*means, result.bias.distance.mean, result.gap.absolute)


def mean_and_interval(values: Sequence[float | None], digits: int = 4) -> str:
    """The mean of the seeds' values and, where there are several, half of its 95 % interval."""
    found = [value for value in values if value is not None]
    if len(found) < len(values):
        return "-"
    mean, half = seed_interval(found)
    return number(mean, digits) + (f" \u00b1 {number(half, digits)}" if half is not None else "")


def differences_table(differences: Sequence[Difference]) -> Table:
    """One row per setting: both sides, the difference with its interval, then p and what could have been shown."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("setting", "A", "B", "A - B", "95 % interval", "p", "p (Holm)", "detectable"):
        table.add_column(heading, justify="left" if heading == "setting" else "right", no_wrap=True)
    for one in differences:
        interval = f"{one.low:+.4f} to {one.high:+.4f}"
        values = (number(one.first), number(one.second), f"{one.value:+.4f}", interval)
        table.add_row(one.name, *values, number(one.p), number(one.p_holm), number(one.detectable))
    return table


def examples_table(found: Sequence[Example], metric: str) -> Table:
    """Queries by id with the rank of their gold on both sides: the clearest wins of A, then its clearest losses."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("query", "rank A", "rank B", f"{metric} A", f"{metric} B"):
        table.add_column(heading, justify="left" if heading == "query" else "right", no_wrap=True)
    for one in found:
        ranks = (number(rank, 1) for rank in (one.first_rank, one.second_rank))
        table.add_row(one.query, *ranks, number(one.first), number(one.second))
    return table


def number(value: Any, digits: int = 4) -> str:
    """A number as people read it; a dash where there is none."""
    return "-" if value is None else f"{value:,.{digits}f}"
