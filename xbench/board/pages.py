"""How values read on a page, and the templates that show them. Knows no result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xbench.languages import language_name
from xbench.registry import shipped

if TYPE_CHECKING:
    from jinja2 import Environment

DASH = "–"
SHADES = 20
MEASURES = {
    "AP": "average precision",
    "RR": "reciprocal rank",
    "nDCG": "normalised discounted cumulative gain",
    "R": "recall",
}


def percent(value: float | None) -> str:
    """0.4567 -> 45.7; an en dash where there is no value, as in all of these."""
    return number(None if value is None else 100 * value, 1)


def decimal(value: float | None) -> str:
    """A ratio or a correlation: three decimals."""
    return number(value, 3)


def ranks(value: float | None) -> str:
    """A number of ranks or a mean count: one decimal."""
    return number(value, 1)


def number(value: float | None, digits: int | None = None) -> str:
    """1234.56 -> 1,234.6 and 120.0 -> 120, or a fixed number of digits."""
    if value is None:
        return DASH
    text = f"{value:,.1f}".removesuffix(".0") if digits is None else f"{value:,.{digits}f}"
    return text.replace("-", "−") if text.strip("-0.") else text.lstrip("-")


def shade(value: float | None, largest: float = 1.0) -> str:
    """The CSS class of a heat map's cell: `heat-0` for 0 to `heat-19` for `largest`."""
    if value is None or not largest:
        return "heat-none"
    return f"heat-{min(SHADES - 1, max(0, int(SHADES * value / largest)))}"


def measure(metric: str) -> str:
    """`nDCG@10` in words."""
    name, _, depth = metric.partition("@")
    return MEASURES.get(name, name) + (f" in the first {depth}" if depth else "")


def page_templates() -> Environment:
    """The templates that ship with xbench. What is put in is escaped; a missing name is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = FileSystemLoader(shipped("leaderboard") / "templates")
    environment = Environment(
        loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    for show in (percent, decimal, ranks, number, shade, measure, language_name):
        environment.filters[show.__name__] = show
    return environment
