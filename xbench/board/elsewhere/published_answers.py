"""The first page's answer from published runs, before anybody asks, and the list of boards. Knows boards; no page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xbench.board.answers import bias_words
from xbench.board.elsewhere.boards import PublishedBoard, PublishedRow, SourceRows
from xbench.board.systems import ANY, DOCUMENTS, OTHER, Setting, System

SHOWN = 3


@dataclass(frozen=True)
class PublishedAnswer:
    """The best of one source on one board, by the board's mean."""

    board: PublishedBoard
    source: SourceRows
    best: tuple[System, ...]

    @property
    def setting(self) -> Setting:
        """What is asked."""
        return ANY, self.board.ranked

    @property
    def bias_words(self) -> str:
        """What the best loses across languages; "" where the board has none."""
        return bias_words(self.best[0], ANY, None) if self.board.ranked == OTHER else ""


def default_answers(boards: Sequence[PublishedBoard]) -> list[PublishedAnswer]:
    """The best of every source of the first board that has ranked rows."""
    for board in boards:
        made = [
            PublishedAnswer(board, source, best)
            for source in board.sources
            if (best := tuple(published_system(board, source, row) for row in source.rows[:SHOWN] if row.rank))
        ]
        if made:
            return made
    return []


def published_system(board: PublishedBoard, source: SourceRows, row: PublishedRow) -> System:
    """A row with its means; without intervals and ranks, for nothing was tested."""
    settings = [(ANY, DOCUMENTS[name]) for name in board.means]
    values = {setting: row.mean(board.places(setting)) for setting in settings}
    return System(
        key=f"{source.title}/{row.run.model}@{row.run.revision}",
        title=row.run.model,
        recipe="none",
        mark="published",
        task=board.name,
        metric=board.task.metric,
        values={setting: value for setting, value in values.items() if value is not None},
        source=source.title,
        note=row.note,
        page=row.address,
        parameters=row.parameters,
    )


def choices(boards: Sequence[PublishedBoard]) -> list[dict[str, object]]:
    """What the first page must know of every board to choose one."""
    return [
        {
            "name": board.name,
            "title": board.title,
            "queries": board.queries,
            "documents": board.documents,
            "page": board.page,
            "rows": board.size,
        }
        for board in boards
    ]
