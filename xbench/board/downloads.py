"""The measured rows as data: a CSV and a JSON file beside the pages. Knows boards; no page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from xbench.board.ranks import RANKED_MEANS
from xbench.board.standings import COLUMNS, Board
from xbench.results.csv_text import csv_text

HEAD = (
    "task",
    "model",
    "recipe",
    "corpus",
    "seeds",
    "parameters",
    "dimension",
    "verdict",
    "ranked_by",
    "rank_best",
    "rank_worst",
    "metric",
)
RANKS = tuple(f"rank_{end}_by_{name}" for name in RANKED_MEANS for end in ("best", "worst"))


def records(boards: Sequence[Board]) -> Iterator[dict[str, object]]:
    """A record per board and row: names, rank by the board's default mean, every mean over seeds, rank by each."""
    for board in boards:
        for key, standing in board.standings.items():
            run, rank = standing.first, board.rank(key)
            names = (run.task, run.model, run.recipe, run.corpus, " ".join(str(seed.seed) for seed in standing.runs))
            size = (run.parameters, run.dimension)
            values = (*names, *size, standing.verdict, board.setting, rank.best, rank.worst, run.metric)
            means = {column: standing.values[column] for column in COLUMNS}
            ranks = [board.ranks[name][key] if name in board.ranks else None for name in RANKED_MEANS]
            ends = [end for rank in ranks for end in ((rank.best, rank.worst) if rank else (None, None))]
            yield {**dict(zip(HEAD, values, strict=True)), **means, **dict(zip(RANKS, ends, strict=True))}


def as_json(boards: Sequence[Board]) -> str:
    """A list of records, a line per key."""
    return json.dumps(list(records(boards)), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(boards: Sequence[Board]) -> str:
    """A line per record."""
    return csv_text([*HEAD, *COLUMNS, *RANKS], (record.values() for record in records(boards)))
