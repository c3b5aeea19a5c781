"""The measured rows as data: a CSV and a JSON file beside the pages. Knows boards; no page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from xbench.board.standings import COLUMNS, Board
from xbench.results.csv_text import csv_text

HEAD = ("task", "model", "recipe", "corpus", "seeds", "parameters", "dimension", "verdict", "rank", "tied", "metric")


def records(boards: Sequence[Board]) -> Iterator[dict[str, object]]:
    """A record per board and row: names, rank and every mean over seeds."""
    for board in boards:
        for key, standing in board.standings.items():
            run, rank = standing.first, board.ranks[key]
            names = (run.task, run.model, run.recipe, run.corpus, " ".join(str(seed.seed) for seed in standing.runs))
            size = (run.parameters, run.dimension)
            values = (*names, *size, standing.verdict, rank.place, rank.tied, run.metric)
            yield {**dict(zip(HEAD, values, strict=True)), **{column: standing.values[column] for column in COLUMNS}}


def as_json(boards: Sequence[Board]) -> str:
    """A list of records, a line per key."""
    return json.dumps(list(records(boards)), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(boards: Sequence[Board]) -> str:
    """A line per record."""
    return csv_text([*HEAD, *COLUMNS], (record.values() for record in records(boards)))
