"""Parts of a result as nested definition lists: specs, provenance and evidence, whose keys the board need not know."""

from __future__ import annotations

from markupsafe import Markup, escape

from xbench.board.pages import DASH
from xbench.errors import visible
from xbench.evaluation.scores import Part

DEEPEST = 8
MOST = 500  # items shown of one list or mapping; the rest stands in the downloads


def definition_list(value: object) -> Markup:
    """Nested `<dl>`; what the file names is escaped, shown by code where it cannot be seen, cut where long."""
    return Markup(_nested(value, 0))


def _nested(value: object, depth: int) -> str:
    if isinstance(value, Part):
        value = value.plain()
    if isinstance(value, dict | list | tuple) and value and depth >= DEEPEST:
        return "…"
    if isinstance(value, dict) and value:
        items = [
            f"<div><dt>{escape(visible(key, 100).replace('_', ' '))}</dt><dd>{_nested(inner, depth + 1)}</dd></div>"
            for key, inner in list(value.items())[:MOST]
        ]
        return f"<dl>{''.join(items)}{_rest(len(value))}</dl>"
    if isinstance(value, list | tuple) and value:
        point = depth and len(value) == 2 and all(isinstance(item, int | float) for item in value)
        return (": " if point else ", ").join([_nested(item, depth + 1) for item in value[:MOST]]) + _rest(len(value))
    return str(escape(_plain(value)))


def _rest(count: int) -> str:
    return f"<div> and {count - MOST:,} more</div>" if count > MOST else ""


def _plain(value: object) -> str:
    if value is None or value in ("", [], {}, ()):
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return visible(value)
