"""Which columns a board shows, and the cell of a rank. Knows boards; no page."""

from __future__ import annotations

from markupsafe import escape

from xbench.board.pages import DASH
from xbench.board.ranks import UNTESTED, Rank
from xbench.board.standings import Board
from xbench.board.summaries import WITHOUT_OWN
from xbench.results.settings import ONE_SCRIPT, TWO_SCRIPTS

GROUP = ("Mo", "Cr", "Mul", WITHOUT_OWN, "nDCG@10", "distance", "gap", "cost")
SCRIPTS = (ONE_SCRIPT, TWO_SCRIPTS)
RANK, VERDICT = "rank", "verdict"


def group_columns(board: Board) -> list[str]:
    """What a board's group shows: nothing that no row of it has."""
    scored = {
        column
        for standing in board.standings.values()
        for column, value in standing.values.items()
        if value is not None
    }
    if board.reference.metric == "nDCG@10":
        scored.discard("nDCG@10")
    return [column for column in GROUP if column in scored or column in ("Mo", "Cr", "Mul")]


def overview_columns(board: Board) -> list[str]:
    """What the first page shows of a board: the mean that it is ranked by, the rank, the others, the verdict."""
    others = [name for name in group_columns(board) if name != board.setting]
    return [board.setting, RANK, *others, VERDICT]


def task_columns(board: Board) -> list[str]:
    """What a task's page shows: the group's columns, and Cr by scripts where its pairs are of both kinds."""
    values = board.reference.values
    split = SCRIPTS if all(values.get(name) is not None for name in SCRIPTS) else ()
    return [column for name in group_columns(board) for column in (name, *(split if name == "Cr" else ()))]


def place(rank: Rank) -> str:
    """The rank's cell from the end of its tag on: a range such as 1–3, or why there is none."""
    return f">{rank}" if rank.best is not None else f">{DASH}<small>{escape(rank.why)}</small>"


def every_place(board: Board, key: str) -> str:
    """A row's rank by each mean of the board, for a reader who chooses another; "" where they are one and the same."""
    ranks = [board.ranks[name][key] for name in board.means]
    texts = ["" if rank.why == UNTESTED else str(rank) for rank in ranks]
    return f' data-by="{escape("|".join(texts))}"' if len(set(texts)) > 1 else ""
