"""The templates that ship with xbench, with what they write values by. Knows no result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xbench.board.definition_lists import definition_list
from xbench.board.pages import (
    decimal,
    difference,
    direction,
    language_name,
    millions,
    number,
    own_name,
    percent,
    ranks,
    run_name,
    shade,
    signed,
    slug,
    whole_ranks,
)
from xbench.errors import visible
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
    numbers = (percent, signed, decimal, ranks, whole_ranks, number, millions, shade)
    words = (visible, slug, language_name, own_name, direction, definition_list, difference, run_name)
    environment.filters |= {show.__name__: show for show in (*numbers, *words)}
    return environment
