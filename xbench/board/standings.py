"""Runs into boards, rows and ranks: seeds of one configuration are a row, a row has a cell per board. Knows no page.

A board holds what can be compared: one task, its data, primary metric, settings and version of the scores. Runs on a
part of a board's languages stand in it as incomplete, without a rank; other data are another board.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from xbench.board.influence import Influence
from xbench.board.pages import slug
from xbench.board.ranks import NO_EVIDENCE, RANKED_MEANS, Evidence, Rank, evidence_of, gap_parts, rank_ranges
from xbench.board.summaries import WITHOUT_OWN, RunSummary, mean
from xbench.evaluation.scores import Number
from xbench.results.record import VerdictName
from xbench.results.settings import ONE_SCRIPT, TWO_SCRIPTS

BIAS = ("distance", "normalised", "gap", "cost", "own share", "own ideal")
COLUMNS = ("Mo", "Cr", ONE_SCRIPT, TWO_SCRIPTS, "Mul", WITHOUT_OWN, "nDCG@10", *BIAS)


@dataclass(frozen=True)
class Standing:
    """A row's part on one board: runs that differ in their seed only. `evidence` by ranked mean, and of their gap, of
    those that can be tested. `note`: what tells the row from another of its name, where there is one."""

    runs: tuple[RunSummary, ...]
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    note: str = ""

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
        """Half of the 95 % interval over clusters of questions and seeds, the test's; None where it is not known."""
        return self.evidence.get(column, NO_EVIDENCE).half

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
class Board:
    """One task's standings by row key, best first by the default mean; the reference run says what a complete row has.

    `data`: what tells the board from others of its task, where there are some. `ranks` by mean and row key.
    """

    name: str
    reference: RunSummary
    standings: dict[str, Standing]
    incomplete: frozenset[str]
    ranks: dict[str, dict[str, Rank]] = field(default_factory=dict)
    data: str = ""

    @cached_property
    def means(self) -> tuple[str, ...]:
        """What its rows may be ranked by, the default first."""
        rows = [standing.values for key, standing in self.standings.items() if key not in self.incomplete]
        return tuple(name for name in RANKED_MEANS if any(row[name] is not None for row in rows)) or ("Mo",)

    @property
    def setting(self) -> str:
        """The mean that rows are ranked by unless the reader chooses another."""
        return self.means[0]

    def rank(self, key: str) -> Rank:
        """A row's rank by the default mean."""
        return self.ranks[self.setting][key]

    def order(self, setting: str) -> list[str]:
        """Row keys by a mean, best first; those that are incomplete last."""
        return sorted(self.standings, key=lambda key: self._place(key, setting))

    def _place(self, key: str, setting: str) -> tuple[bool, list[float], str]:
        standing = self.standings[key]
        values = [standing.values[name] for name in (setting, *RANKED_MEANS)]
        return key in self.incomplete, [float("inf") if value is None else -value for value in values], standing.page

    @property
    def languages(self) -> list[str]:
        return self.reference.every_language

    @property
    def main(self) -> bool:
        """Whether this is the task's first board: papers speak of it."""
        return self.name == slug(self.reference.task)

    @property
    def title(self) -> str:
        return self.reference.title + (f", {self.data}" if self.data else "")


@dataclass(frozen=True)
class BoardRow:
    """A configuration: its standing on each board, by board name."""

    key: str
    standings: dict[str, Standing]

    @property
    def first(self) -> RunSummary:
        return next(iter(self.standings.values())).first


def boards_of(runs: Sequence[RunSummary], influence: Mapping[str, Mapping[str, Influence]]) -> list[Board]:
    """Boards, those with the most rows, pairs and texts first; `influence` by page and mean."""
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
        _told_apart(boards),
        key=lambda board: (
            -len(board.standings),
            -len(board.reference.pairs),
            -sum(board.reference.documents.values()),
            board.name,
        ),
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
    influence: Mapping[str, Mapping[str, Influence]],
) -> Board:
    grouped: dict[str, list[RunSummary]] = {}
    digests: dict[str, list[str]] = {}
    for run in sorted([*complete, *partial], key=lambda run: (run.model, run.recipe, run.corpus, run.digest, run.seed)):
        known = digests.setdefault(run.configuration, [])
        if run.digest not in known:
            known.append(run.digest)
        grouped.setdefault(f"{run.configuration}-{known.index(run.digest)}", []).append(run)
    standings = {key: _standing(part, influence) for key, part in grouped.items()}
    whole = {run.page for run in complete}
    incomplete = frozenset(key for key, standing in standings.items() if standing.page not in whole)
    draft = Board(name, complete[0], standings, incomplete)
    ordered = {key: standings[key] for key in draft.order(draft.setting)}
    return replace(draft, standings=ordered, ranks={setting: _ranks(draft, setting) for setting in draft.means})


def _standing(runs: Sequence[RunSummary], influence: Mapping[str, Mapping[str, Influence]]) -> Standing:
    parts = [gap_parts(influence.get(run.page, {})) for run in runs]
    evidence = {}
    for name in (*RANKED_MEANS, "gap"):
        known = [value for run in runs if (value := run.values.get(name)) is not None]
        if len(known) == len(runs):
            evidence[name] = evidence_of(known, [part[name] for part in parts if name in part])
    return Standing(tuple(runs), evidence)


def _ranks(board: Board, setting: str) -> dict[str, Rank]:
    """By row key, in the order of the mean."""
    ranks = {key: Rank(None, why=_unranked(board, key, setting)) for key in board.order(setting)}
    ranked = {key: board.standings[key] for key, rank in ranks.items() if not rank.why}
    values = [standing.values[setting] or 0.0 for standing in ranked.values()]
    found = rank_ranges(values, [standing.evidence.get(setting, NO_EVIDENCE) for standing in ranked.values()])
    return ranks | dict(zip(ranked, found, strict=True))


def _unranked(board: Board, key: str, setting: str) -> str:
    standing = board.standings[key]
    if key in board.incomplete:
        return f"incomplete: {len(standing.first.pairs)} of {len(board.reference.pairs)} pairs"
    if standing.first.chance:
        return "chance"
    if standing.verdict == "contaminated":
        return "contaminated"
    return "no score" if standing.values[setting] is None else ""


def _told_apart(boards: Sequence[Board]) -> Iterator[Board]:
    """Boards of one task that has several say which data they hold, and since when there is one; the newest result's
    date, for those are what corrected data are scored in."""
    parts = {board.name: _data_of(board) for board in boards}
    for board in boards:
        same = [other for other in boards if other.reference.task == board.reference.task]
        alike = sum(parts[other.name] == parts[board.name] for other in same) > 1
        words = parts[board.name] + (f", settings {board.reference.variant[:6]}" if alike else "")
        yield replace(board, data=words) if len(same) > 1 else board


def _data_of(board: Board) -> str:
    filed = max(run.filed for standing in board.standings.values() for run in standing.runs)
    return f"data {board.reference.data[:6] or 'unknown'} " + (f"of {filed}" if filed else "without a date")


def rows_of(boards: Sequence[Board], setting: str = "") -> list[BoardRow]:
    """Every row once, in the order of the first board, then of the next: by `setting` on those that have it."""
    orders = [board.order(setting) if setting in board.means else board.standings for board in boards]
    keys = dict.fromkeys(key for order in orders for key in order)
    return [
        BoardRow(key, {board.name: board.standings[key] for board in boards if key in board.standings}) for key in keys
    ]
