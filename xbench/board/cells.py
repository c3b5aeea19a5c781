"""Tables with many cells, written out: heat maps, languages, the overview's rows. What the file names is escaped.

Closing tags that HTML lets one omit are omitted here: an overview of a thousand rows stays under half a megabyte.
Language codes are checked before (sources.faults) and need no escape; every other text does.
On a page that can show another row's numbers, cells carry `data-k`, the path of their value in a row's data file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from markupsafe import Markup, escape

from xbench.board.columns import RANK, VERDICT, every_place, overview_columns, place
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
from xbench.board.systems import System, TaskSystems
from xbench.evaluation.scores import Number
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
    """A row per language. `changes`: whether the page can show another row's numbers; scores have a bar there."""
    lines = []
    for name, values in languages.items():
        cells = []
        for key, show, _ in columns:
            value = values.get(key)
            shown = SHOWS[show](value)
            if changes:
                bar = BAR.format(100 * min(1.0, max(0.0, value or 0.0))) if key in BARS else ""
                cells.append(f'<td class=n data-k="languages/{name}/{key}" data-f={show}><span>{shown}</span>{bar}')
            else:
                cells.append(f"<td class=n>{shown}")
        link = Markup('<a href="{}languages/{}.html">{}</a> <span class="quiet">{}</span>')
        lines.append(f'<tr><th scope="row">{link.format(root, slug(name), name, language_name(name))}{"".join(cells)}')
    return Markup("\n".join(lines))


def overview_rows(rows: Sequence[BoardRow], boards: Sequence[Board]) -> Markup:
    """The overview's measured rows. Columns follow `overview_columns`."""
    columns = [(board, overview_columns(board)) for board in boards]
    return Markup("\n".join(_overview_row(row, columns) for row in rows))


def _overview_row(row: BoardRow, columns: Sequence[tuple[Board, Sequence[str]]]) -> str:
    run = row.first
    note = next((standing.note for standing in row.standings.values() if standing.note), "")
    link = f'<a href="runs/{run.page}.html"{_full_name(run.model)}>{escape(run.model)}</a>'
    shown = millions(run.parameters)
    if run.non_embedding is not None:
        shown += f" <small>{millions(run.non_embedding)}</small>"
    parts = [
        f"<tr><th scope=row>{link}{_small(note)}{_below(run.recipe)}"
        f"<td>{escape(run.recipe)}<td>{escape(run.corpus or DASH)}<td>{shown}"
        f"<td>{f'{run.dimension:.0f}' if run.dimension is not None else DASH}"
    ]
    for board, names in columns:
        standing = row.standings.get(board.name)
        if standing is None:
            parts.append(f"<td class=g>{DASH}" + "<td>" * (len(names) - 1))
        else:
            cells = [_cell(standing, board, row.key, name, standing.page != run.page) for name in names]
            parts += [cells[0].replace("<td", "<td class=g", 1), *cells[1:]]
    return "".join(parts)


def _full_name(name: str) -> str:
    return f' title="{escape(name)}"' if len(name) > LONG_NAME else ""


def _small(text: str) -> str:
    return f"<small>{escape(text)}</small>" if text else ""


def _below(recipe: str) -> str:
    """The recipe once more, for narrow screens: it stands under the name there, and its column is away."""
    return f"<i>{escape(recipe)}</i>" if recipe != "none" else ""


def _cell(standing: Standing, board: Board, key: str, name: str, elsewhere: bool) -> str:
    """`elsewhere`: the row's name leads to the run page of another task; the verdict leads to this one's."""
    if name == RANK:
        return f"<td{every_place(board, key)}{place(board.rank(key))}"
    if name == VERDICT:
        verdict = f'<a href="runs/{standing.page}.html">{standing.verdict}</a>' if elsewhere else standing.verdict
        return f"<td class={standing.verdict[0]}>{verdict}"
    value, half = standing.values[name], standing.interval(name)
    return f"<td>{_show(name)(value)}" + (f"<i>±{_show(name)(half)}</i>" if half is not None else "")


def _show(name: str) -> Callable[[Number], str]:
    return whole_ranks if name == "distance" else percent


def published_rows(tasks: Sequence[TaskSystems], boards: Sequence[Board]) -> Markup:
    """Published systems, a row per source, model and recipe over all boards; small: measured twin minus printed."""
    rows: dict[tuple[str, str, str], dict[str, System]] = {}
    shown = {board.name for board in boards}
    for task in tasks:
        for system in task.systems if task.name in shown else ():
            if system.mark == "published":
                rows.setdefault((system.source, system.title, system.recipe), {})[task.name] = system
    columns = [(board, overview_columns(board)) for board in boards]
    return Markup("\n".join(_published_row(*names, row, columns) for names, row in rows.items()))


def _published_row(
    source: str, title: str, recipe: str, row: Mapping[str, System], columns: Sequence[tuple[Board, Sequence[str]]]
) -> str:
    first = next(iter(row.values()))
    parts = [
        f'<tr data-r="{escape(first.key)}"><th scope=row><cite>{escape(title)}</cite> <small>{escape(source)}</small>'
        f"{_below(recipe)}<td>{escape(recipe)}<td>–<td>{millions(first.parameters)}<td>–"
    ]
    for board, names in columns:
        system = row.get(board.name)
        cells = [_published_cell(system, name) for name in names] if system else [DASH, *[""] * (len(names) - 1)]
        parts.append(f"<td class=g>{'<td>'.join(cells)}")
    return "".join(parts)


def _published_cell(system: System, name: str) -> str:
    if name == VERDICT:
        return system.mark
    twin = system.differences.get(name)
    return _show(name)(system.column(name)) + (f"<small>{difference(twin, name)}</small>" if twin is not None else "")


def every_pair(result: Result, halves: Mapping[str, float]) -> Markup:
    """A row per pair: n, every metric, half the interval of the first, and the gap over the same questions."""
    lines = []
    for name, scores in result.scores.pairs.items():
        texts = [percent(scores.get(metric)) for metric in result.metrics]
        texts[1:1] = [percent(halves.get(name))]
        texts = [number(scores.get("n")), *texts, signed(result.gap.pairs.get(name))]
        lines.append(f"<tr><th scope=row>{escape(name)}<td>{'<td>'.join(texts)}")
    return Markup("\n".join(lines))
