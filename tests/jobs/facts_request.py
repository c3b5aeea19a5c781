"""What tests of jobs ask for: the embedded facts in two languages, and a reporter that remembers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xbench.data.download import Storage
from xbench.jobs.request import Request
from xbench.progress import Bar, Silent

OFFICIAL = {"task.options.kinds": ["official-language"]}  # 237 questions of each language
FIRST_DAY = {"corpus.kinds": ["first-day"]}  # 148 units


def request(folder: Path, **changes: Any) -> Request:
    """The chance row on one kind of facts; settings are added to those of the task."""
    defaults: dict[str, Any] = {
        "models": ("random",),
        "tasks": ("facts",),
        "languages": ("de", "en"),
        "out": Path("out"),
        "storage": Storage(cache=folder / "cache", offline=True),
    }
    settings = OFFICIAL | changes.pop("settings", {})
    return Request(**defaults | changes, settings=settings)


def training(folder: Path, **changes: Any) -> Request:
    """A static model trained in seven steps of 16 on another kind of facts."""
    settings = {"steps": 7, "batch_size": 16, **FIRST_DAY, **changes.pop("settings", {})}
    defaults: dict[str, Any] = {"models": ("static",), "recipes": ("hybrid",), "corpus": "facts"}
    return request(folder, **defaults | changes, settings=settings)


class Listener(Silent):
    """Remembers what is said, and the labels of bars."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.bars: list[tuple[str, int, str]] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    @contextmanager
    def bar(self, label: str, total: int, unit: str = "") -> Iterator[Bar]:
        self.bars.append((label, total, unit))
        with super().bar(label, total, unit) as bar:
            yield bar
