"""Published rows beside the measured rows that answer the same question. Never ranked. Knows boards; no page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xbench.board.rows import Board, Entry
from xbench.board.runs import Number
from xbench.published.papers import Column, Published, PublishedRow


@dataclass(frozen=True)
class Shown:
    """A published row on a board, with its measured twins and the difference measured minus published."""

    paper: Published
    row: PublishedRow
    twins: tuple[Entry, ...]

    def difference(self, column: Column, entry: Entry) -> Number:
        measured, printed = entry.values.get(column), self.row.scores.get(column)
        return None if measured is None or printed is None else measured - printed


def on_board(board: Board, papers: Sequence[Published]) -> list[Shown]:
    """The published rows of a board's task and metric; none where the data are not the task's usual ones."""
    reference = board.reference
    papers = papers if board.main else ()
    return [
        Shown(paper, row, tuple(_twins(board, row)))
        for paper in papers
        for row in paper.rows
        if row.task == reference.task and row.metric == reference.metric
    ]


def _twins(board: Board, row: PublishedRow) -> Iterable[Entry]:
    if row.twin is not None:
        for key, entry in board.entries.items():
            same = entry.first.model in row.twin.models and entry.first.recipe == row.twin.recipe
            if same and key not in board.incomplete:
                yield entry
