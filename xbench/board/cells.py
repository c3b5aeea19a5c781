"""Tables with many cells, written out: heat maps, languages, the overview's rows. What the file names is escaped.

Closing tags that HTML lets one omit are omitted here: an overview of a thousand rows stays under half a megabyte.
Language codes are checked before (sources.faults) and need no escape; every other text does.
On a page that can show another row's numbers, cells carry `data-k`, the path of their value in a row's data file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from markupsafe import Markup, escape

from xbench.board.columns import every_place, group_columns, place
from xbench.board.pages import (
    DASH,
    decimal,
    difference,
    language_name,
    millions,
    number,
    percent,
    signed,
    slug,
    whole_ranks,
)
from xbench.board.standings import Board, BoardRow, Standing
from xbench.board.twins import PrintedRow
from xbench.evaluation.scores import Number
from xbench.published.papers import PublishedColumn
from xbench.results.result import Result

SHOWS: dict[str, Callable[[Number], str]] = {
    "percent": percent,
    "ranks": whole_ranks,
    "points": signed,
    "ratio": decimal,
}
LANGUAGE_COLUMNS = (
    ("Mo", "percent", "Mo"),
    ("asked", "percent", "Cr as query"),
    ("answered", "percent", "Cr as document"),
    ("Mul", "percent", "Mul"),
    ("without own", "percent", "Mul without own"),
    ("distance", "ranks", "Rank dist."),
    ("lift", "points", "Lift"),
    ("effect", "points", "Wins whoever asks"),
    ("cut queries", "percent", "Queries cut"),
    ("cut documents", "percent", "Documents cut"),
)
BAR = "<svg class=bar aria-hidden=true><rect width={:.0f}% height=4 /></svg>"
BARS = ("Mo", "asked", "answered", "Mul")
LONG_NAME = 30  # letters beyond which the overview's column may cut a name


def language_columns(rows: Iterable[Mapping[str, Number]]) -> list[tuple[str, str, str]]:
    """Those that some row has."""
    known = {key for values in rows for key, value in values.items() if value is not None}
    return [column for column in LANGUAGE_COLUMNS if column[0] in known or column[0] == "Mo"]


def language_rows(
    languages: Mapping[str, Mapping[str, Number]],
    columns: Sequence[tuple[str, str, str]],
    root: str,
    changes: bool = False,
) -> Markup:
    """A row per language; scores with a bar. `changes`: whether the page can show another row's numbers."""
    lines = []
    for name, values in languages.items():
        cells = []
        for key, show, _ in columns:
            value = values.get(key)
            bar = ""
            if key in BARS:
                width = 100 * min(1.0, max(0.0, value or 0.0))
                bar = BAR.format(width)
            path = f' data-k="languages/{name}/{key}" data-f={show}' if changes else ""
            shown = f"<span>{SHOWS[show](value)}</span>" if changes else SHOWS[show](value)
            cells.append(f"<td class=n{path}>{shown}{bar}")
        link = Markup('<a href="{}languages/{}.html">{}</a> <span class="quiet">{}</span>')
        lines.append(f'<tr><th scope="row">{link.format(root, slug(name), name, language_name(name))}{"".join(cells)}')
    return Markup("\n".join(lines))


def overview_rows(
    rows: Sequence[BoardRow], boards: Sequence[Board], named: Mapping[tuple[str, str, str], int]
) -> Markup:
    """The overview's measured rows. Column groups follow `group_columns`."""
    columns = [(board, group_columns(board)) for board in boards]
    return Markup("\n".join(_overview_row(row, columns, named) for row in rows))


def _overview_row(
    row: BoardRow, columns: Sequence[tuple[Board, Sequence[str]]], named: Mapping[tuple[str, str, str], int]
) -> str:
    run = row.first
    same = named[run.model, run.recipe, run.corpus] > 1
    settings = f"<small>{escape(run.digest[:6])}</small>" if same else ""
    title = f' title="{escape(run.model)}"' if len(run.model) > LONG_NAME else ""
    size = "" if run.parameters is None else f" data-n={run.parameters:.0f}"
    shown = millions(run.parameters)
    if run.non_embedding is not None:
        shown += f" <small>{millions(run.non_embedding)}</small>"
    parts = [
        f'<tr data-r={row.key}><th scope=row><a href="runs/{run.page}.html"{title}>{escape(run.model)}</a>{settings}'
        f"<td>{escape(run.recipe)}<td>{escape(run.corpus or DASH)}<td class=n{size}>{shown}"
        f"<td class=n>{f'{run.dimension:.0f}' if run.dimension is not None else DASH}"
    ]
    for board, names in columns:
        standing = row.standings.get(board.name)
        parts.append(
            _group(standing, board, row.key, names, standing.page != run.page)
            if standing
            else f"<td class=g>{DASH}" + "<td>" * (len(names) + 1)
        )
    return "".join(parts)


def _group(standing: Standing, board: Board, key: str, names: Sequence[str], elsewhere: bool) -> str:
    """`elsewhere`: the row's name leads to the run page of another task; the verdict leads to this one's."""
    cells = [f"<td class=g{every_place(board, key)}{place(board.rank(key))}"]
    for name in names:
        value, half = standing.values[name], standing.interval(name)
        show = whole_ranks if name == "distance" else percent
        interval = f"<small>±{show(half)}</small>" if half is not None else ""
        cells.append(f"<td class=n>{show(value)}{interval}")
    verdict = f'<a href="runs/{standing.page}.html">{standing.verdict}</a>' if elsewhere else standing.verdict
    cells.append(f"<td class={standing.verdict[0]}>{verdict}")
    return "".join(cells)


def published_rows(shown: Mapping[str, Sequence[PrintedRow]], boards: Sequence[Board]) -> Markup:
    """Rows from papers, a row per source, model and recipe over all boards; small: measured twin minus printed."""
    rows: dict[tuple[str, str, str], dict[str, PrintedRow]] = {}
    for name, on_board in shown.items():
        for printed in on_board:
            rows.setdefault((printed.paper.title, printed.row.model, printed.row.recipe), {})[name] = printed
    lines = []
    for (source, model, recipe), row in rows.items():
        head = Markup("<tr><th scope=row><cite>{}</cite> <small>{}</small><td>{}<td>–<td class=n>–<td class=n>–")
        cells = [head.format(model, source, recipe)]
        for board in boards:
            names = group_columns(board)
            twin = row.get(board.name)
            cells.append(
                Markup(_published_group(twin, names) if twin else f"<td class=g>{DASH}" + "<td>" * (len(names) + 1))
            )
        lines.append(Markup("").join(cells))
    return Markup("\n").join(lines)


def _published_group(printed: PrintedRow, names: Sequence[str]) -> str:
    keys: dict[str, PublishedColumn] = {"Mo": "Mo", "Cr": "Cr", "Mul": "Mul", "distance": "distance"}
    cells = ["<td class=g data-n=9999>–"]
    for name in names:
        key = keys.get(name)
        show = whole_ranks if name == "distance" else percent
        value = printed.row.scores.get(key) if key else None
        twin = printed.difference(key, printed.twins[0]) if key and printed.twins else None
        small = f"<small>{difference(twin, name)}</small>" if twin is not None else ""
        cells.append(f"<td class=n>{show(value)}{small}")
    return "".join(cells) + "<td>published"


def every_pair(result: Result, halves: Mapping[str, float]) -> Markup:
    """A row per pair: n, every metric, half the interval of the first, and the gap over the same questions."""
    lines = []
    for name, scores in result.scores.pairs.items():
        texts = [percent(scores.get(metric)) for metric in result.metrics]
        texts[1:1] = [percent(halves.get(name))]
        texts = [number(scores.get("n")), *texts, signed(result.gap.pairs.get(name))]
        lines.append(f"<tr><th scope=row>{escape(name)}<td>{'<td>'.join(texts)}")
    return Markup("\n".join(lines))
