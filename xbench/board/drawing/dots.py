"""A dot plot: for every row the values of several sources on one line, so that their distance is seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from markupsafe import Markup
from pydantic import Field

from xbench.board.drawing.axes import Axis, linear
from xbench.board.drawing.svg import (
    BROAD,
    bar,
    circle,
    diamond,
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

ROW, TOP, BOTTOM = 22.0, 30.0, 44.0
NARROW = 600.0
GUTTER = 14.0


class Dot(Spec):
    """A value of one source, with its interval where it has one."""

    value: Quantity
    label: Words
    mark: Literal["measured", "published"] = "measured"
    low: Quantity | None = None
    high: Quantity | None = None
    href: Address = ""


class DotRow(Spec):
    """What the values are of."""

    label: Words
    dots: Annotated[tuple[Dot, ...], Field(max_length=50)]


class Dots(Picture):
    """Rows, one below the other."""

    kind: Literal["dots"] = "dots"
    rows: Annotated[tuple[DotRow, ...], Field(min_length=1, max_length=300)]


def dots(picture: Dots, name: str, width: float = BROAD) -> Markup:
    """The picture; as high as its rows need. Empty where no row has a value."""
    every = [dot for row in picture.rows for dot in row.dots]
    if not every:
        return Markup("")
    slim = width < NARROW
    left = GUTTER if slim else min(0.4 * width, max(room(row.label) for row in picture.rows) + GUTTER)
    ends = [value for dot in every for value in (dot.value, dot.low, dot.high) if value is not None]
    x = linear(ends, left, width - GUTTER)
    step = ROW + (16 if slim else 0)
    end = TOP + step * len(picture.rows)
    parts = [
        *(path(f"M{x.at(tick)},{TOP - 12}V{end - 8}", "rule") for tick in x.ticks()),
        *(part for place, row in enumerate(picture.rows) for part in _row(row, TOP + step * place, x, slim, width)),
        *scale_across(x, end - 4),
        text(width - GUTTER, end + 34, picture.across, "axis", "end"),
    ]
    return frame(picture, name, (width, end + BOTTOM), parts, any(dot.href for dot in every))


def _row(row: DotRow, top: float, x: Axis, slim: bool, width: float) -> Iterator[Markup]:
    height = top + (16 if slim else 0)
    yield text(0, top + 4, shortened(row.label, width if slim else x.start - GUTTER), "name")
    values = [x.at(dot.value) for dot in row.dots]
    if len(values) > 1:
        yield path(f"M{min(values)},{height}H{max(values)}", "lead")
    for dot in row.dots:
        yield bar(x, height, dot.low, dot.high)
        words = f"{dot.label}: {number(dot.value)}"
        published = dot.mark == "published"
        draw = diamond if published else circle
        mark = draw(x.at(dot.value), height, words, "dot" if published else "front", dot.mark)
        yield linked(mark, dot.href, words)
