"""Size against score of published runs, as a picture. Knows boards and drawings; no page."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from xbench.board.drawing.plots import draw_both
from xbench.board.drawing.scatter import Scatter, ScatterPoint, front
from xbench.board.elsewhere.boards import PublishedBoard, SourceRows
from xbench.board.elsewhere.published_cells import row_id
from xbench.board.systems import ANY
from xbench.evaluation.scores import Number

MOST_POINTS = 150  # of a cloud, the best ones; more would hide each other
MOST_NAMES = 12  # of the best, beside those that nothing smaller beats
PAGE = "{}.html#{}"


def size_picture(board: PublishedBoard, source: SourceRows) -> tuple[Markup, str]:
    """The picture of a source's ranked rows, and what is left out of it; empty where fewer than two have a size."""
    points = list(_points(board, source))
    shown = points[:MOST_POINTS]
    if sum(point.x is not None for point in shown) < 2:
        return Markup(""), ""
    named = {point.label for point in (*front(shown), *shown[:MOST_NAMES])}
    up = f"{board.lead}, {board.task.metric}, %"
    picture = Scatter(
        title=f"Size against score: {board.title}, published",
        description=f"{len(shown)} rows, {up} against parameters. The highest is {shown[0].label}, {shown[0].y:.1f}.",
        across="parameters",
        up=up,
        points=tuple(point if point.label in named else point.model_copy(update={"short": ""}) for point in shown),
        logarithmic=True,
        better="low",
        edge="not stated",
        unit="parameters",
    )
    left = "" if len(shown) == len(points) else f" The best {len(shown)} of {len(points)} rows."
    return draw_both(picture, f"chart-size-{board.sources.index(source)}"), left


def _points(board: PublishedBoard, source: SourceRows) -> Iterator[ScatterPoint]:
    places = board.places((ANY, board.ranked))
    for number, row in enumerate(source.rows):
        value: Number = row.mean(places) if row.rank is not None else None
        if value is not None:
            label = " ".join(part for part in (row.run.model, row.note) if part)
            yield ScatterPoint(
                x=row.parameters,
                y=100 * value,
                label=label,
                short=row.run.model.partition("/")[2],
                mark="published",
                href=PAGE.format(board.name, row_id(board, source, number)),
            )
