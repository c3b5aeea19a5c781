"""What the first page and the list of languages show: values for their templates. Knows rows and boards; no file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from xbench.board import cells
from xbench.board.columns import group_columns
from xbench.board.leads import own_language_lead
from xbench.board.ranks import RANKED_MEANS
from xbench.board.standings import Board, BoardRow, rows_of
from xbench.board.twins import PrintedRow

EMPTY: tuple[object, ...] = (None, "", [], {})
TALL = 30  # rows from which the overview scrolls under its own head
TemplateValues: TypeAlias = dict[str, object]
SIZES = ((50, "up to 50 M"), (150, "up to 150 M"), (600, "up to 600 M"), (2000, "up to 2 B"))


def overview(
    boards: Sequence[Board], rows: Sequence[BoardRow], published: Mapping[str, Sequence[PrintedRow]]
) -> TemplateValues:
    """The first page: every row on every board."""
    named = Counter((row.first.model, row.first.recipe, row.first.corpus) for row in rows)
    standings = [standing for board in boards for standing in board.standings.values()]
    return {
        "boards": [(board, group_columns(board)) for board in boards],
        "ranked": [(name, _order(rows, rows_of(boards, name))) for name in RANKED_MEANS if _has(boards, name)],
        "leads": [(board, lead) for board in boards if (lead := own_language_lead(board))],
        "measured": cells.overview_rows(rows, boards, named),
        "printed": cells.published_rows(published, boards),
        "recipes": sorted({standing.first.recipe for standing in standings}),
        "verdicts": sorted({standing.verdict for standing in standings}),
        "languages": sorted({code for board in boards for code in board.languages}),
        "sizes": SIZES,
        "tall": len(rows) > TALL,
        "runs": sum(len(standing.runs) for standing in standings),
    }


def _has(boards: Sequence[Board], setting: str) -> bool:
    return any(setting in board.means for board in boards)


def _order(rows: Sequence[BoardRow], ordered: Sequence[BoardRow]) -> str:
    """The place of each of `rows` among `ordered`, for a page that orders its rows anew."""
    places = {row.key: place for place, row in enumerate(ordered)}
    return " ".join(str(places[row.key]) for row in rows)


def languages(boards: Sequence[Board], codes: Sequence[str]) -> TemplateValues:
    """The list of languages, each with the boards it stands on."""
    where = {code: [board for board in boards if code in board.languages] for code in codes}
    return {"where": where}


def without(values: Mapping[str, object], keys: Sequence[str]) -> TemplateValues:
    """The values but for some keys."""
    return {key: value for key, value in values.items() if key not in keys}


def stated(values: Mapping[str, object]) -> TemplateValues:
    """The values but for those that say nothing."""
    return {key: value for key, value in values.items() if value not in EMPTY}
