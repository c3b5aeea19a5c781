"""How words, bars and tables look: rich on a terminal, plain lines elsewhere. Words and bars go to standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from rich.console import Console, Group
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from xbench.errors import printable
from xbench.evaluation.scores import HALVES
from xbench.progress import Bar
from xbench.reports.examples import Example
from xbench.reports.significance import Difference
from xbench.results.result import Result
from xbench.results.seeds import seed_interval

LONG_WORK = 1.0  # seconds; shorter work leaves no line behind
PLAIN_WIDTH = 10_000
WIDE, WIDE_BAR, NARROW_BAR = 110, 40, 6  # columns of a terminal from which on the bar is the wide one, and of both
BESIDE_BAR = 32  # columns of what stands beside label and bar, but for the counts and the unit: rate, loss, time
SHORTEST_LABEL = 12
MEASURES = {"Mo": 4, "Cr": 4, "Mul": 4, "rank\ndistance": 1, "gap": 4}  # headings, and digits after the point
DESCRIPTION = ("task", "model", "recipe", "corpus", "seed")
ALWAYS = ("model", "recipe")  # shown in every row, even where all rows share them


class VisibleConsole(Console):
    """A console that shows a text's control characters by their code instead of obeying them."""

    def render_str(self, text: str, *arguments: Any, **options: Any) -> Text:
        """The text as rich prints it, alone or in a table."""
        return super().render_str(printable(text), *arguments, **options)


def console(stderr: bool = False) -> Console:
    """A console that colours only terminals and does not fold lines elsewhere."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PLAIN_WIDTH
    return VisibleConsole(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


class Terminal:
    """A Reporter on standard error."""

    def __init__(self) -> None:
        self._console = console(stderr=True)

    def say(self, text: str) -> None:
        """Print a line, whole even where it is longer than the terminal is wide."""
        self._console.print(text, soft_wrap=True)

    @contextmanager
    def bar(self, label: str, total: int, unit: str = "") -> Iterator[Bar]:
        """Show progress on a terminal; leave one line of what took a second or more."""
        bar = _Bar(unit)
        with self._on_screen(bar, label, total) if self._console.is_terminal else nullcontext():
            yield bar
        if bar.seconds >= LONG_WORK:
            self.say(f"{label}: {total:,} {unit}, {bar.seconds:.1f} s" + (f", {bar.note}" if bar.note else ""))

    @contextmanager
    def _on_screen(self, bar: _Bar, label: str, total: int) -> Iterator[None]:
        width = self._console.width
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(NARROW_BAR if width < WIDE else WIDE_BAR),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
        )
        beside = NARROW_BAR + 2 * len(str(total)) + len(bar.unit) + BESIDE_BAR
        with Progress(*columns, console=self._console, transient=True) as progress:
            bar.show(progress, progress.add_task(short_label(label, width - beside), total=total, note="", rate=""))
            yield


def short_label(label: str, width: int) -> str:
    """Both ends of a label that has more characters than `width`."""
    kept = max(width, SHORTEST_LABEL) - 1
    label = printable(label, "")
    return label if len(label) <= kept + 1 else f"{label[: kept // 2]}\u2026{label[kept // 2 - kept :]}"


class _Bar:
    """Counts units, and shows how many pass in a second where it is on the screen."""

    def __init__(self, unit: str) -> None:
        self.unit, self.note = unit, ""
        self._started, self._done = time.perf_counter(), 0
        self._shown: tuple[Progress, TaskID] | None = None

    @property
    def seconds(self) -> float:
        """Since the bar began."""
        return time.perf_counter() - self._started

    def show(self, progress: Progress, task: TaskID) -> None:
        """From now on, every step is seen there."""
        self._shown = progress, task

    def advance(self, steps: int = 1, note: str = "") -> None:
        """So many units more are done; the note stands beside them until there is another."""
        self._done += steps
        self.note = note or self.note
        if self._shown:
            progress, task = self._shown
            rate = self._done / max(self.seconds, 1e-9)
            progress.update(task, advance=steps, note=note, rate=f"{rate:,.0f} {self.unit}/s")


class DownloadBar:
    """pooch's progress protocol on a Reporter's terminal."""

    def __init__(self, label: str) -> None:
        self._label, self._done, self._total = printable(label, ""), 0, 0
        self._console = console(stderr=True)
        self._progress = Progress(console=self._console, transient=True)
        self._task = self._progress.add_task(self._label, total=None)
        if self._console.is_terminal:
            self._progress.start()

    @property
    def total(self) -> int:
        """Bytes of the file, as pooch learns them."""
        return self._total

    @total.setter
    def total(self, size: int) -> None:
        self._total = int(size)
        self._progress.update(self._task, total=self._total)

    def update(self, size: int) -> None:
        """So many bytes more are here."""
        self._done += size
        self._progress.update(self._task, completed=self._done)

    def reset(self) -> None:
        """Begin again."""
        self._done = 0
        self._progress.update(self._task, completed=0)

    def close(self) -> None:
        """Leave one line of what was fetched."""
        if self._console.is_terminal:
            self._progress.stop()
        if self._done:
            self._console.print(f"fetched {self._label}: {self._done / 1e6:.1f} MB", soft_wrap=True)
            self._done = 0  # pooch closes it too


def results_table(results: Sequence[Result]) -> Group:
    """A line of what all rows share, then a row per configuration and task: Mo, Cr, Mul, rank distance, gap.

    Over several seeds a cell holds the mean and, below it, half of its interval. Fits 80 columns.
    """
    configurations: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        key: tuple[str, ...] = (result.task, result.shown_model, result.recipe, result.corpus or "-", result.digest)
        configurations.setdefault(key, []).append(result)
    rows = [_description(seeds) for seeds in configurations.values()]
    shared = [name for name in DESCRIPTION if name not in ALWAYS and len({row[name] for row in rows}) == 1]
    several = any(len(seeds) > 1 for seeds in configurations.values())
    words = {"task": "", "seed": "seeds " if several else "seed "}
    parts = [words.get(name, f"{name} ") + rows[0][name] for name in shared]
    above = "; ".join(part for part in parts if not part.endswith(" -"))
    below = "\u00b1: half of the 95 % interval of the mean over seeds (Student's t)" if several else ""
    table = _empty_table([name for name in DESCRIPTION if name not in shared])
    for row, seeds in zip(rows, configurations.values(), strict=True):
        table.add_row(*(text for name, text in row.items() if name not in shared), *_measurements(seeds))
    return Group(*([Text(printable(above))] if above else []), table, *([Text(below)] if below else []))


def _empty_table(description: Sequence[str]) -> Table:
    """Names may fold, down to their heading; numbers stay whole."""
    table = Table(box=None, pad_edge=False, padding=(0, 1 if len(description) > 3 else 2, 0, 0), header_style="bold")
    for name in description:
        table.add_column(name, overflow="fold", min_width=len(name))
    for heading in MEASURES:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _measurements(seeds: Sequence[Result]) -> list[str]:
    columns = zip(*(_columns(result) for result in seeds), strict=True)
    return [mean_and_interval(values, digits) for values, digits in zip(columns, MEASURES.values(), strict=True)]


def _description(seeds: Sequence[Result]) -> dict[str, str]:
    """What a configuration is, by the heading of each column."""
    first = seeds[0]
    words = (f"{first.task}, {first.metrics[0]}", first.shown_model, first.recipe, first.corpus or "-")
    return dict(zip(DESCRIPTION, (*words, ", ".join(str(result.seed) for result in seeds)), strict=True))


def _columns(result: Result) -> tuple[float | None, ...]:
    means = (result.scores.macro(column, result.metric) for column in HALVES)
    return (*means, result.bias.distance.mean, result.gap.absolute)


def mean_and_interval(values: Sequence[float | None], digits: int = 4) -> str:
    """The mean of the seeds' values and, where there are several, half of its 95 % interval on a line of its own."""
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return "-"
    mean, half = seed_interval(known)
    return number(mean, digits) + (f"\n\u00b1{number(half, digits)}" if half is not None else "")


def differences_table(differences: Sequence[Difference]) -> Table:
    """One row per setting: both sides, the difference with its interval, then p and what could have been shown."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for heading in ("setting", "A", "B", "A - B", "95 % interval", "p", "p (Holm)", "detectable"):
        table.add_column(heading, justify="left" if heading == "setting" else "right", no_wrap=True)
    for difference in differences:
        interval = f"{difference.low:+.4f} to {difference.high:+.4f}"
        values = (number(difference.first), number(difference.second), f"{difference.value:+.4f}", interval)
        tests = (number(difference.p), number(difference.p_holm), number(difference.detectable))
        table.add_row(difference.name, *values, *tests)
    return table


def examples_table(examples: Sequence[Example], metric: str) -> Table:
    """Queries by id with the rank of their gold on both sides: the clearest wins of A, then its clearest losses."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("query", "rank A", "rank B", f"{metric} A", f"{metric} B"):
        table.add_column(heading, justify="left" if heading == "query" else "right", no_wrap=True)
    for example in examples:
        ranks = (number(rank, 1) for rank in (example.first_rank, example.second_rank))
        table.add_row(example.query, *ranks, number(example.first), number(example.second))
    return table


def number(value: float | None, digits: int = 4) -> str:
    """A number as people read it; a dash where there is none."""
    return "-" if value is None else f"{value:,.{digits}f}"
