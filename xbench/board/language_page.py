"""What a language's page shows: values for its template. A row per model, by its best configuration; the others folded.

Knows boards and rows; no file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from xbench.board import cells
from xbench.board.heat import HeatMap, Scale
from xbench.board.pages import percent
from xbench.board.standings import Board, Standing
from xbench.board.summaries import WITHOUT_OWN
from xbench.board.twins import PrintedRow
from xbench.board.views import TemplateValues
from xbench.evaluation.scores import Number

PAIR_ROWS = 20  # models whose every pair stands on a language's page; the others have theirs on their run pages
OWN_NAME = {WITHOUT_OWN: "without own"}  # a mean's name among one language's numbers
CROSS = ("Cr", "percent", "Cr")

Columns = Sequence[tuple[str, str, str]]


def language(code: str, boards: Sequence[Board], published: Mapping[str, Sequence[PrintedRow]]) -> TemplateValues:
    """One language's page: every model that has it, board by board."""
    parts = [_part(code, board, published[board.name]) for board in boards if code in board.languages]
    return {"code": code, "parts": parts}


def _part(code: str, board: Board, papers: Sequence[PrintedRow]) -> TemplateValues:
    run, lead = board.reference, OWN_NAME.get(board.setting, board.setting)
    here = [standing for standing in board.standings.values() if code in standing.first.every_language]
    rows = sorted(here, key=lambda standing: _order(standing.languages[code].get(lead), standing))
    best = list({standing.first.model: standing for standing in reversed(rows)}.values())[::-1]
    best.sort(key=rows.index)
    columns = _columns([standing.languages[code] for standing in rows], lead)
    crossed = any(key in ("asked", "answered") for key, _, _ in columns)
    others = [other for other in board.languages if other != code] if crossed else []
    pairs = _pairs(best[:PAIR_ROWS], code, others)
    return {
        "board": board,
        "papers": [(twin, twin.row.languages[code]) for twin in papers if code in twin.row.languages],
        "models": _rows(best, code, columns),
        "model_count": len(best),
        "every": _rows(rows, code, columns) if len(rows) > len(best) else "",
        "row_count": len(rows),
        "pairs": pairs.rows,
        "scale": pairs.scale,
        "columns": columns,
        "others": others,
        "counts": (run.queries.get(code, 0), run.documents.get(code, 0)),
        "left": max(0, len(best) - PAIR_ROWS),
    }


def _order(value: Number, standing: Standing) -> tuple[float, str]:
    return (float("inf") if value is None else -value, standing.page)


def _columns(rows: Sequence[Mapping[str, Number]], lead: str) -> list[tuple[str, str, str]]:
    """Those that some row has, the mean that decides the order first."""
    known = cells.language_columns(rows)
    every = [CROSS, *known] if any(key in ("asked", "answered") for key, _, _ in known) else known
    return sorted(every, key=lambda column: column[0] != lead)


def _rows(standings: Sequence[Standing], code: str, columns: Columns) -> Markup:
    lines = []
    for standing in standings:
        values = standing.languages[code]
        shown = [f"<td class=n>{cells.SHOWS[show](values.get(key))}" for key, show, _ in columns]
        lines.append(f"<tr>{_head(standing)}{''.join(shown)}")
    return Markup("\n".join(lines))


def _head(standing: Standing, rows: int = 1) -> str:
    """The row's name, and under it how the encoder was made."""
    run = standing.first
    recipe = run.recipe if run.recipe != "none" else "as it is"
    made = " · ".join(part for part in (recipe, run.corpus, standing.note) if part)
    span = "" if rows == 1 else f" rowspan={rows}"
    link = f'<a href="../runs/{standing.page}.html">{escape(run.model)}</a>'
    return f"<th scope=row{span}>{link} <small>{escape(made)}</small>"


def _pairs(standings: Sequence[Standing], code: str, others: Sequence[str]) -> HeatMap:
    """Two rows per standing: queries in the language, and documents in it; shades span what is shown."""
    directions = (
        (f"{code} →", [f"{code}-{other}" for other in others]),
        (f"→ {code}", [f"{other}-{code}" for other in others]),
    )
    scale = Scale.over(_pair(one, name) for one in standings for _, names in directions for name in names)
    lines = []
    for standing in standings:
        for number, (arrow, names) in enumerate(directions):
            values = [_pair(standing, name) for name in names]
            shown = [f'<td class="{scale.shade(value)}">{percent(value)}' for value in values]
            lines.append(f"<tr>{'' if number else _head(standing, 2)}<td>{arrow}{''.join(shown)}")
    return HeatMap(Markup("\n".join(lines)), scale, False)


def _pair(standing: Standing, name: str) -> Number:
    return standing.pairs.get(name, [None])[0]
