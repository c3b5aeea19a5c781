"""Published runs as boards: those of one task, ordered and ranked within each source. Knows published runs; no page.

Values stay hundred-thousandths, as they were published. A mean is over all pairs that mteb has, or has no rank.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from xbench.board.systems import ANY, OTHER, SAME, Setting
from xbench.evaluation.scores import Number
from xbench.published.runs import ABSENT, STEPS, Origin, PublishedRun
from xbench.published.task_facts import Pair, PublishedTask

KNOWN_SOURCES = {"embeddings-benchmark/results": "mteb results"}
TREE = "https://github.com/embeddings-benchmark/results/tree"
COMMIT_DIGITS = 7
COLUMN = {OTHER: "Cr", SAME: "Mo"}
Places: TypeAlias = NDArray[np.intp]
"""[n] columns of a board's pairs"""


@dataclass(frozen=True)
class PublishedRow:
    """A run on its board. `steps`: hundred-thousandths of each of the board's pairs, ABSENT where it has none. `rank`
    within its source, by the board's mean; None where the grid is not whole. `note`: its revision, where another row of
    the source bears the same name."""

    run: PublishedRun
    steps: NDArray[np.int32]
    whole: bool
    rank: int | None = None
    note: str = ""

    @property
    def n(self) -> int:
        """How many pairs it has."""
        return int(np.count_nonzero(self.steps != ABSENT))

    @property
    def parameters(self) -> int | None:
        """As mteb states them."""
        return self.run.facts.n_parameters if self.run.facts else None

    @property
    def address(self) -> str:
        """Where its files are, at the commit that they were read from; "" where that is not known."""
        origin = self.run.origin
        if origin.source not in KNOWN_SOURCES or not origin.commit:
            return ""
        return f"{TREE}/{origin.commit}/results/{quote(self.run.model.replace('/', '__'))}/{quote(self.run.revision)}"

    def mean(self, places: Places) -> Number:
        """Over these pairs; None where it lacks one of them."""
        chosen = self.steps[places]
        if not len(chosen) or (chosen == ABSENT).any():
            return None
        value: float = int(chosen.sum()) / (len(chosen) * STEPS)
        return value


@dataclass(frozen=True)
class SourceRows:
    """The rows of one source: those on the whole grid by the board's mean, then the others by name."""

    origin: Origin
    rows: tuple[PublishedRow, ...]

    @property
    def title(self) -> str:
        """How pages call it."""
        name = KNOWN_SOURCES.get(self.origin.source, self.origin.source)
        return f"{name}, commit {self.origin.commit[:COMMIT_DIGITS]}" if self.origin.commit else name

    @property
    def address(self) -> str:
        """Of all its files, at the commit; "" where that is not known."""
        known = self.origin.source in KNOWN_SOURCES and self.origin.commit
        return f"{TREE}/{self.origin.commit}" if known else ""

    @property
    def ranked(self) -> int:
        """How many rows have a rank."""
        return sum(row.rank is not None for row in self.rows)


@dataclass(frozen=True)
class PublishedBoard:
    """A task with its published runs. `pairs` that some run has; `page`: its own, from the top of the site."""

    task: PublishedTask
    pairs: tuple[Pair, ...]
    sources: tuple[SourceRows, ...]
    page: str

    @property
    def name(self) -> str:
        return self.task.name

    @property
    def title(self) -> str:
        """mteb's name without what its kind adds."""
        short = re.sub(r"(Multilingual|BitextMining|-?[Rr]etrieval)", "", self.task.mteb) or self.task.mteb
        return short.replace("HardNegatives", ", hard negatives")

    @property
    def bitext(self) -> bool:
        """Whether translations of sentences are searched."""
        return self.task.metric == "F1"

    @property
    def ranked(self) -> str:
        """The documents of the mean that it is ranked by."""
        return OTHER if len(self.places((ANY, OTHER))) else SAME

    @property
    def lead(self) -> str:
        """The name of that mean."""
        return COLUMN[self.ranked]

    @property
    def means(self) -> list[str]:
        """Its means, the one that it is ranked by first."""
        return [self.lead, *(name for name in ("Mo",) if name != self.lead and len(self.places((ANY, SAME))))]

    @cached_property
    def queries(self) -> tuple[str, ...]:
        return tuple(sorted({query for query, _ in self.pairs}))

    @cached_property
    def documents(self) -> tuple[str, ...]:
        return tuple(sorted({document for _, document in self.pairs}))

    @cached_property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted({*self.queries, *self.documents}))

    @cached_property
    def sha256(self) -> str:
        """Of everything that is shown of it."""
        seen = hashlib.sha256(self.task.model_dump_json().encode() + repr((self.page, self.pairs)).encode())
        for source in self.sources:
            for row in source.rows:
                run = row.run
                facts = run.facts.model_dump_json() if run.facts else ""
                seen.update(repr((run.origin, run.key, run.versions, facts, row.note)).encode() + row.steps.tobytes())
        return seen.hexdigest()

    @property
    def size(self) -> int:
        """How many rows it has."""
        return sum(len(source.rows) for source in self.sources)

    @cached_property
    def _codes(self) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
        return np.array([query for query, _ in self.pairs]), np.array([document for _, document in self.pairs])

    def places(self, setting: Setting) -> Places:
        """Which pairs a setting is the mean of."""
        query, document = setting
        queries, documents = self._codes
        chosen = np.ones(len(self.pairs), bool) if query == ANY else queries == query
        if document == OTHER or (query == ANY and document not in (SAME, OTHER)):
            chosen &= queries != documents
        if document == SAME:
            chosen &= queries == documents
        elif document != OTHER:
            chosen &= documents == document
        return np.flatnonzero(chosen)


def published_boards(runs: Iterable[PublishedRun], measured: Iterable[str]) -> list[PublishedBoard]:
    """A board for every task, on the task's first split: retrieval before bitext, larger ones first. `measured`: names
    of the boards of runs measured here, whose pages bear these names."""
    taken = frozenset(measured)
    groups: dict[str, list[PublishedRun]] = {}
    for run in runs:
        if run.split == run.task.splits[0]:
            groups.setdefault(run.task.name, []).append(run)
    boards = [_board(some, taken) for some in groups.values()]
    return sorted(boards, key=lambda board: (board.bitext, -board.size * len(board.pairs), board.name))


def _board(runs: Sequence[PublishedRun], taken: frozenset[str]) -> PublishedBoard:
    task = runs[0].task
    pairs = tuple(sorted({pair for known in {run.pairs for run in runs} for pair in known}))
    page = f"{'published' if task.name in taken else 'tasks'}/{task.name}.html"
    bare = PublishedBoard(task, pairs, (), page)
    groups: dict[Origin, list[PublishedRow]] = {}
    steps = _Columns(pairs)
    for run in runs:
        row = PublishedRow(run, steps.of(run), run.complete)
        groups.setdefault(run.origin, []).append(row)
    lead = bare.places((ANY, bare.ranked))
    sources = tuple(SourceRows(origin, _ranked(rows, lead)) for origin, rows in groups.items())
    return PublishedBoard(task, pairs, sources, page)


class _Columns:
    """Runs' values in the order of a board's pairs."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._places = {pair: place for place, pair in enumerate(pairs)}
        self._known: dict[int, Places] = {}

    def of(self, run: PublishedRun) -> NDArray[np.int32]:
        """[pairs] of the run's main score."""
        key = id(run.pairs)  # runs of one file share them
        if key not in self._known:
            self._known[key] = np.array([self._places[pair] for pair in run.pairs], np.intp)
        steps = np.full(len(self._places), ABSENT, np.int32)
        steps[self._known[key]] = np.frombuffer(run.columns[run.metric], np.int32)
        return steps


def _ranked(rows: Sequence[PublishedRow], lead: Places) -> tuple[PublishedRow, ...]:
    """Equal means share a rank."""
    scored = {id(row): row.mean(lead) if row.whole else None for row in rows}
    whole = sorted(
        (row for row in rows if scored[id(row)] is not None), key=lambda row: (-_known(scored, row), _key(row))
    )
    values = [_known(scored, row) for row in whole]
    names = [row.run.model for row in rows]
    ordered = [(row, values.index(value) + 1) for row, value in zip(whole, values, strict=True)]
    rest = sorted((row for row in rows if scored[id(row)] is None), key=_key)
    return tuple(
        PublishedRow(
            row.run, row.steps, row.whole, rank, row.run.revision[:8] if names.count(row.run.model) > 1 else ""
        )
        for row, rank in [*ordered, *((row, None) for row in rest)]
    )


def _known(scored: Mapping[int, Number], row: PublishedRow) -> float:
    return scored[id(row)] or 0.0


def _key(row: PublishedRow) -> tuple[str, str]:
    return row.run.model.lower(), row.run.revision
