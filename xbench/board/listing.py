"""Any JSON value as nested definition lists: specs, provenance and evidence, of whose keys the board knows nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from xbench.board.pages import DASH, visible

DEEPEST = 8
MOST = 500  # items shown of one list or mapping; the rest stands in the downloads


def listing(value: Any, depth: int = 0) -> Markup:
    """Nested `<dl>`; what the file names is escaped, shown by code where it cannot be seen, and cut where it is long."""
    if isinstance(value, Mapping) and value:
        if depth >= DEEPEST:
            return Markup("…")
        items = [
            f"<div><dt>{escape(visible(key, 100).replace('_', ' '))}</dt><dd>{listing(inner, depth + 1)}</dd></div>"
            for key, inner in list(value.items())[:MOST]
        ]
        return Markup(f"<dl>{''.join(items)}{_rest(len(value))}</dl>")
    if isinstance(value, list | tuple) and value:
        if depth >= DEEPEST:
            return Markup("…")
        between = Markup(": ") if depth and all(isinstance(item, int | float) for item in value) and len(value) == 2 else Markup(", ")
        return between.join([listing(item, depth + 1) for item in value[:MOST]]) + _rest(len(value))
    return escape(_plain(value))


def _rest(count: int) -> Markup:
    return Markup(f" and {count - MOST:,} more") if count > MOST else Markup("")


def _plain(value: Any) -> str:
    if value is None or value in ("", [], {}, ()):
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return visible(value)
