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
