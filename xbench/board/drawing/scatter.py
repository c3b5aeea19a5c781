"""A cloud of named points: size against score with the front that nothing cheaper beats, or Mo against Cr with lines of
equal gap. A point without a place on the axis stands at the picture's edge.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

from markupsafe import Markup
from pydantic import Field

from xbench.board.drawing.axes import Axis, linear, logarithmic
from xbench.board.drawing.labels import Box, place
from xbench.board.drawing.svg import (
    BROAD,
    circle,
    diamond,
    frame,
    linked,
    path,
    room,
    scale_across,
    scale_up,
    shortened,
    text,
)
from xbench.board.drawing.values import SMALLEST, Address, Picture, Quantity, Words
from xbench.board.pages import millions, number
from xbench.specs.parts import Spec

LEFT, RIGHT, TOP, BOTTOM = 48.0, 14.0, 30.0, 44.0
STRIP = 92.0  # at the edge, for points without a place on the axis
NAME_ROOM = 190.0  # pixels of a name at a point
UNITS: dict[str, Callable[[float], str] | None] = {"number": None, "parameters": millions}


class ScatterPoint(Spec):
    """`x` is none where it is not known: then the point stands at the edge. `label` is said on hover and to a reader;
    `short` is written beside the point where there is room."""

    x: Quantity | None
    y: Quantity
    label: Words
    short: Words = ""
    low: Quantity | None = None
    high: Quantity | None = None
    mark: Literal["measured", "published"] = "measured"
    href: Address = ""


class Scatter(Picture):
    """`better`: which end of the axis across is, for the front; none draws none. `edge`: what points without x lack.
    `gaps`: lines along which y lies equally far below x."""

    kind: Literal["scatter"] = "scatter"
    points: Annotated[tuple[ScatterPoint, ...], Field(min_length=1, max_length=2000)]
    logarithmic: bool = False
    better: Literal["low", "high", "none"] = "none"
    edge: Words = "not known"
    gaps: bool = False
    unit: Literal["number", "parameters"] = "number"


@dataclass(frozen=True)
class Spot:
    """A point and its pixel."""

    point: ScatterPoint
    x: float
    y: float


def front(points: Sequence[ScatterPoint], better: str = "low") -> list[ScatterPoint]:
    """The points that none at least as good across reaches, best across first; those without x are not compared."""
    sign = -1 if better == "high" else 1
    known = [(sign * point.x, point) for point in points if point.x is not None]
    best, chosen = -math.inf, []
    for _, point in sorted(known, key=lambda one: (one[0], -one[1].y)):
        if point.y > best:
            best = point.y
            chosen.append(point)
    return chosen


def scatter(picture: Scatter, name: str, width: float = BROAD) -> Markup:
    """The picture; as high as is easy to read at its width."""
    height = round(min(1.1 * width, 320 + 0.2 * width))
    placed = [point for point in picture.points if _placed(picture, point)]
    strip = min(STRIP, 0.24 * width) if 0 < len(placed) < len(picture.points) else 0.0
    values = [value for point in picture.points for value in (point.y, point.low, point.high) if value is not None]
    y = linear(values, height - BOTTOM, TOP)
    x = _across(picture, placed, LEFT + strip, width - RIGHT)
    spots = [Spot(point, _at(picture, point, x, LEFT + strip / 2), y.at(point.y)) for point in picture.points]
    chosen = front(placed, picture.better) if picture.better != "none" else []
    best = set(chosen)
    gaps = list(_gaps(x, y)) if picture.gaps else []
    steps = [(x.at(point.x), y.at(point.y)) for point in chosen if point.x is not None]
    parts = [
        *scale_up(y, LEFT, width - RIGHT),
        *(scale_across(x, height - BOTTOM, UNITS[picture.unit]) if placed else ()),
        *_strip(picture, strip, height),
        *(part for gap in gaps for part in gap.drawn()),
        _line(steps),
        *(_interval(spot, y) for spot in spots),
        *(_mark(spot, spot.point in best, picture) for spot in spots),
        *_names(
            spots, best, Box(LEFT, 16, width, height - BOTTOM + 2), [*(gap.box for gap in gaps), *_occupied(steps)]
        ),
        text(width - RIGHT, height - 4, _across_words(picture), "axis", "end"),
        text(0, 12, picture.up, "axis"),
    ]
    return frame(picture, name, (width, height), parts, any(point.href for point in picture.points))


def _across_words(picture: Scatter) -> str:
    return f"{picture.across} (logarithmic)" if picture.logarithmic and picture.across else picture.across


def _placed(picture: Scatter, point: ScatterPoint) -> bool:
    return point.x is not None and (point.x >= SMALLEST or not picture.logarithmic)


def _at(picture: Scatter, point: ScatterPoint, x: Axis, edge: float) -> float:
    return x.at(point.x) if point.x is not None and _placed(picture, point) else edge


def _across(picture: Scatter, known: Sequence[ScatterPoint], start: float, end: float) -> Axis:
    values = [point.x for point in known if point.x is not None] or [1.0]
    return logarithmic(values, start, end) if picture.logarithmic else linear(values, start, end)


def _strip(picture: Scatter, strip: float, height: float) -> Iterator[Markup]:
    if strip:
        yield path(f"M{LEFT + strip},{TOP - 8}V{height - BOTTOM}", "rule", "dashed")
        words = picture.edge.split(" or ", 1)
        for line, part in enumerate(words):
            shown = f"or {part}" if line else part
            yield text(LEFT + strip / 2, height - BOTTOM + 16 + 14 * line, shown, "tick", "mid")


@dataclass(frozen=True)
class GapLine:
    """A line on which y lies equally far below x, and where its gap is written."""

    where: str
    words: str
    box: Box

    def drawn(self) -> tuple[Markup, Markup]:
        """The line, and its gap."""
        return path(self.where, "rule", "dashed"), text(self.box.right, self.box.bottom - 4, self.words, "tick", "end")


def _gaps(x: Axis, y: Axis) -> Iterator[GapLine]:
    """The lines that cross the picture, clipped to it."""
    for gap in (tick for tick in Axis(0, max(x.high - y.low, 1e-9), 0, 400).ticks() if tick >= 0):
        low, high = max(x.low, y.low + gap), min(x.high, y.high + gap)
        if low < high:
            end, top, words = x.at(high) - 3, y.at(high - gap), f"gap {number(gap)}"
            where = f"M{x.at(low)},{y.at(low - gap)}L{x.at(high)},{y.at(high - gap)}"
            yield GapLine(where, words, Box(end - room(words), top + 1, end, top + 16))


def _line(steps: Sequence[tuple[float, float]]) -> Markup:
    """The front: steps from the cheapest to the best."""
    if len(steps) < 2:
        return Markup("")
    (x, y), *rest = steps
    return path(f"M{x},{y}" + "".join(f"H{across}V{up}" for across, up in rest), "line")


def _occupied(steps: Sequence[tuple[float, float]]) -> Iterator[Box]:
    """What the front's line takes of the picture."""
    for (left, low), (right, high) in pairwise(steps):
        yield Box(min(left, right), low - 1, max(left, right), low + 1)
        yield Box(right - 1, min(low, high), right + 1, max(low, high))


def _interval(spot: Spot, y: Axis) -> Markup:
    low, high = spot.point.low, spot.point.high
    return Markup("") if low is None or high is None else path(f"M{spot.x},{y.at(low)}V{y.at(high)}", "line")


def _mark(spot: Spot, on_front: bool, picture: Scatter) -> Markup:
    point, show = spot.point, UNITS[picture.unit] or number
    where = "" if point.x is None else f" at {show(point.x)} {picture.across}".rstrip()
    words = f"{point.label}: {number(point.y)}{where}" + (", published" if point.mark == "published" else "")
    draw = diamond if point.mark == "published" else circle
    return linked(draw(spot.x, spot.y, words, "front" if on_front else "dot", point.mark), point.href, words)


def _names(spots: Sequence[Spot], best: set[ScatterPoint], area: Box, written: Sequence[Box]) -> Iterator[Markup]:
    wished = sorted((spot for spot in spots if spot.point.short), key=lambda s: (s.point not in best, -s.point.y))
    most = min(NAME_ROOM, 0.4 * area.right)
    names = [(shortened(spot.point.short, most), spot.x, spot.y) for spot in wished]
    for label in place(names, [(spot.x, spot.y) for spot in spots], area, written):
        yield label.drawn()
