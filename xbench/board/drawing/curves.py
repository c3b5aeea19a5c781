"""Lines over a common axis, each with a band or with whiskers of its intervals, and its name at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from markupsafe import Markup
from pydantic import Field

from xbench.board.drawing.axes import Axis, linear, logarithmic
from xbench.board.drawing.labels import stack
from xbench.board.drawing.svg import (
    BROAD,
    circle,
    frame,
    joined,
    path,
    room,
    scale_across,
    scale_up,
    shortened,
    text,
    whisker,
)
from xbench.board.drawing.values import SMALLEST, Picture, Quantity, Words
from xbench.board.pages import number
from xbench.specs.parts import Spec

LEFT, RIGHT, TOP, BOTTOM = 58.0, 14.0, 26.0, 40.0
STYLES = 6  # colours and dashes in the style sheet, taken in turn
LEAD = 16.0  # between the lines and their names
NAMES = 0.3  # of the width at most, for the names at the ends


class CurvePoint(Spec):
    """A value with its interval, where it has one."""

    x: Quantity
    y: Quantity
    low: Quantity | None = None
    high: Quantity | None = None
    label: Words = ""


class Curve(Spec):
    """Points that belong together; drawn in the order of x."""

    name: Words = ""
    points: Annotated[tuple[CurvePoint, ...], Field(min_length=1, max_length=1000)]


class Curves(Picture):
    """`least`: what the scale spans at least, so that noise does not look like a mountain."""

    kind: Literal["curves"] = "curves"
    curves: Annotated[tuple[Curve, ...], Field(min_length=1, max_length=24)]
    logarithmic: bool = False
    interval: Literal["band", "whisker"] = "band"
    least: Annotated[float, Field(ge=0, le=1e12)] = 0.0


def curves(picture: Curves, name: str, width: float = BROAD) -> Markup:
    """The picture. Points that are not above zero have no place on a logarithmic axis."""
    height = round(min(0.65 * width, 180 + 0.2 * width))
    every = [(curve, _usable(curve, picture.logarithmic)) for curve in picture.curves]
    points = [point for _, usable in every for point in usable]
    if not points:
        return Markup("")
    named = [shortened(curve.name, NAMES * width) for curve in picture.curves] if len(picture.curves) > 1 else []
    right = width - RIGHT - (max(map(room, named)) + LEAD if named else 0)
    across = logarithmic if picture.logarithmic else linear
    x = across([point.x for point in points], LEFT, right)
    heights = [value for point in points for value in (point.y, point.low, point.high) if value is not None]
    y = linear(heights, height - BOTTOM, TOP, picture.least)
    ends = [
        (words, x.at(usable[-1].x), y.at(usable[-1].y))
        for words, (_, usable) in zip(named, every, strict=False)
        if usable
    ]
    parts = [
        *scale_up(y, LEFT, right),
        *scale_across(x, height - BOTTOM),
        *(
            joined(_curve(x, y, usable, f"s{turn % STYLES}", curve, picture))
            for turn, (curve, usable) in enumerate(every)
            if usable
        ),
        *(label.drawn() for label in stack(ends, right + LEAD, TOP - 10, height - BOTTOM + 8)),
        text(right, height - 4, picture.across, "axis", "end"),
        text(0, 12, picture.up, "axis"),
    ]
    return frame(picture, name, (width, height), parts)


def _usable(curve: Curve, above_zero: bool) -> list[CurvePoint]:
    return sorted((point for point in curve.points if point.x >= SMALLEST or not above_zero), key=lambda point: point.x)


def _curve(
    x: Axis, y: Axis, points: Sequence[CurvePoint], style: str, curve: Curve, picture: Curves
) -> Iterator[Markup]:
    if picture.interval == "band":
        yield _band(x, y, points, style)
    yield path("M" + " L".join(f"{x.at(point.x)},{y.at(point.y)}" for point in points), "line", style)
    for point in points:
        if picture.interval == "whisker":
            yield whisker(x, y, point.x, point.low, point.high)
        words = f"{point.label or curve.name}: {number(point.y)}".removeprefix(": ")
        yield circle(x.at(point.x), y.at(point.y), words, "front", style, radius=3.5)


def _band(x: Axis, y: Axis, points: Sequence[CurvePoint], style: str) -> Markup:
    """The area between the ends of the intervals; nothing below two of them."""
    known = [(x.at(p.x), y.at(p.low), y.at(p.high)) for p in points if p.low is not None and p.high is not None]
    if len(known) < 2:
        return Markup("")
    there = " L".join(f"{at},{high}" for at, _, high in known)
    back = " L".join(f"{at},{low}" for at, low, _ in reversed(known))
    return path(f"M{there} L{back}z", "band", style)
