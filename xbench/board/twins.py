"""Published rows beside the measured rows that answer the same question. Never ranked. Knows boards; no page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xbench.board.standings import Board, Standing
from xbench.evaluation.scores import Number
from xbench.published.papers import Published, PublishedColumn, PublishedRow


@dataclass(frozen=True)
class PrintedRow:
    """A published row on a board, with its measured twins and the difference measured minus published."""

    paper: Published
    row: PublishedRow
    twins: tuple[Standing, ...]

    def difference(self, column: PublishedColumn, standing: Standing) -> Number:
        measured, printed = standing.values.get(column), self.row.scores.get(column)
        return None if measured is None or printed is None else measured - printed


def on_board(board: Board, papers: Sequence[Published]) -> list[PrintedRow]:
    """The published rows of a board's task and metric; none where the data are not the task's usual ones."""
    reference = board.reference
    papers = papers if board.main else ()
    return [
        PrintedRow(paper, row, tuple(_twins(board, row)))
        for paper in papers
        for row in paper.rows
        if row.task == reference.task and row.metric == reference.metric
    ]


def _twins(board: Board, row: PublishedRow) -> Iterable[Standing]:
    if row.twin is not None:
        for key, standing in board.standings.items():
            same = standing.first.model in row.twin.models and standing.first.recipe == row.twin.recipe
            if same and key not in board.incomplete:
                yield standing
