"""Heat maps as tables: scores by pair, and who retrieves whom. Shades are of what is shown: those of cross-lingual
pairs span their own values, and the diagonal, which is far above them, is framed and has none.

Language codes are checked before and need no escape. On a page that can show another row's numbers, cells
carry `data-k`, the path of their value in a row's data file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup, escape

from xbench.board.pages import language_name, number, percent, shade
from xbench.evaluation.scores import Number

STEP = 0.05  # a scale ends at multiples of it
STEPS = 20  # of them from 0 to 1
SPAN = 0.1  # and is at least as long, so that noise has no colour
EXACT = 1e-9

Pairs = Mapping[str, Sequence[Number]]


@dataclass(frozen=True)
class Scale:
    """From the lightest shade to the darkest."""

    low: float
    high: float

    @classmethod
    def over(cls, values: Iterable[Number]) -> Scale:
        """The scale that spans these values; from 0 to 1 where none is known."""
        known = [value for value in values if value is not None]
        if not known:
            return cls(0.0, 1.0)
        low = math.floor(min(known) / STEP + EXACT)
        high = max(math.ceil(max(known) / STEP - EXACT), low + round(SPAN / STEP))
        beyond = max(0, high - STEPS)  # no score is above 1
        return cls((low - beyond) * STEP, (high - beyond) * STEP)

    def shade(self, value: Number) -> str:
        """The class of a cell."""
        return shade(None if value is None else max(0.0, value - self.low), self.high - self.low)


@dataclass(frozen=True)
class HeatMap:
    """The rows of a table, and what its shades span; `framed`: whether the diagonal has none; `count`: of queries,
    where it is the same for every pair and stands in no cell."""

    rows: Markup
    scale: Scale
    framed: bool
    count: str = ""


@cache
def language_mark(language: str) -> Markup:
    """A language's code, with its name in the title."""
    return Markup('<abbr title="{}">{}</abbr>').format(language_name(language), language)


def heat_map(
    pairs: Pairs,
    queries: Sequence[str],
    documents: Sequence[str],
    halves: Mapping[str, float],
    leads: str = "",
    changes: bool = False,
) -> HeatMap:
    """Rows of query languages: score in percent, n (where pairs differ in it) and half the interval in the title.

    `leads`: where a pair's number leads, with `{query}` and `{document}` in it. `changes`: whether the page can show
    another row's numbers.
    """
    names = [(query, document) for query in queries for document in documents]
    across = [
        value
        for query, document in names
        if query != document and (value := _value(pairs, query, document)) is not None
    ]
    scale = Scale.over(across or [_value(pairs, query, document) for query, document in names])
    count = "" if changes else _one_count(pairs)
    lines = []
    for query in queries:
        cells = []
        for document in documents:
            own, title = query == document, _title(pairs, f"{query}-{document}", halves, bool(count))
            value = _value(pairs, query, document)
            kind = _kind("" if across and own else scale.shade(value), own)
            shown = percent(value)
            if leads:
                shown = f'<a href="{escape(leads.format(query=query, document=document))}">{shown}</a>'
            cells.append(f'<td class={kind}{_path(changes, "pairs", f"{query}-{document}")} title="{title}">{shown}')
        lines.append(f'<tr><th scope="row">{language_mark(query)}{"".join(cells)}')
    return HeatMap(Markup("\n".join(lines)), scale, bool(across), count)


def _one_count(pairs: Pairs) -> str:
    """The number of queries where all pairs have the same."""
    counts = {pair[1] for pair in pairs.values()}
    return number(counts.pop(), 0) if len(counts) == 1 else ""


def _value(pairs: Pairs, query: str, document: str) -> Number:
    return pairs.get(f"{query}-{document}", (None,))[0]


def _title(pairs: Pairs, name: str, halves: Mapping[str, float], counted: bool) -> str:
    """`counted`: whether its number of queries stands elsewhere."""
    _, count = pairs.get(name, (None, None))
    if count is None:
        return f"{name}: not scored"
    known = name if counted else f"{name}, n = {count:,.0f}"
    return known + (f", ± {percent(halves[name])}" if name in halves else "")


def _kind(shade_class: str, own: bool) -> str:
    if not own:
        return shade_class
    return f'"{shade_class} own"' if shade_class else "own"


def _path(changes: bool, *parts: str) -> str:
    return f' data-k="{"/".join(parts)}"' if changes else ""


def share_map(
    share: Mapping[str, Mapping[str, Sequence[Number]]],
    queries: Iterable[str],
    documents: Sequence[str],
    changes: bool = False,
) -> Markup:
    """Rows of query languages: share of each document language beside the ideal; the ideal has the middle shade."""
    lines, same = [], one_ideal(share)
    for query in queries:
        cells = []
        for document in documents:
            value, ideal = share.get(query, {}).get(document, (None, None))
            kind = _kind(shade(value, 2 * (ideal or 0)), query == document)
            small = "" if same else f" <small>{percent(ideal)}</small>"
            cells.append(f"<td class={kind}{_path(changes, 'share', query, document)}>{percent(value)}{small}")
        lines.append(f'<tr><th scope="row">{language_mark(query)}{"".join(cells)}')
    return Markup("\n".join(lines))


def one_ideal(share: Mapping[str, Mapping[str, Sequence[Number]]]) -> str:
    """The ideal share where it is one and the same in every cell, else nothing."""
    shown = {percent(ideal) for row in share.values() for _, ideal in row.values()}
    return shown.pop() if len(shown) == 1 else ""
