"""Pictures as SVG: size against score, and what a growing share of monolingual batches does. Knows points, no result.

Colours come from the style sheet by class, so that both themes and print have their own; every point has a title.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from xbench.board.pages import millions, number

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 520, 270, 48, 14, 26, 40
SMALL_WIDTH, SMALL_HEIGHT, INSET = 340, 220, 10  # of a curve, which stands beside others
LETTER, LINE = 6.5, 14.0  # room that a name takes


@dataclass(frozen=True)
class Point:
    """`name` stands in the title, `short` on the picture where there is room; `half` an interval, up and down."""

    x: float
    y: float
    name: str
    short: str = ""
    half: float = 0.0


@dataclass(frozen=True)
class Axis:
    """A linear or logarithmic scale onto pixels."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        low, high, here = (
            map(math.log10, (self.low, self.high, value)) if self.logarithmic else (self.low, self.high, value)
        )
        return round(self.start + (here - low) / ((high - low) or 1) * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        if self.logarithmic:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            every = [step * 10.0**power for power in range(first, last + 1) for step in (1, 3)]
            return [value for value in every if self.low <= value <= self.high]
        rough = (self.high - self.low) / 4
        power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
        step = min((power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough), default=power)
        first = math.ceil(self.low / step - 1e-9)
        return [number * step for number in range(first, math.floor(self.high / step + 1e-9) + 1)]


def pareto(points: Sequence[Point], across: str, up: str) -> Markup:
    """Size (logarithmic) against score; the line joins those that nothing smaller beats. Empty below two points."""
    usable = [point for point in points if point.x > 0 and math.isfinite(point.y)]
    if len({point.x for point in usable}) < 2:
        return Markup("")
    x = Axis(min(p.x for p in usable) / 1.5, max(p.x for p in usable) * 1.5, LEFT, WIDTH - RIGHT, True)
    y = _vertical([point.y for point in usable], HEIGHT)
    front = frontier(usable)
    steps = [
        f"{'M' if not number else 'H'}{x.at(point.x)}" + (f",{y.at(point.y)}" if not number else f"V{y.at(point.y)}")
        for number, point in enumerate(front)
    ]
    marks = [_mark(x, y, point, "front" if point in front else "dot") for point in usable]
    marks += _names(x, y, front)
    line = Markup('<path class="line" d="{}"/>').format("".join(steps))
    return _frame(x, y, across, up, millions, Markup("").join([line, *marks]))


def frontier(points: Sequence[Point]) -> list[Point]:
    """The points that no smaller or equal one reaches, by size."""
    best, front = -math.inf, []
    for point in sorted(points, key=lambda point: (point.x, -point.y)):
        if point.y > best:
            best = point.y
            front.append(point)
    return front


def curve(points: Sequence[Point], across: str, up: str, least: float = 0.0) -> Markup:
    """Points of a sweep with their intervals, joined in order of x; `least` the scale spans. Empty below three."""
    if len({point.x for point in points}) < 3:
        return Markup("")
    ordered = sorted(points, key=lambda point: point.x)
    x = Axis(0, 1, LEFT + INSET, SMALL_WIDTH - RIGHT)
    y = _vertical([point.y + side * point.half for point in ordered for side in (-1, 1)], SMALL_HEIGHT, least)
    path = "M" + " L".join(f"{x.at(point.x)},{y.at(point.y)}" for point in ordered)
    marks = [_mark(x, y, point, "front") for point in ordered]
    marks += [_whisker(x, y, point) for point in ordered if point.half]
    return _frame(
        x,
        y,
        across,
        up,
        lambda value: f"{value:.2g}",
        Markup("").join([Markup('<path class="line" d="{}"/>').format(path), *marks]),
    )


def _vertical(values: Sequence[float], height: float, least: float = 0.0) -> Axis:
    low, high = min(values), max(values)
    lack = max(0.0, least - (high - low)) / 2
    low, high = max(low - lack, min(low, 0.0)), high + lack
    room = (high - low) * 0.12 or max(abs(high), 1) * 0.1
    return Axis(max(0.0, low - room) if low >= 0 else low - room, high + room, height - BOTTOM, TOP)


def _mark(x: Axis, y: Axis, point: Point, kind: str) -> Markup:
    circle = Markup('<circle class="{}" cx="{}" cy="{}" r="4"><title>{}: {}</title></circle>')
    return circle.format(kind, x.at(point.x), y.at(point.y), point.name, number(point.y))


def _whisker(x: Axis, y: Axis, point: Point) -> Markup:
    line = Markup('<path class="line" d="M{},{}V{}"/>')
    return line.format(x.at(point.x), y.at(point.y - point.half), y.at(point.y + point.half))


def _names(x: Axis, y: Axis, points: Sequence[Point]) -> Iterator[Markup]:
    """Names beside their points, as far as they hide no stop name."""
    taken: list[tuple[float, float, float]] = []  # left, right, height
    for point in points:
        right = x.at(point.x) > WIDTH * 0.6
        width, at, up = LETTER * len(point.short), x.at(point.x) + (-8 if right else 8), y.at(point.y) - 6
        left, end = (at - width, at) if right else (at, at + width)
        if all(end < start or left > stop or abs(up - height) > LINE for start, stop, height in taken):
            taken.append((left, end, up))
            text = Markup('<text class="name{}" x="{}" y="{}">{}</text>')
            yield text.format(" end" if right else "", at, round(up, 1), point.short)


def _frame(x: Axis, y: Axis, across: str, up: str, show: object, inside: Markup) -> Markup:
    parts, width, height = [], x.end + RIGHT, y.start + BOTTOM
    for tick in y.ticks():
        parts.append(
            Markup('<path class="rule" d="M{},{}H{}"/><text class="tick end" x="{}" y="{}">{}</text>').format(
                LEFT, y.at(tick), x.end, LEFT - 6, y.at(tick) + 4, number(tick)
            )
        )
    for tick in x.ticks():
        label = show(tick) if callable(show) else ""
        parts.append(Markup('<text class="tick mid" x="{}" y="{}">{}</text>').format(x.at(tick), y.start + 16, label))
    written = Markup('<text class="axis end" x="{}" y="{}">{}</text><text class="axis" x="0" y="12">{}</text>')
    axes = written.format(x.end, height - 4, across, up)
    head = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{} against {}">')
    return head.format(width, height, up, across) + Markup("").join(parts) + inside + axes + Markup("</svg>")
