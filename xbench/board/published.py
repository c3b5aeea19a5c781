"""Rows from papers: numbers as printed, with their source. Never ranked; shown beside a measured twin where one exists.

`baselines/published/*.yaml`. Knows YAML and the measured rows' names; no page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from xbench.board.rows import Board, Entry
from xbench.board.runs import Number
from xbench.errors import SpecError
from xbench.registry import shipped
from xbench.specs.parts import Language, MetricName, Named, Spec
from xbench.yamlfile import load_yaml

Column = Literal["Mo", "Cr", "Mul", "distance"]


class Twin(Spec):
    """Measured rows that answer the same question: any of these models with this recipe."""

    models: Annotated[tuple[str, ...], Field(min_length=1)]
    recipe: str


class PublishedRow(Spec):
    """One printed row; `scores` are shares of 1, rank distance in ranks."""

    model: str
    recipe: str
    task: str
    metric: MetricName
    twin: Twin | None = None
    note: str = ""
    scores: dict[Column, float]
    languages: dict[Language, dict[Column, float]] = {}


class Published(Named):
    """A paper's or a repository's table."""

    url: Annotated[str, Field(pattern=r"^https://[\w./-]+$")]
    source: str
    note: str = ""
    rows: Annotated[tuple[PublishedRow, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Shown:
    """A published row on a board, with its measured twins and the difference measured minus published."""

    paper: Published
    row: PublishedRow
    twins: tuple[Entry, ...]

    def difference(self, column: Column, entry: Entry) -> Number:
        measured, printed = entry.values.get(column), self.row.scores.get(column)
        return None if measured is None or printed is None else measured - printed


def published_files(folder: Path | None = None) -> list[Path]:
    return sorted((folder or shipped("baselines") / "published").glob("*.yaml"))


def read_published(paths: Iterable[Path]) -> list[Published]:
    """Raises SpecError with file, line and key."""
    return [_read(path) for path in paths]


def _read(path: Path) -> Published:
    document = load_yaml(path)
    try:
        return Published.model_validate_json(json.dumps(document.data))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = tuple(part for part in fault["loc"] if isinstance(part, str | int))
        dotted = ".".join(map(str, where))
        raise SpecError(
            f"{path}:{document.line(where)}: {dotted}: {fault['msg']}, found {fault['input']!r:.80}"
        ) from None


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
