"""A table as values: its cells, its rows, and all that its caption must say. Knows no format and no file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xbench.evaluation.statistics import LEVEL, Margin
from xbench.reports.claims import Claim
from xbench.reports.comparison import DISTANCE
from xbench.results.result import Result
from xbench.results.settings import POOL

RANK_DISTANCE = "Rank distance"
COLUMN_HALVES = {"Mo": "mono", "Cr": "cross", "Mul": POOL, RANK_DISTANCE: DISTANCE}
GAP = "Gap"


@dataclass(frozen=True)
class Cell:
    """A mean with its 95 % interval. `p`: of the difference from the baseline, corrected, and `claim`: of the margin
    beside the baseline; None without one."""

    value: float
    low: float
    high: float
    p: float | None
    partial: bool  # over fewer settings than other rows have
    claim: Claim | None = None

    @property
    def differs(self) -> bool:
        """Whether the mean differs from the baseline's at LEVEL."""
        return self.p is not None and self.p < LEVEL


@dataclass(frozen=True)
class TableRow:
    """One configuration. `cells` by column, None where it was not scored; `settings` by name: mean and queries."""

    model: str
    recipe: str
    corpus: str | None
    digest: str
    seeds: tuple[int, ...]
    chance: bool
    cells: Mapping[str, Cell | None]
    settings: Mapping[str, tuple[float, int]]

    @property
    def key(self) -> str:
        """Its name, as --baseline names it."""
        return row_key(self.model, self.recipe, self.corpus)


@dataclass(frozen=True)
class TableValues:
    """Rows in the order of the files, and all that a caption must say. `differences`: cells are less the baseline's."""

    result: Result  # any of them: task, languages and counts are the same in all
    metric: str
    rows: tuple[TableRow, ...]
    seeds: tuple[int, ...]  # of all rows, and of the baseline where it is none
    baseline: str | None
    tests: int
    clusters: int
    notes: tuple[str, ...]
    differences: bool = False
    margin: Margin | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings of the numbers."""
        return (*COLUMN_HALVES, GAP)


def row_key(model: str, recipe: str, corpus: str | None) -> str:
    """A row's name: model/recipe/corpus."""
    return "/".join(part for part in (model, recipe, corpus) if part)
