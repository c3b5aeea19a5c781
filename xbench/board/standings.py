"""Runs into boards, rows and ranks: seeds of one configuration are a row, a row has a cell per board. Knows no page.

A board holds what can be compared: one task, its data, primary metric, settings and version of the scores. Runs on a
part of a board's languages stand in it as incomplete, without a rank; other data are another board.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from xbench.board.clusters import Influence
from xbench.board.pages import slug
from xbench.board.summaries import RunSummary, mean
from xbench.evaluation.scores import Number
from xbench.evaluation.statistics import ONE_SEED, Sample, SeedPart, SeedParts, separated
from xbench.results.record import VerdictName
from xbench.results.seeds import seed_interval

COLUMNS = ("Mo", "Cr", "Mul", "nDCG@10", "distance", "normalised", "gap", "cost")
UNTESTED = "untested"  # no per-question data, or other clusters


@dataclass(frozen=True)
class Standing:
    """A row's part on one board: runs that differ in their seed only. `influence` [clusters] of the ranked mean, and
    what its seeds add to its variance."""

    runs: tuple[RunSummary, ...]
    influence: Influence
    seeds: SeedPart = ONE_SEED

    @property
    def first(self) -> RunSummary:
        return self.runs[0]

    @property
    def page(self) -> str:
        return self.first.page

    @cached_property
    def values(self) -> dict[str, Number]:
        return {column: mean([run.values.get(column) for run in self.runs]) for column in COLUMNS}

    def interval(self, column: str) -> Number:
        """Half of the 95 % interval of the mean over seeds (Student's t); None for one seed."""
        known = [value for run in self.runs if (value := run.values.get(column)) is not None]
        return seed_interval(known)[1] if len(known) > 1 else None

    @property
    def verdict(self) -> VerdictName:
        """The gravest of its runs'."""
        order: tuple[VerdictName, ...] = ("contaminated", "in-domain", "unknown", "zero-shot")
        return min((run.verdict for run in self.runs), key=order.index)

    @cached_property
    def languages(self) -> dict[str, dict[str, Number]]:
        first = self.first.languages
        if len(self.runs) == 1:
            return first
        return {
            code: {key: mean([run.languages.get(code, {}).get(key) for run in self.runs]) for key in values}
            for code, values in first.items()
        }

    @cached_property
    def pairs(self) -> dict[str, list[Number]]:
        if len(self.runs) == 1:
            return self.first.pairs
        return {
            name: [mean([run.pairs.get(name, [None])[0] for run in self.runs]), standing[1]]
            for name, standing in self.first.pairs.items()
        }


@dataclass(frozen=True)
class Rank:
    """The places from `best` to `worst` that tests leave to a row; None where it has none, and `why`."""

    best: int | None
    worst: int | None = None
    why: str = ""


@dataclass(frozen=True)
class Board:
    """One task's standings by row key, best first; the reference run says what a complete row has."""

    name: str
    reference: RunSummary
    standings: dict[str, Standing]
    incomplete: frozenset[str]
    ranks: dict[str, Rank] = field(default_factory=dict)

    @property
    def setting(self) -> str:
        """The ranked mean: the pool's where there is one."""
        return ranked_setting(self.reference)

    @property
    def languages(self) -> list[str]:
        return self.reference.every_language

    @property
    def main(self) -> bool:
        """Whether this is the task's first board: papers speak of it, and it needs no further name."""
        return self.name == slug(self.reference.task)

    @property
    def title(self) -> str:
        return self.reference.title if self.main else f"{self.reference.title}, other data {self.reference.variant[:6]}"


@dataclass(frozen=True)
class BoardRow:
    """A configuration: its standing on each board, by board name."""

    key: str
    standings: dict[str, Standing]

    @property
    def first(self) -> RunSummary:
        return next(iter(self.standings.values())).first


def ranked_setting(run: RunSummary) -> str:
    """The widest setting that a run has."""
    return next((name for name in ("Mul", "Cr", "Mo") if run.values[name] is not None), "Mo")


def boards_of(runs: Sequence[RunSummary], influence: Mapping[str, Influence]) -> list[Board]:
    """Boards, those with the most rows and texts first; `influence` by page."""
    tasks: dict[str, dict[str, list[RunSummary]]] = {}
    for run in runs:
        tasks.setdefault(run.task, {}).setdefault(run.variant, []).append(run)
    boards: list[Board] = []
    for task in sorted(tasks):
        variants = sorted(tasks[task].values(), key=lambda part: (-len(part[0].pairs), -len(part), part[0].variant))
        while variants:
            main, *others = variants
            parts = [part for part in others if _part_of(part[0], main[0])]
            again = any(board.reference.task == task for board in boards)
            name = slug(task) + (f"-{main[0].variant}" if again else "")
            boards.append(_board(name, main, [run for part in parts for run in part], influence))
            variants = [part for part in others if part not in parts]
    return sorted(
        boards, key=lambda board: (-len(board.standings), -sum(board.reference.documents.values()), board.name)
    )


def _part_of(run: RunSummary, whole: RunSummary) -> bool:
    """Whether a run scores some of the languages of a board on the same counts of texts."""
    counts = ((run.queries, whole.queries), (run.documents, whole.documents))
    same = all(other.get(code) == count for part, other in counts for code, count in part.items())
    return same and run.metric == whole.metric and set(run.pairs) < set(whole.pairs)


def _board(
    name: str,
    complete: Sequence[RunSummary],
    partial: Sequence[RunSummary],
    influence: Mapping[str, Influence],
) -> Board:
    grouped: dict[str, list[RunSummary]] = {}
    digests: dict[str, list[str]] = {}
    for run in sorted([*complete, *partial], key=lambda run: (run.model, run.recipe, run.corpus, run.digest, run.seed)):
        known = digests.setdefault(run.configuration, [])
        if run.digest not in known:
            known.append(run.digest)
        grouped.setdefault(f"{run.configuration}-{known.index(run.digest)}", []).append(run)
    setting = ranked_setting(complete[0])
    standings = {key: _standing(part, setting, influence) for key, part in grouped.items()}
    whole = {run.page for run in complete}
    incomplete = frozenset(key for key, standing in standings.items() if standing.page not in whole)
    draft = Board(name, complete[0], standings, incomplete)

    def order(key: str) -> tuple[bool, list[float], str]:
        values = [standings[key].values[setting] for setting in (draft.setting, "Mul", "Cr", "Mo")]
        return key in incomplete, [float("inf") if value is None else -value for value in values], standings[key].page

    ordered = {key: standings[key] for key in sorted(standings, key=order)}
    return Board(name, complete[0], ordered, incomplete, dict(_ranks(draft, ordered)))


def _standing(runs: Sequence[RunSummary], setting: str, influence: Mapping[str, Influence]) -> Standing:
    parts = [influence[run.page] for run in runs if run.page in influence]
    known = [value for run in runs if (value := run.values[setting]) is not None]
    if not len(parts) == len(known) == len(runs) or len({len(part) for part in parts}) > 1:
        return Standing(tuple(runs), np.zeros(0, np.float32))
    sample = Sample(np.array(known), np.stack(parts).astype(np.float64))
    return Standing(tuple(runs), sample.influence.astype(np.float32), sample.seeds)


def _ranks(board: Board, standings: Mapping[str, Standing]) -> Iterator[tuple[str, Rank]]:
    ranked = []
    for key, standing in standings.items():
        why = _unranked(board, key, standing)
        if why:
            yield key, Rank(None, why=why)
        else:
            ranked.append(key)
    yield from zip(ranked, rank_ranges([standings[key] for key in ranked], board.setting), strict=True)


def _unranked(board: Board, key: str, standing: Standing) -> str:
    if key in board.incomplete:
        return f"incomplete: {len(standing.first.pairs)} of {len(board.reference.pairs)} pairs"
    if standing.first.chance:
        return "chance"
    if standing.verdict == "contaminated":
        return "contaminated"
    return "no score" if standing.values[board.setting] is None else ""


def rank_ranges(standings: Sequence[Standing], setting: str) -> list[Rank]:
    """The places that tests leave to each row, best first: after those found better, to before those found worse.

    Rows are tested over the clusters that most of them have; one without them has no range.
    """
    sizes = [len(standing.influence) for standing in standings]
    clusters = max(set(sizes) - {0, 1}, key=lambda size: (sizes.count(size), size), default=0)
    rows = [row for row, size in enumerate(sizes) if size == clusters and clusters]
    ranks = [Rank(None, why=UNTESTED)] * len(standings)
    if rows:
        chosen = [standings[row] for row in rows]
        levels = np.array([standing.values[setting] or 0.0 for standing in chosen])
        influence = np.stack([standing.influence for standing in chosen]).astype(np.float64)
        better = separated(levels, influence, SeedParts.of([standing.seeds for standing in chosen]))
        for row, above, below in zip(rows, better.sum(axis=1).tolist(), better.sum(axis=0).tolist(), strict=True):
            ranks[row] = Rank(1 + above, len(rows) - below)
    return ranks


def rows_of(boards: Sequence[Board]) -> list[BoardRow]:
    """Every row once, in the order of the first board, then of the next."""
    keys = dict.fromkeys(key for board in boards for key in board.standings)
    return [
        BoardRow(key, {board.name: board.standings[key] for board in boards if key in board.standings}) for key in keys
    ]
