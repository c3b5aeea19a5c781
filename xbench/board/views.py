"""What the first page and the list of languages show: values for their templates. Knows rows and boards; no file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from xbench.board import cells
from xbench.board.answers import CHOICES, choices, default_answer
from xbench.board.columns import overview_columns
from xbench.board.details import safe_json
from xbench.board.elsewhere.published_answers import choices as published_choices
from xbench.board.elsewhere.published_answers import default_answers
from xbench.board.elsewhere.published_pages import Elsewhere
from xbench.board.leads import own_language_lead
from xbench.board.pages import language_name
from xbench.board.ranks import RANKED_MEANS
from xbench.board.standings import Board, BoardRow, rows_of
from xbench.board.systems import DOCUMENTS, TaskSystems

EMPTY: tuple[object, ...] = (None, "", [], {})
TALL = 30  # rows from which the overview scrolls under its own head
TemplateValues: TypeAlias = dict[str, object]
SIZES = ((50, "up to 50 M"), (150, "up to 150 M"), (600, "up to 600 M"), (2000, "up to 2 B"))


def overview(
    boards: Sequence[Board], rows: Sequence[BoardRow], tasks: Sequence[TaskSystems], elsewhere: Elsewhere
) -> TemplateValues:
    """The first page: an answer, every row on every board, and what else was published."""
    standings = [standing for board in boards for standing in board.standings.values()]
    orders = {DOCUMENTS[name]: _order(rows, rows_of(boards, name)) for name in RANKED_MEANS if _has(boards, name)}
    return {
        "answer": default_answer(tasks[0]),
        "tasks": tasks,
        "choices": safe_json(choices(tasks)),
        "document_choices": CHOICES,
        "queries": by_name(elsewhere.queries | {code for task in tasks for code in task.queries}),
        "documents": by_name(elsewhere.documents | {code for task in tasks for code in task.documents}),
        "elsewhere": elsewhere.boards,
        "elsewhere_answers": default_answers(elsewhere.boards),
        "elsewhere_choices": safe_json(published_choices(elsewhere.boards)),
        "only_published": [board for board in elsewhere.boards if board.name not in {task.name for task in tasks}],
        "boards": [(board, overview_columns(board)) for board in boards],
        "orders": safe_json(orders),
        "leads": [(board, lead) for board in boards if (lead := own_language_lead(board))],
        "measured": cells.overview_rows(rows, boards),
        "printed": cells.published_rows(tasks, boards),
        "twins": any(system.differences for task in tasks for system in task.systems),
        "recipes": sorted({standing.first.recipe for standing in standings}),
        "verdicts": sorted({standing.verdict for standing in standings}),
        "languages": sorted({code for board in boards for code in board.languages}),
        "sizes": SIZES,
        "tall": len(rows) > TALL,
        "runs": sum(len(standing.runs) for standing in standings),
    }


def by_name(codes: Iterable[str]) -> list[str]:
    """Language codes by their English names, as one looks for them in a list."""
    return sorted(codes, key=lambda code: (language_name(code), code))


def _has(boards: Sequence[Board], setting: str) -> bool:
    return any(setting in board.means for board in boards)


def _order(rows: Sequence[BoardRow], ordered: Sequence[BoardRow]) -> list[int]:
    """The place of each of `rows` among `ordered`, for a page that orders its rows anew."""
    places = {row.key: place for place, row in enumerate(ordered)}
    return [places[row.key] for row in rows]


def languages(boards: Sequence[Board], codes: Sequence[str], elsewhere: Elsewhere) -> TemplateValues:
    """The list of languages, each with the boards it stands on, and how many tasks have published runs in it."""
    where = {code: [board for board in boards if code in board.languages] for code in codes}
    return {"where": where, "published": {code: len(elsewhere.in_language(code)) for code in codes}}


def without(values: Mapping[str, object], keys: Sequence[str]) -> TemplateValues:
    """The values but for some keys."""
    return {key: value for key, value in values.items() if key not in keys}


def stated(values: Mapping[str, object]) -> TemplateValues:
    """The values but for those that say nothing."""
    return {key: value for key, value in values.items() if value not in EMPTY}
