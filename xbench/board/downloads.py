"""The measured rows as data beside the pages: means with their intervals, every run, and every pair of every row.

Scores are shares of 1, not percent; rank distances are ranks. Knows boards; no page.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from xbench.board.ranks import RANKED_MEANS
from xbench.board.standings import COLUMNS, Board
from xbench.board.summaries import WITHOUT_OWN, RunSummary
from xbench.results.csv_text import csv_text
from xbench.results.settings import ONE_SCRIPT, TWO_SCRIPTS

TELLING = {
    ONE_SCRIPT: "Cr_one_script",
    TWO_SCRIPTS: "Cr_two_scripts",
    WITHOUT_OWN: "Mul_without_own_language",
    "distance": "rank_distance",
    "normalised": "rank_distance_normalised",
    "gap": "gap_Mo_minus_Cr",
    "cost": "pooling_cost",
    "own share": "own_language_share",
    "own ideal": "own_language_share_if_ideal",
}
HEAD = (
    "board",
    "task",
    "model",
    "recipe",
    "corpus",
    "seeds",
    "parameters",
    "dimension",
    "texts_per_second",
    "verdict",
    "ranked_by",
    "rank_best",
    "rank_worst",
    "metric",
)
RANKS = tuple(f"rank_{end}_by_{TELLING.get(name, name)}" for name in RANKED_MEANS for end in ("best", "worst"))
RUN_HEAD = (
    "board",
    "task",
    "model",
    "recipe",
    "corpus",
    "seed",
    "digest",
    "filed",
    "xbench_version",
    "scores_version",
    "data_sha256",
    "result_file",
    "metric",
    "queries",
    "documents",
    "texts_per_second",
)
Record = Mapping[str, object]


def column_name(column: str) -> str:
    """A mean's name in a download."""
    return TELLING.get(column, column)


def every(boards: Sequence[Board], copied: Collection[str]) -> Iterator[tuple[str, str]]:
    """(name, content) of every file; `copied`: pages of the rows whose result files travel with the site."""
    yield "results.csv", as_csv(boards)
    yield "results.json", as_json(boards)
    yield "runs.csv", _csv(list(runs(boards, copied)))
    for board in boards:
        yield f"pairs-{board.name}.csv", _csv(list(pairs(board)))


def records(boards: Sequence[Board]) -> Iterator[dict[str, object]]:
    """A record per board and row: names, rank by the board's default mean, every mean over seeds with half of its 95 %
    interval where it is known, and the rank by each mean."""
    for board in boards:
        for key, standing in board.standings.items():
            run, rank = standing.first, board.rank(key)
            names = (run.task, run.model, run.recipe, run.corpus, " ".join(str(seed.seed) for seed in standing.runs))
            size = (run.parameters, run.dimension, run.speed)
            values = (board.name, *names, *size, standing.verdict, board.setting, rank.best, rank.worst, run.metric)
            means: dict[str, object] = {}
            for column in COLUMNS:
                means[column_name(column)] = standing.values[column]
                means[f"{column_name(column)}_half_interval"] = standing.interval(column)
            ranks = [board.ranks[name][key] if name in board.ranks else None for name in RANKED_MEANS]
            ends = [end for rank in ranks for end in ((rank.best, rank.worst) if rank else (None, None))]
            yield {**dict(zip(HEAD, values, strict=True)), **means, **dict(zip(RANKS, ends, strict=True))}


def runs(boards: Sequence[Board], copied: Collection[str]) -> Iterator[dict[str, object]]:
    """A record per run, with where its result lies beside this file, or nothing where it does not travel."""
    for board in boards:
        for standing in board.standings.values():
            for run in standing.runs:
                yield _run(board, run, f"results/{run.page}.json.gz" if standing.page in copied else "")


def _run(board: Board, run: RunSummary, file: str) -> dict[str, object]:
    names = (board.name, run.task, run.model, run.recipe, run.corpus, run.seed, run.digest, run.filed, run.version)
    origin = (run.scores_version, run.data, file, run.metric)
    counts = (sum(run.queries.values()), sum(run.documents.values()), run.speed)
    means = {column_name(column): run.values.get(column) for column in COLUMNS}
    return {**dict(zip(RUN_HEAD, (*names, *origin, *counts), strict=True)), **means}


def pairs(board: Board) -> Iterator[dict[str, object]]:
    """A record per row of a board: the primary metric of every pair, the mean over seeds."""
    named = [f"{query}-{document}" for query in board.reference.queries for document in board.reference.documents]
    for standing in board.standings.values():
        run = standing.first
        seeds = " ".join(str(one.seed) for one in standing.runs)
        names: dict[str, object] = {"model": run.model, "recipe": run.recipe, "corpus": run.corpus, "seeds": seeds}
        values = {name: standing.pairs.get(name, [None])[0] for name in named}
        yield {**names, **{f"{run.metric} {name}": _rounded(value) for name, value in values.items()}}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def as_json(boards: Sequence[Board]) -> str:
    """A list of records, a line per key."""
    return json.dumps(list(records(boards)), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(boards: Sequence[Board]) -> str:
    """A line per record."""
    return _csv(list(records(boards)))


def _csv(every: Sequence[Record]) -> str:
    return csv_text(list(every[0]), (record.values() for record in every))
