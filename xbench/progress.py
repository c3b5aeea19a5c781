"""What long work tells while it runs, as a protocol; how it looks is the terminal's business."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Bar(Protocol):
    """One piece of work in progress."""

    def advance(self, steps: int = 1, note: str = "") -> None: ...


class Reporter(Protocol):
    """Where words and bars go."""

    def say(self, text: str) -> None: ...
    def bar(self, label: str, total: int, unit: str = "") -> AbstractContextManager[Bar]: ...


class Numbered:
    """A reporter for one of several pieces of work: says which one it is before anything else of it, and on each bar.

    What is the only one goes without a number.
    """

    def __init__(self, reporter: Reporter, label: str, number: int, count: int) -> None:
        self._reporter = reporter
        self._place = f"[{number}/{count}] " if count > 1 else ""
        if self._place:
            reporter.say(f"{self._place}{label}")

    def say(self, text: str) -> None:
        self._reporter.say(text)

    def bar(self, label: str, total: int, unit: str = "") -> AbstractContextManager[Bar]:
        return self._reporter.bar(f"{self._place}{label}", total, unit)


class _NoBar:
    def advance(self, steps: int = 1, note: str = "") -> None:
        return


class Silent:
    """Tells nothing."""

    def say(self, text: str) -> None:
        return

    @contextmanager
    def bar(self, label: str, total: int, unit: str = "") -> Iterator[Bar]:
        yield _NoBar()
