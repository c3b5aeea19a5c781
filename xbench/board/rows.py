"""Runs into boards, rows and ranks: seeds of one configuration are a row, a row has a cell per board. Knows no page.

A board holds what can be compared: one task, its data, primary metric, settings and version of the scores. Runs on a
part of a board's languages stand in it as incomplete, without a rank; other data are another board.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from xbench.board.clusters import LEVEL
from xbench.board.pages import slug
from xbench.board.runs import Number, Run, mean

COLUMNS = ("Mo", "Cr", "Mul", "nDCG@10", "distance", "normalised", "gap", "cost")


@dataclass(frozen=True)
class Entry:
    """A row's part on one board: runs that differ in their seed only. `influence` [clusters] of the ranked mean."""

    runs: tuple[Run, ...]
    influence: npt.NDArray[np.float32]

    @property
    def first(self) -> Run:
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
        if len(known) < 2:
            return None
        from scipy.special import stdtrit

        return float(stdtrit(len(known) - 1, 0.975) * np.std(known, ddof=1) / np.sqrt(len(known)))

    @property
    def verdict(self) -> str:
        """The gravest of its runs'."""
        order = ("contaminated", "in-domain", "unknown", "zero-shot")
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
            name: [mean([run.pairs.get(name, [None])[0] for run in self.runs]), entry[1]]
            for name, entry in self.first.pairs.items()
        }


@dataclass(frozen=True)
class Rank:
    """`place` from 1, None where a row is not ranked and `why`; `tied` with others; `tested` against all of them."""

    place: int | None
    tied: bool = False
    tested: bool = True
    why: str = ""


@dataclass(frozen=True)
class Board:
    """One task's entries by row key, best first; the reference run says what a complete row has."""

    name: str
    reference: Run
    entries: dict[str, Entry]
    incomplete: frozenset[str]
    ranks: dict[str, Rank] = field(default_factory=dict)

    @property
    def setting(self) -> str:
        """The ranked mean: the pool's where there is one."""
        return next((name for name in ("Mul", "Cr", "Mo") if self.reference.values[name] is not None), "Mo")

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
class Row:
    """A configuration: its entry on each board, by board name."""

    key: str
    entries: dict[str, Entry]

    @property
    def first(self) -> Run:
        return next(iter(self.entries.values())).first


def boards_of(runs: Sequence[Run], influence: Mapping[str, npt.NDArray[np.float32]]) -> list[Board]:
    """Boards, those with the most rows and texts first; `influence` by page."""
    tasks: dict[str, dict[str, list[Run]]] = {}
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
    return sorted(boards, key=lambda board: (-len(board.entries), -sum(board.reference.documents.values()), board.name))


def _part_of(run: Run, whole: Run) -> bool:
    """Whether a run scores some of the languages of a board on the same counts of texts."""
    counts = ((run.queries, whole.queries), (run.documents, whole.documents))
    same = all(other.get(code) == count for part, other in counts for code, count in part.items())
    return same and run.metric == whole.metric and set(run.pairs) < set(whole.pairs)


def _board(
    name: str, complete: Sequence[Run], partial: Sequence[Run], influence: Mapping[str, npt.NDArray[np.float32]]
) -> Board:
    grouped: dict[str, list[Run]] = {}
    digests: dict[str, list[str]] = {}
    for run in sorted([*complete, *partial], key=lambda run: (run.model, run.recipe, run.corpus, run.digest, run.seed)):
        known = digests.setdefault(run.configuration, [])
        if run.digest not in known:
            known.append(run.digest)
        grouped.setdefault(f"{run.configuration}-{known.index(run.digest)}", []).append(run)
    entries = {key: Entry(tuple(part), _mean_influence(part, influence)) for key, part in grouped.items()}
    whole = {run.page for run in complete}
    incomplete = frozenset(key for key, entry in entries.items() if entry.page not in whole)
    draft = Board(name, complete[0], entries, incomplete)

    def order(key: str) -> tuple[bool, list[float], str]:
        values = [entries[key].values[setting] for setting in (draft.setting, "Mul", "Cr", "Mo")]
        return key in incomplete, [float("inf") if value is None else -value for value in values], entries[key].page

    ordered = {key: entries[key] for key in sorted(entries, key=order)}
    return Board(name, complete[0], ordered, incomplete, dict(_ranks(draft, ordered)))


def _mean_influence(runs: Sequence[Run], influence: Mapping[str, npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    parts = [influence[run.page] for run in runs if run.page in influence]
    same = len(parts) == len(runs) and len({len(part) for part in parts}) == 1
    return np.mean(parts, axis=0, dtype=np.float32) if same else np.zeros(0, np.float32)


def _ranks(board: Board, entries: Mapping[str, Entry]) -> Iterator[tuple[str, Rank]]:
    ranked = []
    for key, entry in entries.items():
        why = _unranked(board, key, entry)
        if why:
            yield key, Rank(None, why=why)
        else:
            ranked.append(key)
    better, tested = separated([entries[key] for key in ranked], board.setting)
    places = np.maximum.accumulate(1 + better.sum(axis=1)) if ranked else np.zeros(0, int)
    for number, key in enumerate(ranked):
        yield key, Rank(int(places[number]), int((places == places[number]).sum()) > 1, bool(tested[number].all()))


def _unranked(board: Board, key: str, entry: Entry) -> str:
    if key in board.incomplete:
        return f"incomplete: {len(entry.first.pairs)} of {len(board.reference.pairs)} pairs"
    if entry.first.chance:
        return "chance"
    if entry.verdict == "contaminated":
        return "contaminated"
    return "no score" if entry.values[board.setting] is None else ""


def separated(entries: Sequence[Entry], setting: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """([rows, rows] whether the second is better than the first, two-sided at 5 %; [rows, rows] whether it was tested).

    Entries best first. Where one has no clusters, the larger mean counts as better.
    """
    level = np.array([entry.values[setting] or 0.0 for entry in entries])
    lead = level[None, :] - level[:, None]
    size = np.array([len(entry.influence) for entry in entries])
    tested = (size[:, None] == size[None, :]) & (size[:, None] > 0)
    better = np.asarray(lead > 0)
    spread = np.array([_seed_variance(entry, setting) for entry in entries])
    for clusters in np.unique(size[size > 0]):
        rows = np.flatnonzero(size == clusters).tolist()
        parts = np.stack([entries[row].influence for row in rows]).astype(np.float64)
        own = (parts**2).sum(axis=1)
        variance = np.maximum(own[:, None] + own[None, :] - 2 * parts @ parts.T, 0)
        variance += spread[rows][:, None] + spread[rows][None, :]
        better[np.ix_(rows, rows)] = lead[np.ix_(rows, rows)] > LEVEL * np.sqrt(variance) + 1e-12
    return better, tested


def _seed_variance(entry: Entry, setting: str) -> float:
    known = [value for run in entry.runs if (value := run.values[setting]) is not None]
    return float(np.var(known) / len(known)) if len(known) > 1 else 0.0


def rows_of(boards: Sequence[Board]) -> list[Row]:
    """Every row once, in the order of the first board, then of the next."""
    keys = dict.fromkeys(key for board in boards for key in board.entries)
    return [Row(key, {board.name: board.entries[key] for board in boards if key in board.entries}) for key in keys]
