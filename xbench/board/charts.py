"""The pictures of a task's page: what a score costs, what a growing share of monolingual batches does, and published
beside measured. Knows boards and drawings; no page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from xbench.board.details import label
from xbench.board.drawing.curves import Curve, CurvePoint, Curves, curves
from xbench.board.drawing.dots import Dot, DotRow, Dots
from xbench.board.drawing.plots import draw_both
from xbench.board.drawing.scatter import Scatter, ScatterPoint
from xbench.board.drawing.values import LARGEST
from xbench.board.standings import Board, Standing
from xbench.board.twins import PrintedRow
from xbench.errors import visible
from xbench.evaluation.scores import Number
from xbench.published.papers import PublishedColumn

VECTOR_BYTES = 4  # of a number of a vector, as they are kept
CURVE_WIDTH = 340  # of a picture that stands beside others
LEAST = 4.0  # points that a curve's scale spans, so that noise does not look like a mountain
CURVES = (("Mo", "Mo, %", LEAST), ("Cr", "Cr, %", LEAST), ("Mul", "Mul, %", LEAST), ("distance", "rank distance", 0.0))
PRINTED: tuple[PublishedColumn, ...] = ("Mo", "Cr", "Mul")
MOST_POINTS = 300  # rows of a cloud, the best ones; more would hide each other
MOST_NAMES = 40
LONGEST = 120  # letters of a name
MOST_ROWS = 40  # of a dot plot; beyond them it shows those with a measured twin alone


@dataclass(frozen=True)
class Figure:
    """A picture with what stands above and below it; `name`: its id on the page."""

    name: str
    title: str
    caption: str
    picture: Markup


@dataclass(frozen=True)
class Cost:
    """A way to count what a score costs. `of`: a row's, none where it is not known."""

    name: str
    title: str
    across: str
    edge: str
    better: str
    unit: str
    caption: str
    of: Callable[[Standing], Number]


def _texts_per_second(standing: Standing) -> Number:
    known = [run.speed for run in standing.runs if run.speed]
    return max(known) if known else None


def _bytes(standing: Standing) -> Number:
    dimension = standing.first.dimension
    return VECTOR_BYTES * dimension if dimension else None


COSTS = (
    Cost(
        "size",
        "Size against score",
        "parameters",
        "none or not stated",
        "low",
        "parameters",
        "Up and to the left is better. Joined: nothing as small or smaller is better. At the left edge: rows without "
        "parameters, such as bm25, or whose number is not stated.",
        lambda standing: standing.first.parameters,
    ),
    Cost(
        "speed",
        "Speed against score",
        "texts per second",
        "not measured",
        "high",
        "number",
        "Up and to the right is better. Texts encoded per second, of the fastest seed, each on the machine that its "
        "run page names: compare orders of magnitude alone.",
        _texts_per_second,
    ),
    Cost(
        "memory",
        "Memory against score",
        "bytes per document",
        "no vector or not stated",
        "low",
        "number",
        "Up and to the left is better. Bytes of one document’s vector: four for each of its dimensions.",
        _bytes,
    ),
)


def cost_figures(board: Board, published: Sequence[ScatterPoint] = ()) -> list[Figure]:
    """A figure for each way to count, where some row has it; the `published` points stand on that of size."""
    standings = [one for one in board.standings.values() if one.values[board.setting] is not None]
    figures = []
    for cost in COSTS:
        best = sorted(standings, key=lambda one: -(one.values[board.setting] or 0.0))[:MOST_POINTS]
        points = [*_points(board, best, cost), *(published if cost.name == "size" else ())]
        if len(points) > 1 and any(point.x is not None for point in points):
            left_out = "" if len(best) == len(standings) else f" The best {len(best)} of {len(standings)} rows."
            figures.append(_cost_figure(board, cost, points, left_out))
    return figures


def _cost_figure(board: Board, cost: Cost, points: Sequence[ScatterPoint], left_out: str) -> Figure:
    up = f"{board.setting}, {board.reference.metric}, %"
    best = max(points, key=lambda point: point.y)
    picture = Scatter(
        title=f"{cost.title}: {board.title}",
        description=f"{len(points)} rows, {up} against {cost.across}. The highest is {best.label}, {best.y:.1f}.",
        across=cost.across,
        up=up,
        points=tuple(points),
        logarithmic=True,
        better="high" if cost.better == "high" else "low",
        edge=cost.edge,
        unit="parameters" if cost.unit == "parameters" else "number",
    )
    return Figure(cost.name, cost.title, cost.caption + left_out, draw_both(picture, f"chart-{cost.name}"))


def _points(board: Board, standings: Sequence[Standing], cost: Cost) -> Iterator[ScatterPoint]:
    """A point for each row; the best of each model has its name written."""
    named: set[str] = set()
    for standing in standings:
        run, value, half = (
            standing.first,
            100 * (standing.values[board.setting] or 0.0),
            standing.interval(board.setting),
        )
        short = f"{run.model} ({run.recipe})" if run.recipe != "none" else run.model
        yield ScatterPoint(
            x=_quantity(cost.of(standing)),
            y=value,
            label=label(standing),
            short="" if run.model in named or len(named) >= MOST_NAMES else short,
            low=None if half is None else value - 100 * half,
            high=None if half is None else value + 100 * half,
            href=f"../runs/{standing.page}.html",
        )
        named.add(run.model)


def _quantity(value: Number) -> Number:
    """The value where a picture has a place for it."""
    return value if value is not None and abs(value) <= LARGEST else None


def recipe_curves(board: Board) -> list[tuple[str, list[Markup]]]:
    """Sweeps of the monolingual share: rows of one model and corpus whose recipes are mono and cross only."""
    sweeps: dict[tuple[str, str], list[Standing]] = {}
    for standing in board.standings.values():
        if standing.first.mono is not None:
            sweeps.setdefault((standing.first.model, standing.first.corpus), []).append(standing)
    drawn = []
    for number, ((model, corpus), standings) in enumerate(sweeps.items()):
        if len({standing.first.mono for standing in standings}) >= 3:
            pictures = [_curve(standings, column, up, least, number) for column, up, least in CURVES]
            drawn.append((f"{model} on {corpus}" if corpus else model, [one for one in pictures if one]))
    return drawn


def _curve(standings: Sequence[Standing], column: str, up: str, least: float, number: int) -> Markup:
    points = tuple(_curve_points(standings, column))
    if len({point.x for point in points}) < 3:
        return Markup("")
    across = "share of monolingual batches"
    picture = Curves(
        title=f"{up} by {across}",
        across=across,
        up=up,
        curves=(Curve(points=points),),
        interval="whisker",
        least=least,
    )
    return curves(picture, f"curve-{number}-{column}", CURVE_WIDTH)


def _curve_points(standings: Sequence[Standing], column: str) -> Iterator[CurvePoint]:
    scale = 1 if column == "distance" else 100
    for standing in standings:
        value, half = standing.values[column], standing.interval(column)
        if value is not None:
            ends = (None, None) if half is None else (scale * (value - half), scale * (value + half))
            share = standing.first.mono or 0.0
            yield CurvePoint(x=share, y=scale * value, low=ends[0], high=ends[1], label=label(standing))


def published_figures(board: Board, papers: Sequence[PrintedRow]) -> list[Figure]:
    """For every mean that papers print, a dot plot of printed values beside those of their measured twins."""
    shown = papers if len(papers) <= MOST_ROWS else [one for one in papers if one.twins][:MOST_ROWS]
    return [figure for column in PRINTED if (figure := _published(board, shown, column))]


def _published(board: Board, papers: Sequence[PrintedRow], column: PublishedColumn) -> Figure | None:
    shown = [one for one in papers if _quantity(100 * one.row.scores.get(column, math.inf)) is not None]
    rows = [DotRow(label=_printed_name(one), dots=tuple(_dots(one, column))) for one in shown]
    if not rows:
        return None
    twins = sum(len(row.dots) > 1 for row in rows)
    picture = Dots(
        title=f"Published and measured {column}: {board.title}",
        description=f"{len(rows)} published rows, {twins} with a measured twin.",
        across=f"{column}, {board.reference.metric}, %",
        rows=tuple(rows),
    )
    return Figure(f"printed-{column}", column, "", draw_both(picture, f"chart-printed-{column}"))


def _printed_name(printed: PrintedRow) -> str:
    return visible(f"{printed.row.model} · {printed.row.recipe} · {printed.paper.title}", LONGEST)


def _dots(printed: PrintedRow, column: PublishedColumn) -> Iterator[Dot]:
    yield Dot(
        value=100 * printed.row.scores[column],
        label=visible(f"published, {printed.row.model}", LONGEST),
        mark="published",
    )
    for twin in printed.twins:
        value, half = twin.values[column], twin.interval(column)
        if value is not None:
            ends = (None, None) if half is None else (100 * (value - half), 100 * (value + half))
            page = f"../runs/{twin.page}.html"
            yield Dot(value=100 * value, label=f"measured, {label(twin)}", low=ends[0], high=ends[1], href=page)
