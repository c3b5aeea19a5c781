"""The templates that ship with xbench, with what they write values by. Knows no result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xbench.board.listing import listing
from xbench.board.pages import (
    decimal,
    direction,
    language_name,
    millions,
    number,
    own_name,
    percent,
    ranks,
    shade,
    signed,
    slug,
    visible,
    whole_ranks,
)
from xbench.specs.registry import shipped

if TYPE_CHECKING:
    from jinja2 import Environment


def page_templates() -> Environment:
    """The templates that ship with xbench. What is put in is escaped; a missing name is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = FileSystemLoader(shipped("leaderboard") / "templates")
    environment = Environment(
        loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    shows: tuple[Any, ...] = (percent, signed, decimal, ranks, whole_ranks, number, millions, shade, visible)
    for show in (*shows, slug, language_name, own_name, direction):
        environment.filters[show.__name__] = show
    environment.filters["listing"] = listing
    return environment
