"""A forest plot: effects with their intervals, one below the other, beside the line of no effect and its margins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from markupsafe import Markup
from pydantic import Field

from xbench.board.drawing.axes import Axis, linear
from xbench.board.drawing.svg import (
    BROAD,
    bar,
    circle,
    frame,
    linked,
    path,
    room,
    scale_across,
    shortened,
    text,
)
from xbench.board.drawing.values import Address, Picture, Quantity, Words
from xbench.board.pages import number
from xbench.specs.parts import Spec

ROW, TOP, BOTTOM = 24.0, 20.0, 44.0
NARROW = 600.0  # below it names stand above their intervals
GUTTER = 12.0


class ForestRow(Spec):
    """An effect; `found`: whether the interval decides the question, which fills the mark. `group` stands above the
    first row of those that share it."""

    label: Words
    effect: Quantity
    low: Quantity | None = None
    high: Quantity | None = None
    group: Words = ""
    found: bool = False
    href: Address = ""


class Forest(Picture):
    """`null`: no effect. `margin`: how far from it an effect is still none that matters, drawn on both sides."""

    kind: Literal["forest"] = "forest"
    rows: Annotated[tuple[ForestRow, ...], Field(min_length=1, max_length=300)]
    null: Quantity = 0.0
    margin: Annotated[float, Field(ge=0, le=1e12)] | None = None
    digits: Annotated[int, Field(ge=0, le=6)] = 1


def forest(picture: Forest, name: str, width: float = BROAD) -> Markup:
    """The picture; as high as its rows need."""
    slim = width < NARROW
    told = [_numbers(row, picture.digits) for row in picture.rows]
    most = max(room(words) for words in told)
    left = GUTTER if slim else min(0.4 * width, max(room(row.label) for row in picture.rows) + GUTTER)
    right = width - most - GUTTER
    x = linear(_values(picture), left, right)
    heights, heads, end = _heights(picture.rows, slim)
    parts = [
        *_lines(picture, x, end),
        *heads,
        *(
            part
            for row, words, height in zip(picture.rows, told, heights, strict=True)
            for part in _row(row, words, height, x, slim, width)
        ),
        *scale_across(x, end),
        text(right, end + 36, picture.across, "axis", "end"),
    ]
    return frame(picture, name, (width, end + BOTTOM), parts, any(row.href for row in picture.rows))


def _values(picture: Forest) -> list[float]:
    margin = picture.margin or 0.0
    ends = [value for row in picture.rows for value in (row.effect, row.low, row.high) if value is not None]
    return [*ends, picture.null - margin, picture.null + margin]


def _heights(rows: Sequence[ForestRow], slim: bool) -> tuple[list[float], list[Markup], float]:
    """The height of every row, the groups' names, and where the picture ends."""
    heights, heads, at, group = [], [], TOP, ""
    for row in rows:
        if row.group != group:
            group = row.group
            heads.append(text(0, at + 4, group, "name", "group"))
            at += ROW
        at += 16 if slim else 0
        heights.append(at)
        at += ROW
    return heights, heads, at


def _lines(picture: Forest, x: Axis, end: float) -> Iterator[Markup]:
    yield path(f"M{x.at(picture.null)},4V{end - 8}", "zero")
    for side in (-1, 1) if picture.margin else ():
        yield path(f"M{x.at(picture.null + side * (picture.margin or 0))},4V{end - 8}", "rule", "dashed")


def _row(row: ForestRow, words: str, height: float, x: Axis, slim: bool, width: float) -> Iterator[Markup]:
    yield text(
        0, height - 12 if slim else height + 4, shortened(row.label, width if slim else x.start - GUTTER), "name"
    )
    yield bar(x, height, row.low, row.high)
    said = f"{row.label}: {words}"
    yield linked(circle(x.at(row.effect), height, said, "front" if row.found else "dot"), row.href, said)
    yield text(width, height + 4, words, "tick", "end")


def _numbers(row: ForestRow, digits: int) -> str:
    if row.low is None or row.high is None:
        return number(row.effect, digits)
    return f"{number(row.effect, digits)} ({number(row.low, digits)} to {number(row.high, digits)})"
