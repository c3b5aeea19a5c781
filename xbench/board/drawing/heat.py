"""Shades of numbers: a matrix of rows and columns, and a triangle of mixes of three.

A shade is the mark's opacity, so light that text on it can be read in both themes; every cell says its number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from markupsafe import Markup
from pydantic import Field, model_validator

from xbench.board.drawing.svg import BROAD, frame, path, room, shortened, text
from xbench.board.drawing.values import Picture, Quantity, Words
from xbench.board.pages import DASH, number
from xbench.errors import visible
from xbench.specs.parts import Spec

FAINT, STRONG = 0.05, 0.5  # opacity of the least and of the largest value
CELL, HIGH, HEAD = 64.0, 26.0, 26.0
DISC = 17.0


class Matrix(Picture):
    """`values` by row, none where there is no value. `diverging`: shades away from zero, less in rust. `sure` marks
    cells, such as those that a test finds."""

    kind: Literal["matrix"] = "matrix"
    rows: Annotated[tuple[Words, ...], Field(min_length=1, max_length=200)]
    columns: Annotated[tuple[Words, ...], Field(min_length=1, max_length=200)]
    values: tuple[tuple[Quantity | None, ...], ...]
    sure: tuple[tuple[bool, ...], ...] = ()
    diverging: bool = False
    digits: Annotated[int, Field(ge=0, le=6)] = 1

    @model_validator(mode="after")
    def _rectangle(self) -> Matrix:
        for name, cells in (("values", self.values), ("sure", self.sure)):
            if (cells or name == "values") and [len(row) for row in cells] != [len(self.columns)] * len(self.rows):
                raise ValueError(f"{name}: a row for each of rows, with an entry for each of columns")
        return self


class TernaryPoint(Spec):
    """A mix of three shares, which are taken relative to their sum, and its value."""

    shares: Annotated[tuple[Annotated[float, Field(ge=0, le=1e6)], ...], Field(min_length=3, max_length=3)]
    value: Quantity
    label: Words = ""


class Ternary(Picture):
    """`corners`: what is mixed; the first at the left, the second at the right, the third on top."""

    kind: Literal["ternary"] = "ternary"
    corners: Annotated[tuple[Words, ...], Field(min_length=3, max_length=3)]
    points: Annotated[tuple[TernaryPoint, ...], Field(min_length=1, max_length=500)]
    digits: Annotated[int, Field(ge=0, le=6)] = 1


def opacity(value: float, low: float, high: float) -> float:
    """FAINT at `low` to STRONG at `high`; the middle where they are one."""
    share = (value - low) / (high - low) if high > low else 0.5
    return round(FAINT + (STRONG - FAINT) * min(1.0, max(0.0, share)), 2)


def matrix(picture: Matrix, name: str, width: float = BROAD) -> Markup:
    """The picture; at most as wide as asked, cells growing no wider than is easy to read."""
    left = min(0.35 * width, max(map(room, picture.rows)) + 10)
    cell = min(CELL, (width - left) / len(picture.columns))
    low, high = _ends(picture)
    parts = [
        *(
            text(left + (place + 0.5) * cell, HEAD - 8, shortened(words, cell), "tick", "mid")
            for place, words in enumerate(picture.columns)
        ),
        *(
            part
            for place, words in enumerate(picture.rows)
            for part in _row(picture, place, words, (left, cell), (low, high))
        ),
    ]
    return frame(picture, name, (width, HEAD + HIGH * len(picture.rows) + 4), parts)


def _ends(picture: Matrix) -> tuple[float, float]:
    known = [value for row in picture.values for value in row if value is not None] or [0.0]
    return (0.0, max(map(abs, known))) if picture.diverging else (min(known), max(known))


def _row(
    picture: Matrix, place: int, words: str, across: tuple[float, float], ends: tuple[float, float]
) -> Iterator[Markup]:
    left, cell = across
    top = HEAD + place * HIGH
    yield text(left - 8, top + 17, shortened(words, left - 8), "name", "end")
    for column, value in enumerate(picture.values[place]):
        at = left + column * cell
        sure = bool(picture.sure) and picture.sure[place][column]
        said = f"{words}, {picture.columns[column]}: {number(value, picture.digits)}"
        if value is not None:
            shade = opacity(abs(value) if picture.diverging else value, *ends)
            yield _square(at, top, cell, shade, "less" if picture.diverging and value < 0 else "more", said)
        shown = DASH if value is None else number(value, picture.digits)
        yield text(at + cell / 2, top + 17, shown, "cell", "mid", *(("sure",) if sure else ()))


def _square(left: float, top: float, cell: float, shade: float, kind: str, words: str) -> Markup:
    square = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" fill-opacity="{}"><title>{}</title></rect>')
    return square.format(kind, round(left + 1, 1), top + 1, round(cell - 2, 1), HIGH - 2, shade, visible(words))


def ternary(picture: Ternary, name: str, width: float = BROAD) -> Markup:
    """The picture: a triangle of discs."""
    side = min(width - 2 * 40, 520.0)
    left, bottom = (width - side) / 2, 40 + side * math.sqrt(3) / 2
    values = [point.value for point in picture.points]
    ends = (min(values), max(values))
    first, second, third = picture.corners
    parts = [
        path(f"M{left},{bottom}h{side}L{left + side / 2},40z", "rule"),
        text(left, bottom + 34, shortened(first, side / 2), "axis", "mid" if room(first) / 2 < left else ""),
        text(
            left + side, bottom + 34, shortened(second, side / 2), "axis", "mid" if room(second) / 2 < left else "end"
        ),
        text(left + side / 2, 14, third, "axis", "mid"),
        *(
            part
            for point in picture.points
            for part in _disc(point, _spot(point.shares, left, bottom, side), ends, picture)
        ),
    ]
    return frame(picture, name, (width, round(bottom + 44, 1)), parts)


def _spot(shares: Sequence[float], left: float, bottom: float, side: float) -> tuple[float, float]:
    total = sum(shares) or 1.0
    across, up = (shares[1] + shares[2] / 2) / total, shares[2] / total
    return round(left + side * across, 1), round(bottom - side * math.sqrt(3) / 2 * up, 1)


def _disc(
    point: TernaryPoint, at: tuple[float, float], ends: tuple[float, float], picture: Ternary
) -> Iterator[Markup]:
    total = sum(point.shares) or 1.0
    mix = ", ".join(f"{name} {share / total:.2f}" for name, share in zip(picture.corners, point.shares, strict=True))
    said = f"{point.label or mix}: {number(point.value, picture.digits)}"
    disc = Markup('<circle class="{}" cx="{}" cy="{}" r="{}" fill-opacity="{}"><title>{}</title></circle>')
    yield disc.format("ground", *at, DISC, 1, "")
    yield disc.format("more", *at, DISC, opacity(point.value, *ends), visible(said))
    yield text(at[0], at[1] + 4, number(point.value, picture.digits), "cell", "mid")
