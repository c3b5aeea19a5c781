"""A report as values: sections of words, tables and figures, whatever form it is written in. Knows no study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """`head` and `rows` of equal length; the first column names the row. `note` stands below."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A drawing as SVG, under the name of its file; `title` says what it shows, for those who do not see it too."""

    name: str
    title: str
    svg: str


@dataclass(frozen=True)
class Section:
    """`paragraphs` first, then `points` of a list, tables and figures; `code`: lines to be typed as they are."""

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    code: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """The whole report; `records`: every tested number, for programs."""

    title: str
    sections: tuple[Section, ...]
    records: tuple[dict[str, str | float | None], ...] = ()
