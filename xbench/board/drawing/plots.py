"""Any picture by its kind: what a file beside a study may hold, and how it is drawn for a desk and for a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from markupsafe import Markup
from pydantic import Field

from xbench.board.drawing.curves import Curves, curves
from xbench.board.drawing.dots import Dots, dots
from xbench.board.drawing.forest import Forest, forest
from xbench.board.drawing.heat import Matrix, Ternary, matrix, ternary
from xbench.board.drawing.scatter import Scatter, scatter
from xbench.board.drawing.svg import BROAD, SLIM

Plot: TypeAlias = Annotated[Forest | Curves | Scatter | Dots | Matrix | Ternary, Field(discriminator="kind")]
DRAWS: dict[type, Callable[[Any, str, float], Markup]] = {
    Forest: forest,
    Curves: curves,
    Scatter: scatter,
    Dots: dots,
    Matrix: matrix,
    Ternary: ternary,
}


def draw(plot: Plot, name: str, width: float = BROAD) -> Markup:
    """The picture as SVG; `name`: its id on the page."""
    return DRAWS[type(plot)](plot, name, width)


def draw_both(plot: Plot, name: str) -> Markup:
    """The picture twice: the style sheet shows the one for the screen's width."""
    twice = Markup('<div class="broad">{}</div><div class="slim">{}</div>')
    return twice.format(draw(plot, name), draw(plot, f"{name}-slim", SLIM))
